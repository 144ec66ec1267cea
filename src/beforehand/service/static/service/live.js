// What happens elsewhere, without moving what somebody reads: rows change in their places, new ones wait behind a pill.
import { $, ask, carry, desk, later, say, tell, toast } from "./page.js"
import * as queue from "./queue.js"

let fresh = new Set()
let changed = new Set()
let gone = null

const look = async () => {
  const ids = [...changed]
  changed = new Set()
  if (!ids.length) return
  queue.refreshCounts()
  const answer = await ask(`/desk/rows?${desk.dataset.kept || `view=${desk.dataset.view}`}&ids=${ids.join(",")}`, { part: true })
  if (!answer.ok) return
  const template = document.createElement("template")
  template.innerHTML = answer.text
  const rows = new Map([...template.content.querySelectorAll("li[id]")].map((row) => [Number(row.id.slice(4)), row]))
  for (const id of ids) inPlace(id, rows.get(id))
  pill()
  if (ids.includes(queue.openId())) opened()
}

const inPlace = (id, row) => {
  const there = document.getElementById(`row-${id}`)
  if (there && row) {
    const had = there.contains(document.activeElement)
    const box = $(".pickbox", there).checked
    there.replaceWith(row)
    $(".pickbox", row).checked = box
    if (id === queue.openId()) $("a", row).setAttribute("aria-current", "true")
    if (had) $("a", row).focus({ preventScroll: true })
    queue.settle()
  } else if (there) there.classList.add("leaving")
  else if (row) fresh.add(id)
}

// It went to others: the line says so, and leaves with the next look at the list.
const lost = (id) => {
  changed.delete(id)
  fresh.delete(id)
  document.getElementById(`row-${id}`)?.classList.add("leaving")
  pill()
  queue.refreshCounts()
  if (id === queue.openId()) toast(say("gone"), { error: true })
}

const pill = () => {
  const news = $("#news")
  news.hidden = !fresh.size
  if (fresh.size) news.textContent = say("new", { n: fresh.size })
  if (fresh.size) tell(news.textContent)
}

// The open thread: new messages come in below, unless somebody writes; then the composer hears of it when it sends.
const opened = async () => {
  const thread = $("#thread")
  const id = queue.openId()
  const state = await ask(`${thread.dataset.url}/state`)
  if (!state.ok || state.data.through <= Number(thread.dataset.through)) return
  const answer = await ask(`${thread.dataset.url}?view=${desk.dataset.view}`, { part: true })
  if (!answer.ok) return
  if ($("#thread") !== thread) return queue.openId() === id ? opened() : null
  if (state.data.through <= Number(thread.dataset.through)) return
  const template = document.createElement("template")
  template.innerHTML = answer.text
  const messages = $("#messages")
  const atEnd = messages.scrollHeight - messages.scrollTop - messages.clientHeight < 80
  const top = messages.scrollTop
  for (const part of [".thread-head", ".clocks", "#messages"]) {
    const old = $(`#thread ${part}`)
    const now = template.content.querySelector(part)
    if (old && now) { carry(old, now); old.replaceWith(now); window.htmx?.process(now) }
  }
  thread.dataset.through = state.data.through
  const composer = $("#composer")
  if (composer && !composer.elements.text.value.trim()) composer.elements.based_on.value = state.data.through // What is begun now, has read it.
  const now = $("#messages")
  now.scrollTop = atEnd ? now.scrollHeight : top
  const last = [...now.querySelectorAll(".msg")].pop()
  if (last) tell(`${$("header b", last)?.textContent ?? ""}: ${$(".said", last)?.textContent.slice(0, 200) ?? ""}`)
  document.dispatchEvent(new CustomEvent("desk:grown"))
}

const soon = later(look, 150)
const here = ({ conversation, who }) => {
  const others = who.filter((one) => one.who !== `m:${desk.dataset.me}`)
  const faces = others.slice(0, 3).map((one) => {
    const face = document.createElement("i")
    face.className = one.typing ? "face small types" : "face small"
    face.title = one.name
    face.textContent = one.name.split(/\s+/).slice(0, 2).map((word) => word[0]).join("").toUpperCase()
    return face
  })
  if (conversation === queue.openId()) $("#here")?.replaceChildren(...faces)
  const top = $(`#conv-${conversation} .top`)
  if (!top) return
  $(".here", top)?.remove()
  if (!faces.length) return
  const box = document.createElement("span")
  box.className = "here"
  box.append(...faces.map((face) => face.cloneNode(true)))
  $(".person", top).after(box)
}

export const listen = () => {
  if (!window.EventSource) return
  const source = new EventSource(desk.dataset.urlStream)
  source.addEventListener("conversation", (event) => { changed.add(JSON.parse(event.data).conversation); soon() })
  source.addEventListener("gone", (event) => lost(JSON.parse(event.data).conversation))
  source.addEventListener("presence", (event) => here(JSON.parse(event.data)))
  source.addEventListener("everything", () => queue.refreshList())
  source.addEventListener("notification", later(() => { queue.refreshCounts(); document.dispatchEvent(new CustomEvent("desk:notified")) }, 300))
  source.addEventListener("open", () => { gone?.remove(); gone = null })
  addEventListener("offline", () => { gone ??= toast(say("offline"), { error: true }) })
  addEventListener("online", () => { gone?.remove(); gone = null; queue.refreshList() })
  $("#news")?.addEventListener("click", () => { fresh = new Set(); queue.refreshList() })
}

// I am here: others see it for a while.
export const present = async (typing = false, leaving = false) => {
  const url = $("#thread")?.dataset.url
  if (!url || document.hidden && !leaving) return
  const answer = await ask(`${url}/presence`, { method: "POST", form: new URLSearchParams({ ...(typing ? { typing: "1" } : {}), ...(leaving ? { gone: "1" } : {}) }), keepalive: leaving })
  if (answer.ok && !leaving) here(answer.data)
}

// The customer's own clock, where it differs from ours: beside them, and over the times of the messages.
const dial = (zone) => new Intl.DateTimeFormat(document.documentElement.lang, { timeZone: zone, weekday: "short", hour: "2-digit", minute: "2-digit", hour12: false })
const theirs = () => {
  const clock = $("#context [data-zone]")
  if (!clock) return
  const there = dial(clock.dataset.zone)
  clock.textContent = there.format(new Date())
  for (const time of document.querySelectorAll("#messages .msg time")) {
    time.dataset.ours ??= time.title
    time.title = `${time.dataset.ours} · ${clock.dataset.label} ${there.format(new Date(time.dateTime))}`
  }
}

// Waits grow while one looks at them.
export const tick = () => {
  theirs()
  for (const span of document.querySelectorAll("[data-since]")) {
    const minutes = Math.max(0, Math.floor((Date.now() - Date.parse(span.dataset.since)) / 60000))
    const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24, minutes % 60]
    span.textContent = days ? `${days} ${say("days")}${days < 10 ? ` ${hours} h` : ""}` : hours ? `${hours} h ${String(rest).padStart(2, "0")}` : `${rest} min`
  }
}
