// The widget: a button, and behind it the conversation. It lives in a tree of its own (shadow DOM), so that the page's
// styles do not reach it, and writes nothing into the browser before the first message leaves.
import { CSS } from "./style.js"
import { el, filled, icon, inkOn, mark, moment, prose } from "./parts.js"
import { Keeper, Talk } from "./talk.js"

const TALL = 132

class Widget {
  constructor(script, base, key) {
    const said = script?.dataset ?? {}
    this.said = said
    this.base = base
    this.key = key
    this.language = said.lang || document.documentElement.lang || navigator.language || "en"
    this.keeper = new Keeper(key, said.keep)
    const introduction = { user: said.user || "", until: said.until || "", signature: said.signature || "", tracker: tracked() }
    this.talk = new Talk(base, key, this.language, introduction, this.keeper)
    this.shown = new Map()
    this.unread = 0
    this.chosen = []
    this.sound = this.keeper.read().sound === true
  }

  async start() {
    try {
      this.hello = await this.talk.hello()
    } catch {
      return // Switched off, not for this site, or no connection: the page goes on without it.
    }
    this.t = this.hello.texts
    this.locale = [this.language, ...navigator.languages].find((one) => one.startsWith(`${this.hello.language}-`)) ?? this.hello.language
    this.build()
    this.listen()
    this.state(this.hello.state)
    if (this.talk.token) this.talk.listen()
    if (this.said.open === "yes") this.open(false)
  }

  say(name, values = {}) { return filled(this.t[name] ?? "", { company: this.hello.company, ...values }) }

  // ---------------------------------------------------------------- what is there
  build() {
    this.host = el("div", { dir: document.documentElement.dir || getComputedStyle(document.documentElement).direction, lang: this.hello.language, "data-theme": this.said.theme })
    const root = this.host.attachShadow({ mode: "open" })
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(CSS)
    root.adoptedStyleSheets = [sheet]
    const colour = this.said.accent || this.hello.accent
    if (/^#[0-9a-f]{6}$/i.test(colour)) {
      this.host.style.setProperty("--accent", colour)
      this.host.style.setProperty("--on-accent", inkOn(colour))
    }
    this.count = el("span", { class: "count", hidden: true })
    this.launch = el("button", { class: "launch", type: "button", "aria-expanded": "false", "aria-controls": "panel", "aria-label": this.say("open"), onclick: () => (this.isOpen ? this.close() : this.open()) }, mark(), icon("close"), this.count)
    this.live = el("p", { class: "hid", role: "status" })
    this.panel = el("section", { class: "panel", id: "panel", role: "dialog", "aria-label": this.say("dialog"), hidden: true, onkeydown: (event) => this.keys(event) },
      this.head(), this.next(), this.body(), this.asking(), this.note = el("p", { class: "note", role: "status", hidden: true }), this.writing())
    root.append(this.panel, this.launch, this.live)
    document.body.append(this.host)
  }

  head() {
    this.face = el("span", { class: "face", "aria-hidden": "true" }, mark())
    this.who = el("b", {}, this.hello.company)
    this.dot = el("i", { class: "dot" })
    this.here = el("span")
    this.bell = el("button", { class: "tool", type: "button", onclick: () => this.turnSound() })
    this.showBell()
    return el("header", {}, this.face, el("div", {}, this.who, el("small", {}, this.dot, this.here)), this.bell,
      el("button", { class: "tool", type: "button", "aria-label": this.say("close"), onclick: () => this.close() }, icon("close")))
  }

  next() {
    this.by = el("p", { class: "by" })
    this.ball = el("p")
    this.stay = el("p", { class: "soft" }, this.say("stay"))
    return (this.nextBox = el("div", { class: "next" }, el("h2", {}, this.say("next")), this.by, this.ball, this.stay))
  }

