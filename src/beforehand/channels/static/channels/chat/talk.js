// What the widget says to the server and hears from it. Nothing here knows the page.
// Messages wait in memory until the server has them; each has a key of its own, so that sending again counts once.

const HEARTBEAT = 45_000
const LONGEST_WAIT = 30_000
const TYPING_EVERY = 3_000

const wait = (ms) => new Promise((done) => setTimeout(done, ms))
const later = (tries) => Math.min(LONGEST_WAIT, 1000 * 2 ** Math.min(tries, 5)) * (0.7 + Math.random() * 0.6)

export const newKey = () =>
  crypto.randomUUID?.() ?? [...crypto.getRandomValues(new Uint8Array(16))].map((n) => n.toString(16).padStart(2, "0")).join("")

// An answer of the server that is a refusal: `code` for programs, `message` for people.
export class Refusal extends Error {
  constructor(status, { code, message }, seconds) {
    super(message)
    Object.assign(this, { status, code, seconds })
  }
  get final() { return this.status >= 400 && this.status < 500 && this.status !== 429 && this.status !== 408 }
}

// The token, kept only after the first message left, and only where the page allows it.
export class Keeper {
  constructor(key, keep) {
    this.name = `beforehand-chat:${key}`
    this.store = keep === "none" ? null : keep === "session" ? "sessionStorage" : "localStorage"
  }
  read() {
    try { return JSON.parse((this.store && window[this.store].getItem(this.name)) || "{}") } catch { return {} }
  }
  write(values) {
    try { if (this.store) window[this.store].setItem(this.name, JSON.stringify({ ...this.read(), ...values })) } catch { /* full, or not allowed */ }
  }
  forget() {
    try { if (this.store) window[this.store].removeItem(this.name) } catch { /* not allowed */ }
  }
}

export class Talk extends EventTarget {
  constructor(base, key, language, introduction, keeper) {
    super()
    Object.assign(this, { language, introduction, keeper, queue: [], last: 0, tries: 0, flushing: false, typed: 0 })
    this.address = `${base}/chat/${encodeURIComponent(key)}/`
    this.token = keeper.read().token || ""
    addEventListener("online", () => { this.wakeUp?.(); this.flush() })
    addEventListener("offline", () => this.tell("connection", "offline"))
  }

  tell(name, detail) { this.dispatchEvent(new CustomEvent(name, { detail })) }

  async ask(method, path, body, patience = 20_000) {
    const headers = this.token ? { Authorization: `Bearer ${this.token}` } : {}
    const isForm = body instanceof FormData
    if (body !== undefined && !isForm) headers["Content-Type"] = "application/json"
    const answer = await fetch(`${this.address}${path}${path.includes("?") ? "&" : "?"}lang=${encodeURIComponent(this.language)}`, {
      method, headers, body: isForm ? body : body && JSON.stringify(body), credentials: "omit", cache: "no-store",
      keepalive: !isForm && method === "POST", signal: AbortSignal.timeout(patience), referrerPolicy: "no-referrer",
    })
    const found = answer.status === 204 ? {} : await answer.json().catch(() => ({}))
    if (!answer.ok) throw new Refusal(answer.status, found, Number(answer.headers.get("Retry-After")) || 0)
    return found
  }

  hello() { return this.ask("GET", "hello") }

  // Get a token: at the first message, or at once for somebody whom the page signs.
  async meet(answers = {}) {
    if (this.token) return
    const { token, signed } = await this.ask("POST", "visitors", { ...this.introduction, answers })
    this.token = token
    this.signed = signed
    this.keeper.write({ token })
    this.listen()
  }

  async history() {
    const { messages, state } = await this.ask("GET", "messages")
    for (const one of messages) this.heard(one)
    this.tell("state", state)
  }

  say(text, files = []) {
    const message = { key: newKey(), from: "you", text, files, time: new Date().toISOString(), status: "sending", tries: 0 }
    this.queue.push(message)
    this.tell("message", message)
    this.flush()
    return message
  }

  again(message) {
    Object.assign(message, { status: "sending", tries: 0 })
    if (!this.queue.includes(message)) this.queue.push(message)
    this.flush()
  }

