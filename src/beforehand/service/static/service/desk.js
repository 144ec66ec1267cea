// The desk: what each key and button does. Single keys are off while somebody types, and for whoever wants none.
import { act, one, play, undo } from "./act.js"
import { names, pick } from "./chooser.js"
import * as composer from "./composer.js"
import { listen, present, tick } from "./live.js"
import { look } from "./notices.js"
import { $, $$, ask, desk, say, tell, toast } from "./page.js"
import * as queue from "./queue.js"
import * as reading from "./reading.js"
import { recipients } from "./recipients.js"
import { complete } from "./searchbox.js"
import { swipe } from "./swipe.js"

const chosen = (kind, name = kind) => async () => {
  const ids = queue.meant()
  if (!ids.length) return
  const choice = await pick(kind, names(kind))
  if (choice) act(name, choice.value, ids, kind === "tag" ? choice.value : choice.title)
}
const reply = (all) => { all ? recipients.all() : recipients.alone(); composer.into("reply") }
const opened = (run) => () => (queue.openId() ? run() : undefined)

const deeds = {
  done: () => act("done"), reopen: () => act("reopen"), waiting: () => act("waiting"), spam: () => act("spam"),
  mine: () => act("owner", desk.dataset.me), assign: chosen("owner"), team: chosen("team"), tag: chosen("tag"), priority: chosen("priority"),
  status: chosen("status"), snooze: chosen("snooze"), merge: chosen("merge"),
  need: opened(async () => { const choice = await pick("need", names("need")); if (choice) one("need", { value: choice.value }) }),
  answer: chosen("macro", "answer"),
  // What is suggested is taken with one key; where nothing is, or many are meant, one chooses.
  cause: () => { const likely = $("#context [data-cause]"); return likely && !queue.picked().length && queue.meant()[0] === queue.openId() ? act("cause", likely.dataset.cause, [queue.openId()]) : chosen("cause")() },
  reply: opened(() => reply(false)), "reply-all": opened(() => reply(true)), note: opened(() => composer.into("note")), forward: opened(() => composer.into("forward")),
  macro: () => (queue.picked().length ? deeds.answer() : deeds.insert()),
  insert: opened(async () => { const choice = await pick("macro", names("macro")); if (choice) composer.macro(choice.value) }),
  split: opened(() => { const message = reading.chosenMessage(); if (message) one("split", { value: message }) }),
  "hand-over": opened(() => one("bot", { back: "1" })),
  link: async () => {
    const [id] = queue.meant()
    if (!id) return
    try { await navigator.clipboard.writeText(`${location.origin}/conversations/${id}`) } catch { /* not allowed here */ }
    toast(say("copied"))
  },
  recipients: () => recipients.edit(), play: () => play(queue.openId() ? [queue.openId()] : []), back: queue.back,
  context: () => { queue.showing("context"); $("#context").focus() }, thread: () => queue.showing("thread"),
  views: () => $("#views").classList.toggle("open"), all: queue.pickAll, none: queue.pickNone, undo: () => undo(),
  focus: () => { desk.dataset.focus = desk.dataset.focus === "yes" ? "no" : "yes" },
  select: () => queue.selecting(desk.dataset.selecting !== "yes"),
  "save-view": async () => {
    const name = await pick("words", names("view"))
    if (!name) return
    const answer = await ask("/settings/desk/views", { method: "POST", form: new URLSearchParams({ name: name.value, query: desk.dataset.words, mine: "on" }) })
    if (answer.ok) queue.refreshCounts()
    else toast(answer.data.error ?? say("offline"), { error: true })
  },
}

const step = (by) => { const link = queue.neighbour(by); if (link) queue.open(link.href); else tell(say("end")) }
const enter = () => { const row = queue.focused(); const link = row && $("a[data-id]", row); if (link) queue.open(link.href) }
const keys = {
  j: () => queue.move(1), k: () => queue.move(-1), ArrowDown: () => queue.move(1), ArrowUp: () => queue.move(-1),
  o: enter, Enter: enter, u: queue.back, Escape: queue.back, "[": () => step(-1), "]": () => step(1),
  r: deeds.reply, a: deeds["reply-all"], f: deeds.forward, n: deeds.note, e: deeds.done, h: deeds.snooze, z: deeds.snooze, w: deeds.waiting,
  i: deeds.mine, A: deeds.assign, t: deeds.tag, p: deeds.priority, m: deeds.macro, M: deeds.merge, s: deeds.split, b: deeds.cause,
  l: deeds.need, "#": deeds.spam, x: () => queue.toggle(), X: queue.range, ".": deeds.link, Z: deeds.focus, N: deeds.play, c: () => deeds.context(),
}
const ALWAYS = new Set(["ArrowDown", "ArrowUp", "Enter", "Escape"])
const typing = (target) => target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]")
const inList = () => queue.focused() || document.activeElement === document.body

let begun = 0
const going = (event) => {
  const link = $(`[data-go="g ${CSS.escape(event.key)}"]`)
  begun = 0
  if (!link) return false
  location.assign(link.href)
  return true
}

