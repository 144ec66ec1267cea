// The composer: answer, note or question to somebody else; drafts that the server keeps; a send that can be taken back.
import { play } from "./act.js"
import { pick } from "./chooser.js"
import { present } from "./live.js"
import { $, ask, desk, later, say, tell, toast } from "./page.js"
import * as queue from "./queue.js"
import { recipients } from "./recipients.js"
import { suggestions } from "./suggest.js"

const form = () => $("#composer")
const text = () => $("#text")
const local = (id, mode) => `desk-draft-${id}-${mode}`
let texts = {}
let mode = "reply"
let dirty = false
let lastSign = 0

export const typing = () => lastSign > 0

export const into = (wanted) => {
  const radio = $(`input[name=mode][value=${wanted}]`, form())
  if (!radio) return
  radio.checked = true
  change(wanted)
  if (matchMedia("(max-width: 760px)").matches) form().scrollIntoView({ block: "end" })
  text().focus()
}

const change = (wanted) => {
  if (wanted === mode) return
  if (dirty) keep()
  texts[mode] = text().value
  mode = wanted
  text().value = texts[mode] ?? ""
  dress()
  showFiles(ask(`${form().dataset.files}?mode=${mode}`, { part: true }))
}

const dress = () => {
  form().classList.toggle("is-note", mode === "note")
  form().classList.toggle("is-forward", mode === "forward")
  const where = { reply: "Reply", note: "Note", forward: "Forward" }[mode]
  text().placeholder = text().dataset[`empty${where}`]
  if (mode === "forward" && $("#recipients")) { $("#recipients").hidden = false; $("input[name=to]", form()).value = "" }
  if (mode === "reply" && $("input[name=to]", form())) { $("input[name=to]", form()).value ||= form().dataset.to; recipients.show() }
  grow()
}

const grow = () => {
  if (CSS.supports("field-sizing", "content")) return
  text().style.height = "auto"
  text().style.height = `${text().scrollHeight}px`
}

// One after the other, so that what was written last is what is kept.
let keeping = Promise.resolve()
const keep = () => {
  const composer = form()
  if (!composer || !dirty) return keeping
  dirty = false
  const facts = new FormData(composer)
  facts.set("mode", mode) // Whoever changes to another has chosen it already; this is still the one before.
  const place = local($("#thread").dataset.id, mode)
  keeping = keeping.then(() => put(composer, facts, place))
  return keeping
}

const put = async (composer, facts, place) => {
  const answer = await ask(composer.dataset.draft, { method: "POST", form: facts })
  try { answer.ok ? localStorage.removeItem(place) : localStorage.setItem(place, facts.get("text")) } catch { /* private windows keep nothing */ }
  if ($("#kept") && answer.ok && form() === composer) $("#kept").textContent = answer.data.kept
}
const keepSoon = later(keep, 1200)

const promises = later(async () => {
  const composer = form()
  if (!composer || mode !== "reply" || text().value.length < 12) return $("#said")?.replaceChildren()
  const asked = text().value
  const answer = await ask(composer.dataset.said, { method: "POST", form: new URLSearchParams({ text: asked }), part: true })
  if (answer.ok && asked === text()?.value) $("#said").innerHTML = answer.text
}, 900)

const written = () => {
  dirty = true
  keepSoon()
  promises()
  grow()
  if (Date.now() - lastSign > 3000) { lastSign = Date.now(); present(true) }
  rests()
}
// Who rests for some seconds is still here, and only reads.
const rests = later(() => { lastSign = 0; present() }, 4000)