  body() {
    this.list = el("ol", { class: "talk", role: "log", tabindex: "0", "aria-label": this.say("messages"), "aria-live": "polite", "aria-relevant": "additions" })
    if (this.hello.greeting) this.list.append(el("li", { class: "us" }, el("div", { class: "bubble", dir: "auto" }, ...prose(this.hello.greeting))))
    this.dots = el("li", { class: "us", hidden: true }, el("div", { class: "bubble dots", "aria-hidden": "true" }, el("i"), el("i"), el("i")))
    this.list.append(this.dots)
    return this.list
  }

  asking() {
    this.wrong = el("p", { class: "wrong", role: "alert", hidden: true })
    this.inputs = this.hello.fields.map((field) => this.question(field))
    return (this.ask = el("form", { class: "ask", novalidate: true, hidden: true, onsubmit: (event) => this.answered(event) }, el("h2", {}, this.say("before")),
      ...this.inputs.map(({ label }) => label), this.wrong, el("button", { class: "primary" }, this.say("start"))))
  }

  question(field) {
    const values = { name: field.name, required: field.required, autocomplete: { email: "email", name: "name" }[field.name] || "off" }
    const input = field.choices?.length ? el("select", values, el("option", { value: "" }), ...field.choices.map((one) => el("option", {}, one)))
      : el("input", { ...values, type: field.kind === "email" ? "email" : "text", maxlength: 300 })
    const words = field.label || field.name
    return { field, input, words, label: el("label", {}, el("span", {}, words, field.required ? "" : ` (${this.say("optional")})`), input) }
  }

  writing() {
    this.text = el("textarea", { rows: "1", "aria-label": this.say("write"), placeholder: this.say("write"), maxlength: this.hello.limits.text, enterkeyhint: "send",
      oninput: () => { this.grow(); this.talk.typing(Boolean(this.text.value.trim())) }, onkeydown: (event) => this.enter(event), onblur: () => this.talk.typing(false),
      onpaste: (event) => this.choose(event.clipboardData.files) })
    this.picker = el("input", { type: "file", multiple: true, hidden: true, tabindex: "-1", onchange: () => { this.choose(this.picker.files); this.picker.value = "" } })
    this.tray = el("div", { class: "chosen", hidden: true })
    this.button = el("button", { class: "send", "aria-label": this.say("send"), "aria-disabled": "true" }, icon("send"))
    const act = (name, method, path) => el("button", { type: "button", hidden: true, onclick: () => this.act(method, path, name) }, this.say(name))
    this.solved = act("solved", "POST", "resolution")
    this.notSolved = act("not_solved", "DELETE", "resolution")
    this.person = act("person", "POST", "person")
    return (this.write = el("form", { class: "write", onsubmit: (event) => this.send(event), ondragover: (event) => event.preventDefault(), ondrop: (event) => { event.preventDefault(); this.choose(event.dataTransfer.files) } },
      this.tray, el("div", { class: "box" }, this.text, this.picker,
        el("button", { class: "tool", type: "button", "aria-label": this.say("attach"), onclick: () => this.picker.click() }, icon("clip")), this.button),
      el("div", { class: "acts" }, this.person, this.solved, this.notSolved)))
  }

  // ---------------------------------------------------------------- what happens
  listen() {
    const on = (name, act) => this.talk.addEventListener(name, ({ detail }) => act(detail))
    on("message", (message) => this.show(message))
    for (const name of ["sent", "unsent", "refused"]) on(name, (message) => this.mark(message))
    on("state", (state) => this.state(state))
    on("typing", ({ name }) => this.typing(name))
    on("connection", (how) => this.connection(how))
    on("forgotten", () => { for (const [key, one] of this.shown) if (!key.startsWith("own")) { one.li.remove(); this.shown.delete(key) } })
    document.addEventListener("visibilitychange", () => this.seen())
    addEventListener("beforeunload", (event) => { if (this.talk.queue.length) event.preventDefault() })
  }