// Before the keys of the house: on the desk a key means what the desk says.
document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing) return
  const combined = event.ctrlKey || event.metaKey
  if (combined && !event.altKey && !typing(event.target)) {
    const key = event.key.toLowerCase()
    if (key === "z" && !event.shiftKey && !$("dialog[open]")) { event.preventDefault(); return undo() }
    if (key === "a" && queue.focused()) { event.preventDefault(); return queue.pickAll() }
  }
  if (combined || event.altKey || $(":popover-open, dialog[open]")) return
  if (typing(event.target)) {
    if (event.key !== "Escape" || event.target.id !== "text") return
    event.preventDefault()
    return $("#thread").focus({ preventScroll: true })
  }
  if (desk.dataset.keysOn === "no" && !ALWAYS.has(event.key)) return
  if (begun && Date.now() - begun < 1200 && going(event)) { event.preventDefault(); return event.stopPropagation() }
  if (event.key === "g") { begun = Date.now(); return }
  const run = keys[event.key]
  if (!run || (ALWAYS.has(event.key) && event.key !== "Escape" && !inList())) return
  if (event.key === "Enter" && !queue.focused()) return
  if ((event.key === "Enter" || event.key === "o") && event.target.closest("button, summary")) return
  event.preventDefault()
  event.stopPropagation()
  run(event)
}, true)

document.addEventListener("submit", async (event) => {
  const form = event.target
  if (form.dataset.act) { event.preventDefault(); deeds[form.dataset.act]?.() }
  if (form.dataset.quiet !== undefined) {
    event.preventDefault()
    const answer = await ask(form.action, { method: "POST", form: new FormData(form) })
    toast(answer.ok ? answer.data.said : answer.data.error, { error: !answer.ok })
  }
})

document.addEventListener("click", (event) => {
  const on = (selector) => event.target.closest?.(selector)
  const plain = !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0
  let found
  if ((found = on("[data-act]")) && found.tagName !== "FORM") { event.preventDefault(); found.closest("details")?.removeAttribute("open"); deeds[found.dataset.act]?.() }
  if (desk?.dataset.selecting === "yes" && (found = on("#rows a[data-id]")) && plain) { event.preventDefault(); queue.toggle(found.closest("li, tr")); return }
  if ((found = on("#rows a[data-id], a[data-open]")) && plain) { event.preventDefault(); queue.open(found.href, { focus: event.detail === 0 }) }
  if (on(".pickbox")) queue.count()
  if ((found = on("[data-untag]"))) one("tags", { value: found.dataset.untag, back: "1" })
  if ((found = on("[data-split]"))) one("split", { value: found.dataset.split })
  if ((found = on("[data-judge]"))) one("judgement", { value: found.dataset.judge, verdict: found.dataset.verdict })
  if ((found = on("[data-cause]"))) act("cause", found.dataset.cause, [queue.openId()])
  if ((found = on("[data-link-need]"))) one("need", { value: found.dataset.linkNeed })
  if ((found = on("[data-merge]"))) act("merge", String(queue.openId()), [Number(found.dataset.merge)])
  if ((found = on("[data-pick]"))) { queue.pick([queue.openId(), ...found.dataset.pick.split(",").map(Number)]); queue.showing("list") }
  if (!on(".views, .views-open")) $("#views")?.classList.remove("open")
})

addEventListener("popstate", () => {
  const id = Number(location.pathname.match(/\/conversations\/(\d+)/)?.[1] ?? 0)
  if (id && id !== queue.openId()) queue.open(location.href, { push: false })
  else if (!id) queue.showing("list")
})

const context = async () => {
  const id = queue.openId()
  const box = $("#context")
  if (!box || !id) return
  const answer = await ask(`/conversations/${id}/context`, { part: true })
  if (!answer.ok || id !== queue.openId()) return
  box.innerHTML = answer.text
  window.htmx?.process(box)
  tick()
}

const arrive = (again) => {
  composer.ready()
  reading.ready(again)
  context()
  present()
}

document.addEventListener("desk:opened", (event) => arrive(event.detail.again))
document.addEventListener("desk:leaving", () => present(false, true))
document.addEventListener("desk:context", context)
document.addEventListener("desk:notified", () => look(queue.openById))
document.addEventListener("desk:grown", () => { context(); $$("iframe.frame").forEach((frame) => frame.addEventListener("load", () => { frame.style.height = `${frame.contentDocument.documentElement.scrollHeight}px` })) })
document.addEventListener("htmx:afterSettle", () => queue.settle())

// Whoever comes back finds the list where they left it.
const spot = () => `desk-top ${desk.dataset.kept || desk.dataset.view}`
const keepSpot = () => { try { sessionStorage.setItem(spot(), $("#queue")?.scrollTop ?? 0) } catch { /* private windows keep nothing */ } }
const toSpot = () => { try { if ($("#queue")) $("#queue").scrollTop = sessionStorage.getItem(spot()) ?? 0 } catch { /* nothing kept */ } }

if (desk) {
  complete()
  queue.settle()
  if ($("#views")?.dataset.load) queue.refreshCounts()
  if ($("#rows")?.dataset.load) queue.refreshList().then(() => { toSpot(); queue.mark(queue.openId()) })
  else toSpot()
  addEventListener("pagehide", keepSpot)
  if (queue.openId()) arrive(false)
  listen()
  swipe({ done: (id) => act("done", "", [id]), snooze: async (id) => { const until = await pick("snooze", names("snooze")); if (until) act("snooze", until.value, [id]) } })
  look(queue.openById)
  setInterval(tick, 30_000)
  setInterval(() => { if (queue.openId()) present(composer.typing()) }, 20_000)
  document.cookie = `single_keys=${desk.dataset.keysOn === "no" ? "off" : "on"}; path=/; samesite=lax; max-age=31536000`
}