  // One after the other, so that they arrive in order.
  async flush() {
    if (this.flushing) return
    this.flushing = true
    while (this.queue.length) {
      const message = this.queue[0]
      try {
        await this.meet(this.answers)
        message.handles ??= []
        for (const file of message.files.slice(message.handles.length)) message.handles.push(await this.upload(file))
        const slow = setTimeout(() => this.tell("connection", "slow"), 8000)
        const body = { key: message.key, text: message.text, files: message.handles, page: location.href.slice(0, 500), title: document.title.slice(0, 200) }
        const got = await this.ask("POST", "messages", body).finally(() => clearTimeout(slow))
        this.queue.shift()
        this.connected()
        if (got.message) this.heard(got.message)
        else this.tell("sent", message)
      } catch (error) {
        if (error instanceof Refusal && error.code === "unknown_visitor") {
          this.forget()
          message.handles = undefined
          continue
        }
        if (error instanceof Refusal && error.final) {
          this.queue.shift()
          Object.assign(message, { status: "refused", why: error.message })
          this.tell("refused", message)
          if (error.code === "unknown_file") message.handles = undefined
          continue
        }
        Object.assign(message, { status: "unsent", tries: message.tries + 1 })
        this.tell("unsent", message)
        this.tell("connection", navigator.onLine ? "slow" : "offline")
        await Promise.race([wait(error.seconds ? error.seconds * 1000 : later(message.tries)), new Promise((wake) => { this.wakeFlush = wake })])
      }
    }
    this.flushing = false
  }

  async upload(file) {
    const form = new FormData()
    form.append("file", file, file.name)
    return (await this.ask("POST", "files", form, 120_000)).file
  }

  heard(message) {
    this.last = Math.max(this.last, message.id)
    this.tell("message", message)
  }

  typing(on) {
    const now = Date.now()
    if (!this.token || (on && now - this.typed < TYPING_EVERY)) return
    this.typed = on ? now : 0
    this.ask("POST", "typing", { typing: on }).catch(() => {})
  }

  read(through) { if (this.token) this.ask("POST", "reading", { through }).catch(() => {}) }

  async act(method, path) {
    const { state } = await this.ask(method, path, {})
    this.tell("state", state)
  }

  forget() {
    this.token = ""
    this.last = 0
    this.keeper.forget()
    this.hearing?.abort()
    this.hearing = null
    this.tell("forgotten")
  }

  connected() {
    if (this.tries || this.troubled) this.tell("connection", "back")
    this.tries = 0
    this.troubled = false
    this.wakeFlush?.()
  }

  // The stream, over fetch: EventSource cannot send the token in a header, and addresses are kept in logs.
  async listen() {
    if (this.hearing || !this.token) return
    const hearing = this.hearing = new AbortController()
    while (this.hearing === hearing && !hearing.signal.aborted) {
      try {
        await this.hear(hearing)
      } catch (error) {
        if (error instanceof Refusal && error.status === 401) return this.forget()
        if (error instanceof Refusal && error.status === 403) { this.hearing = null; return }
      }
      if (hearing.signal.aborted) return
      this.tries += 1
      if (this.tries > 1) { this.troubled = true; this.tell("connection", navigator.onLine ? "slow" : "offline") }
      await Promise.race([wait(later(this.tries)), new Promise((wake) => { this.wakeUp = wake })])
    }
  }

  async hear(hearing) {
    const one = new AbortController()
    const end = () => one.abort()
    hearing.signal.addEventListener("abort", end)
    let alarm = setTimeout(end, HEARTBEAT)
    try {
      const headers = { Authorization: `Bearer ${this.token}` }
      if (this.last) headers["Last-Event-ID"] = String(this.last)
      const answer = await fetch(`${this.address}stream`, { headers, credentials: "omit", cache: "no-store", signal: one.signal, referrerPolicy: "no-referrer" })
      if (!answer.ok) throw new Refusal(answer.status, await answer.json().catch(() => ({})))
      this.connected()
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader()
      for (let rest = ""; ;) {
        const { done, value } = await reader.read()
        if (done) return
        clearTimeout(alarm)
        alarm = setTimeout(end, HEARTBEAT)
        const parts = (rest + value).split("\n\n")
        rest = parts.pop()
        for (const part of parts) this.event(part)
      }
    } finally {
      clearTimeout(alarm)
      one.abort()
    }
  }

  event(part) {
    const name = part.match(/^event: (.*)$/m)?.[1]
    const data = part.match(/^data: (.*)$/m)?.[1]
    if (!name || !data) return
    const found = JSON.parse(data)
    if (name === "message") this.heard(found)
    else this.tell(name, found)
  }
}