  async open(focus = true) {
    this.isOpen = true
    this.panel.hidden = false
    this.host.toggleAttribute("data-open", true)
    this.launch.setAttribute("aria-expanded", "true")
    this.setUnread(0)
    this.askFirst()
    if (focus) (this.ask.hidden ? this.text : this.inputs[0].input).focus()
    if (!this.loaded) {
      this.loaded = true
      try {
        if (this.said.user && this.said.signature) await this.talk.meet()
        if (this.talk.token) await this.talk.history()
      } catch (error) {
        this.loaded = false
        if (error.status === 401) this.talk.forget()
        else if (error.final) this.tellNote(error.message)
      }
    }
    this.toEnd()
    this.seen()
  }

  close() {
    this.isOpen = false
    this.panel.hidden = true
    this.host.toggleAttribute("data-open", false)
    this.launch.setAttribute("aria-expanded", "false")
    this.launch.focus()
  }

  // Esc closes; Tab goes round inside, as in any dialog.
  keys(event) {
    if (event.key === "Escape") { event.stopPropagation(); this.close(); return }
    if (event.key !== "Tab") return
    const places = [...this.panel.querySelectorAll("button, textarea, select, a[href], input:not([type=file]), [tabindex='0']")].filter((one) => one.checkVisibility())
    const at = this.host.shadowRoot.activeElement
    if (event.shiftKey && at === places[0]) { event.preventDefault(); places.at(-1).focus() }
    else if (!event.shiftKey && at === places.at(-1)) { event.preventDefault(); places[0].focus() }
  }