const send = async ({ then = "waiting_customer", next = false, extra = {} } = {}) => {
  const [composer, button, field] = [form(), $("#send"), text()]
  if (button.disabled) return
  const id = Number($("#thread").dataset.id)
  const set = (name, value) => { const field = composer.elements[name]; if (field) field.value = value }
  set("then", then)
  if (!composer.elements.key.value) set("key", crypto.randomUUID?.() ?? String(Math.random()).slice(2))
  if (mode === "reply" && !(await recipients.agreed())) return
  const facts = new FormData(composer)
  Object.entries(extra).forEach(([name, value]) => facts.set(name, value))
  const where = { reply: composer.action, note: composer.dataset.notes, forward: composer.dataset.sides }[mode]
  const sending = (now) => { button.disabled = field.readOnly = now }
  sending(true)
  await keeping
  const answer = await ask(where, { method: "POST", form: facts })
  sending(false)
  if (!answer.ok) return stopped(answer, then, next)
  if (form() === composer) { dirty = false; texts[mode] = field.value = composer.elements.key.value = "" }
  const following = queue.neighbour(1, id)
  const undo = mode === "reply" && answer.data.seconds ? () => takeBack(`/conversations/${id}/messages/${answer.data.message}/sending`, id) : null
  toast(answer.data.said, undo ? { action: say("undo"), run: undo, seconds: answer.data.seconds } : {})
  tell(answer.data.said)
  if (next && desk.dataset.after === "play") await play([id])
  else if (next && following) await queue.open(following.href)
  else await queue.refreshThread()
  await Promise.all([queue.refreshList(), queue.refreshCounts()])
}

const stopped = (answer, then, next) => {
  const box = $("#stopped")
  box.hidden = false
  const row = document.createElement("p")
  row.className = "row"
  const said = document.createElement("span")
  said.textContent = answer.data.error ?? say("offline")
  row.append(said)
  const again = (facts) => { box.hidden = true; send({ then, next, extra: facts }) }
  if (!answer.status) row.append(button(box.dataset.again, () => again({}))) // Its key makes it count once, whatever got through.
  if (answer.data.changed) row.append(button(box.dataset.anyway, () => { form().elements.based_on.value = answer.data.through; again({}) }))
  if (answer.data.forgotten) row.append(button(box.dataset.without, () => again({ without_files: "1" })), button(box.dataset.attach, () => { box.hidden = true; $("#files").click() }))
  box.replaceChildren(row)
  if (answer.data.html) box.insertAdjacentHTML("beforeend", answer.data.html)
  box.scrollIntoView({ block: "nearest" })
}

const button = (label, run) => {
  const one = document.createElement("button")
  one.type = "button"
  one.className = "btn mini"
  one.textContent = label
  one.addEventListener("click", run)
  return one
}

export const takeBack = async (url, id) => {
  const answer = await ask(url, { method: "DELETE" })
  toast(answer.ok ? answer.data.said : answer.data.error, { error: !answer.ok })
  if (!answer.ok) return
  if (queue.openId() === id) await queue.refreshThread()
  else await queue.openById(id)
  queue.refreshList()
  into("reply")
}

export const insert = (piece, back = 0) => {
  const field = text()
  field.setRangeText(piece, field.selectionStart - back, field.selectionEnd, "end")
  field.dispatchEvent(new Event("input", { bubbles: true }))
  field.focus()
}

export const macro = async (id, back = 0) => {
  const answer = await ask(`${$("#thread").dataset.url}/macros/${id}`)
  if (!answer.ok) return toast(answer.data.error ?? say("offline"), { error: true })
  if (answer.data.text) { into(mode === "forward" ? "forward" : mode); insert(answer.data.text, back) } else if (back) insert("", back)
  form().elements.macro.value = id
  if (answer.data.files) await showFiles(ask(form().dataset.files, { method: "POST", form: new URLSearchParams({ macro: id, mode }), part: true }))
  if (!answer.data.actions.length) return
  const done = await ask(`${$("#thread").dataset.url}/macros/${id}`, { method: "POST" })
  toast(done.ok ? done.data.said : done.data.error, { error: !done.ok })
  queue.refreshList()
}

const upload = async (list) => {
  const files = [...list]
  if (!files.length) return
  const facts = new FormData()
  files.forEach((file) => facts.append("file", file))
  facts.append("mode", mode)
  await showFiles(ask(form().dataset.files, { method: "POST", form: facts, part: true }))
}

const showFiles = async (asking) => {
  const asked = mode
  const answer = await asking
  if (!answer.ok) toast(answer.data.error ?? say("offline"), { error: true })
  else if (asked === mode) $("#draft-files").innerHTML = answer.text
}

const ways = {
  waiting_customer: () => send(),
  done: () => send({ then: "done", next: true }),
  open: () => send({ then: "open" }),
  snooze: async () => { const until = await pick("snooze", say("chooseSnooze")); if (until) send({ extra: { snooze: until.value } }) },
  later: async () => { const when = await pick("snooze", say("chooseLater")); if (when) send({ extra: { later: when.value } }) },
}