  enter(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) this.send(event)
  }

  askFirst() {
    const needed = this.inputs.length && !this.talk.token && !this.talk.answers && !(this.said.user && this.said.signature)
    this.ask.hidden = !needed
    this.list.hidden = this.write.hidden = Boolean(needed)
  }

  answered(event) {
    event.preventDefault()
    this.wrong.hidden = true
    for (const { field, input, words } of this.inputs) {
      const bad = (field.required && !input.value.trim()) || !input.checkValidity()
      input.setAttribute("aria-invalid", String(bad))
      if (bad) {
        this.wrong.textContent = this.say("needed", { label: words })
        this.wrong.hidden = false
        return input.focus()
      }
    }
    this.talk.answers = Object.fromEntries(this.inputs.map(({ field, input }) => [field.name, input.value.trim()]))
    this.askFirst()
    this.text.focus()
  }

  send(event) {
    event.preventDefault()
    const text = this.text.value.trim()
    if (!text && !this.chosen.length) return
    if (text.length > this.hello.limits.text) return this.tellNote(this.say("too_long", { count: this.hello.limits.text }))
    this.tellNote("")
    this.talk.say(text, this.chosen)
    this.chosen = []
    this.text.value = ""
    this.grow()
    this.showChosen()
    this.text.focus()
  }

  async act(method, path, name) {
    try {
      await this.talk.act(method, path)
      this.live.textContent = this.say({ solved: "was_solved", not_solved: "was_opened", person: "person_comes" }[name])
      this.text.focus()
    } catch (error) {
      this.tellNote(error.message && error.status ? error.message : this.say("offline"))
    }
  }

  choose(files) {
    for (const file of files) {
      if (file.size > this.hello.limits.file) this.tellNote(this.say("too_large", { name: file.name, size: this.hello.limits.file >> 20 }))
      else if (this.chosen.length >= this.hello.limits.files) this.tellNote(this.say("too_many", { count: this.hello.limits.files }))
      else this.chosen = [...this.chosen, file]
    }
    this.showChosen()
  }

  // ---------------------------------------------------------------- what is shown
  show(message) {
    const name = message.key ? `own ${message.key}` : `id ${message.id}`
    const known = this.shown.get(name)
    const atEnd = this.list.scrollTop + this.list.clientHeight > this.list.scrollHeight - 60
    if (known) {
      Object.assign(known.message, message, { status: "sent" })
      return this.mark(known.message)
    }
    const bubble = el("div", { class: "bubble", dir: "auto" }, ...(message.text ? prose(message.text) : []))
    if (message.files.length) bubble.append(el("div", { class: "files" }, ...message.files.map((file) => this.file(file))))
    const whose = message.from === "you" ? "you" : "us"
    const speaker = message.from === "you" ? this.say("you") : message.from === "bot" ? this.say("bot") : message.name || this.say("us")
    const small = el("small")
    const li = el("li", { class: whose }, el("span", { class: "hid" }, `${speaker}: `), bubble, small)
    this.shown.set(name, { message, li, small })
    const after = message.id ? [...this.shown.values()].filter((one) => one.message.id && one.message.id < message.id).at(-1) : null
    if (after && after.li.nextSibling !== this.dots) after.li.after(li)
    else this.dots.before(li)
    this.mark(message)
    if (whose === "us") { this.typing(""); this.arrived(message, speaker) }
    if (atEnd || whose === "you") this.toEnd()
    this.seen()
  }

  file(file) {
    const inside = [icon("file"), el("span", {}, file.name)]
    const href = file.part && `${this.base}/chat/${this.key}/files/${encodeURIComponent(file.part)}`
    return href ? el("a", { href, target: "_blank", rel: "noopener noreferrer", download: file.name }, ...inside) : el("span", {}, ...inside)
  }

  mark(message) {
    const one = this.shown.get(message.key ? `own ${message.key}` : `id ${message.id}`)
    if (!one) return
    const { small, li } = one
    li.classList.toggle("pending", ["sending", "unsent"].includes(message.status))
    small.classList.toggle("trouble", message.status === "refused")
    const where = { email: this.say("by_email"), form: this.say("by_form") }[message.channel]
    const time = [moment(message.time, this.locale), where].filter(Boolean).join(", ")
    if (message.status === "refused") {
      small.replaceChildren(this.say("refused", { why: message.why }), " ", el("button", { class: "again", type: "button", onclick: () => { this.talk.again(message); this.mark(message) } }, this.say("again")))
    } else if (message.status === "unsent") small.textContent = this.say("unsent")
    else if (message.status === "sending") small.textContent = this.say("sending")
    else if (message.from === "you") small.textContent = `${time}, ${this.say(message.id && message.id <= (this.readThrough || 0) ? "read" : "sent")}`
    else small.textContent = [message.name, time].filter(Boolean).join(", ")
  }

  arrived(message, speaker) {
    const old = Date.now() - new Date(message.time) > 60_000
    if (this.isOpen && !document.hidden) return
    if (message.id <= (this.keeper.read().seen || 0)) return
    this.setUnread(this.unread + 1)
    if (!old) {
      this.live.textContent = `${speaker}: ${message.text.slice(0, 200)}`
      if (this.sound) this.ring()
    }
  }

  setUnread(count) {
    this.unread = count
    this.count.hidden = !count
    this.count.textContent = String(count)
    this.launch.setAttribute("aria-label", count ? `${this.say("open")}, ${this.say("unread", { count })}` : this.say("open"))
  }

  // What is before their eyes is read.
  seen() {
    const last = Math.max(0, ...[...this.shown.values()].filter((one) => one.message.from !== "you").map((one) => one.message.id))
    if (!this.isOpen || document.hidden || last <= (this.told || 0)) return
    this.told = last
    this.keeper.write({ seen: last })
    this.talk.read(last)
  }

  state(state) {
    this.now = state
    const { by, late, ball, agent, open, opens, bot } = state
    const time = (iso) => moment(iso, this.locale)
    this.who.textContent = agent ? `${agent.name} · ${this.hello.company}` : this.hello.company
    this.face.replaceChildren(agent ? agent.name.slice(0, 2).toUpperCase() : mark())
    this.dot.classList.toggle("here", open === true)
    this.here.textContent = open === true ? this.say("here") : open === false ? (opens ? this.say("closed", { time: time(opens) }) : this.say("closed_now")) : ""
    this.here.parentElement.hidden = !this.here.textContent
    const began = Boolean(state.conversation)
    const promise = late ? "answer_late" : by ? (began ? "answer_by" : "if_now") : began && ball === "us" && state.waits ? "answer_soon" : ""
    this.by.replaceChildren(...(promise ? [icon(late ? "late" : "clock"), el("span", {}, this.say(promise, { time: by && time(by) }))] : []))
    this.by.className = late ? "by late" : "by"
    this.by.hidden = !promise
    const words = state.asks ? "asked" : { us: "ball_us", you: "ball_you", done: "ball_done" }[ball]
    this.ball.replaceChildren(...(words ? [icon("check"), el("span", {}, this.say(words))] : []))
    this.ball.hidden = !words
    this.stay.hidden = !(began && ball === "us" && state.waits)
    this.nextBox.hidden = !promise && !words
    this.solved.hidden = !began || (ball === "done" && !state.asks)
    this.notSolved.hidden = !began || (ball === "us" && state.waits)
    this.person.hidden = !bot
    if (agent) this.text.placeholder = this.say("write_to", { name: agent.name })
    if (state.read > (this.readThrough || 0)) {
      this.readThrough = state.read
      for (const one of this.shown.values()) this.mark(one.message)
    }
  }

  typing(name) {
    const atEnd = this.list.scrollTop + this.list.clientHeight > this.list.scrollHeight - 60
    this.dots.hidden = !name
    this.live.textContent = name ? this.say("typing", { name }) : ""
    if (name && atEnd) this.toEnd()
  }

  connection(how) {
    if (how === "back") {
      if (this.noted) this.tellNote(this.say("back"), true)
      this.noted = false
      setTimeout(() => { if (!this.noted) this.tellNote("") }, 4000)
    } else {
      this.noted = true
      this.tellNote(this.say(how))
    }
  }

  tellNote(text, good = false) {
    this.note.textContent = text
    this.note.hidden = !text
    this.note.classList.toggle("good", good)
  }

  showChosen() {
    this.tray.hidden = !this.chosen.length
    this.tray.replaceChildren(...this.chosen.map((file) => el("span", {}, el("b", {}, file.name),
      el("button", { type: "button", "aria-label": this.say("remove", { name: file.name }), onclick: () => { this.chosen = this.chosen.filter((one) => one !== file); this.showChosen(); this.text.focus() } }, icon("close")))))
    this.grow()
  }

  grow() {
    this.text.style.height = "auto"
    this.text.style.height = `${Math.min(TALL, Math.max(36, this.text.scrollHeight))}px`
    this.button.setAttribute("aria-disabled", String(!this.text.value.trim() && !this.chosen.length))
  }

  toEnd() { this.list.scrollTop = this.list.scrollHeight }

  // ---------------------------------------------------------------- sound, off until somebody turns it on
  turnSound() {
    this.sound = !this.sound
    if (this.talk.token) this.keeper.write({ sound: this.sound })
    this.showBell()
    if (this.sound) this.ring()
  }

  showBell() {
    this.bell.replaceChildren(icon(this.sound ? "sound" : "mute"))
    this.bell.setAttribute("aria-label", this.say(this.sound ? "sound_off" : "sound_on"))
    this.bell.setAttribute("aria-pressed", String(this.sound))
  }

  ring() {
    this.audio ??= new AudioContext()
    const tone = this.audio.createOscillator(), gain = this.audio.createGain()
    gain.gain.setValueAtTime(0.08, this.audio.currentTime)
    gain.gain.exponentialRampToValueAtTime(0.0001, this.audio.currentTime + 0.4)
    tone.frequency.value = 660
    tone.connect(gain).connect(this.audio.destination)
    tone.start()
    tone.stop(this.audio.currentTime + 0.4)
  }
}

// The id that the company's own tracker gave this browser, so that the desk sees the journey beside the chat.
const tracked = () => {
  try { return String(window.beforehand?.anonymousId?.() ?? window.analytics?.user?.()?.anonymousId?.() ?? "") } catch { return "" }
}

export const start = (script, base, key) => {
  const widget = new Widget(script, base, key)
  const begin = () => widget.start()
  if (document.body) begin()
  else addEventListener("DOMContentLoaded", begin)
  window.beforehandChat = { open: () => widget.open(), close: () => widget.close(), forget: () => widget.talk.forget() }
  return widget
}