// What was written while the thread was drawn again, and where.
let held = null
const hold = () => {
  const { value, selectionStart, selectionEnd } = text() ?? {}
  held = dirty && form() ? { id: $("#thread").dataset.id, mode, value, at: document.activeElement === text() && [selectionStart, selectionEnd] } : null
}

const resume = () => {
  const was = held
  held = null
  if (was?.id !== $("#thread").dataset.id) return
  const radio = $(`input[name=mode][value=${was.mode}]`, form())
  if (!radio) return
  radio.checked = true
  change(was.mode)
  text().value = was.value
  if (was.at) { text().focus(); text().setSelectionRange(...was.at) }
  written()
}

export const ready = () => {
  const composer = form()
  if (!composer) return
  mode = "reply"
  texts = { reply: text().value, note: composer.dataset.noteText, forward: composer.dataset.forwardText }
  try { const lost = localStorage.getItem(local($("#thread").dataset.id, mode)); if (lost && !text().value) text().value = lost } catch { /* nothing kept */ }
  if (!texts.reply && texts.note) { $("input[value=note]", composer).checked = true; change("note") }
  dirty = false
  recipients.ready()
  suggestions.ready()
  grow()
  resume()
}

document.addEventListener("desk:leaving", () => { if (dirty && form()) { navigator.sendBeacon(form().dataset.draft, new FormData(form())); dirty = false } })
document.addEventListener("desk:redrawing", (event) => event.detail.push(keep()))
document.addEventListener("desk:replacing", hold)
addEventListener("pagehide", () => document.dispatchEvent(new CustomEvent("desk:leaving")))
document.addEventListener("input", (event) => { if (event.target === text()) written(); else if (event.target.closest?.("#recipients")) { recipients.show(); dirty = true; keepSoon() } })
document.addEventListener("change", (event) => {
  if (event.target.name === "mode" && event.target.closest("#composer")) { change(event.target.value); text().focus() }
  if (event.target.matches("[data-files]")) { upload(event.target.files); event.target.value = "" }
})
document.addEventListener("submit", (event) => {
  if (event.target !== form()) return
  event.preventDefault()
  send()
})
document.addEventListener("click", async (event) => {
  const on = (selector) => event.target.closest?.(selector)
  let found
  if ((found = on("[data-then]"))) { found.closest("details").open = false; ways[found.dataset.then]() }
  if ((found = on("[data-take-back]"))) takeBack(found.dataset.takeBack, queue.openId())
  if ((found = on("[data-remove]"))) { const answer = await ask(found.dataset.remove, { method: "DELETE", part: true }); if (answer.ok) $("#draft-files").innerHTML = answer.text }
  if ((found = on("[data-promise]"))) {
    const answer = await ask(form().dataset.said, { method: "POST", form: new URLSearchParams({ what: found.dataset.promise, due: found.dataset.due }) })
    toast(answer.ok ? answer.data.said : answer.data.error, { error: !answer.ok })
    if (answer.ok) { found.closest(".found").remove(); document.dispatchEvent(new CustomEvent("desk:context")) }
  }
  if ((found = on("[data-quote]"))) {
    const said = $(`#message-${found.dataset.quote} .said`)?.innerText ?? ""
    found.closest("details").open = false
    into("reply")
    insert(`${said.split("\n").map((line) => `> ${line}`).join("\n")}\n\n`)
  }
})
document.addEventListener("keydown", (event) => {
  if (event.target !== text() && !event.target.closest?.("#composer")) return
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault()
    event.shiftKey ? ways.done() : send()
  }
})
for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    const composer = event.target.closest?.("#composer, #messages") && form()
    if (!composer || !event.dataTransfer?.types.includes("Files")) return
    event.preventDefault()
    composer.classList.toggle("dragged", kind === "dragover")
    if (kind === "drop") upload(event.dataTransfer.files)
  })
}
document.addEventListener("paste", (event) => { if (event.target === text() && event.clipboardData?.files.length) { event.preventDefault(); upload(event.clipboardData.files) } })
