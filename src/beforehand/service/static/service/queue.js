// The list: one row has the focus, Enter opens it, and what is opened is the one that acts mean.
import { $, $$, ask, carry, desk, place, say, tell, toast } from "./page.js"

export const links = () => $$("#rows a[data-id]")
export const openId = () => Number($("#thread")?.dataset.id ?? 0)
export const rowOf = (id) => document.getElementById(`conv-${id}`)
const picks = () => $$("#rows .pickbox:checked")
export const idOf = (box) => Number(box.closest("li, tr").id.slice(4))
export const picked = () => picks().map(idOf)
export const focused = () => document.activeElement?.closest?.("#rows li, #rows tr")
let extra = []

// Whom an act means: those selected, else the one in the list that has the focus, else the one that is open.
export const meant = () => {
  const chosen = [...new Set([...picked(), ...extra])]
  if (chosen.length) return chosen
  const row = focused()
  if (row && !row.classList.contains("more")) return [Number(row.id.slice(4))]
  return openId() ? [openId()] : []
}

const roving = (link) => {
  links().forEach((one) => { one.tabIndex = one === link ? 0 : -1 })
}
export const settle = () => roving(rowOf(openId()) ?? links().find((one) => one.tabIndex === 0) ?? links()[0])

export const move = (step) => {
  const all = links()
  if (!all.length) return
  const now = focused() ? all.indexOf($("a[data-id]", focused())) : all.findIndex((one) => one.getAttribute("aria-current"))
  const next = all[Math.min(Math.max(now + step, 0), all.length - 1)]
  roving(next)
  next.focus()
  next.scrollIntoView({ block: "nearest" })
}

// The neighbour of what is open, for [ and ], for what comes after an act.
export const neighbour = (step, id = openId()) => {
  const all = links()
  const at = all.findIndex((one) => Number(one.dataset.id) === id)
  return at < 0 ? all[0] : all[at + step]
}

export const showing = (part) => {
  desk.dataset.showing = part
  if (part !== "list" && matchMedia("(max-width: 760px)").matches) scrollTo(0, 0)
}

let order = 0
export const open = async (url, { push = true, focus = true } = {}) => {
  const turn = ++order
  if (desk.dataset.table !== undefined) return location.assign(url)
  const answer = await ask(url, { part: true })
  if (turn !== order) return
  if (!answer.ok || !answer.text.includes('id="thread"')) return location.assign(url)
  document.dispatchEvent(new CustomEvent("desk:leaving"))
  const thread = place($("#thread"), answer.text)
  if (push) history.pushState({ desk: true }, "", url)
  mark(Number(thread.dataset.id))
  showing("thread")
  if (focus) thread.focus({ preventScroll: true })
  document.title = `${$("#subject").textContent} · ${document.title.split(" · ").pop()}`
  tell($("#subject").textContent)
  document.dispatchEvent(new CustomEvent("desk:opened", { detail: { id: Number(thread.dataset.id) } }))
}

export const mark = (id) => {
  for (const link of links()) {
    if (Number(link.dataset.id) === id) {
      link.setAttribute("aria-current", "true")
      link.classList.remove("unread")
      roving(link)
      link.scrollIntoView({ block: "nearest" })
    } else link.removeAttribute("aria-current")
  }
}

export const openById = (id) => {
  const link = rowOf(id)
  return open(link ? link.href : `/conversations/${id}?view=${desk.dataset.view}`)
}

export const back = () => {
  if (desk.dataset.showing === "context") return showing("thread")
  showing("list")
  const link = rowOf(openId()) ?? links()[0]
  link?.focus()
}

// What is drawn is what was asked for last; what somebody is writing meanwhile stays.
let redraws = 0
export const refreshThread = async () => {
  const { url, id } = $("#thread")?.dataset ?? {}
  if (!url) return
  const turn = ++redraws
  const waits = []
  document.dispatchEvent(new CustomEvent("desk:redrawing", { detail: waits }))
  await Promise.all(waits)
  const answer = await ask(`${url}?view=${desk.dataset.view}`, { part: true })
  const thread = $("#thread")
  if (!answer.ok || turn !== redraws || thread?.dataset.id !== id) return
  const focusInside = thread.contains(document.activeElement)
  document.dispatchEvent(new CustomEvent("desk:replacing"))
  const fresh = place(thread, answer.text)
  carry(thread, fresh)
  if (focusInside) fresh.focus({ preventScroll: true })
  document.dispatchEvent(new CustomEvent("desk:opened", { detail: { id: Number(fresh.dataset.id), again: true } }))
  if (Number(fresh.dataset.through) < Number(thread.dataset.through)) await refreshThread() // A message came in meanwhile.
}

let lists = 0
export const refreshList = async () => {
  const turn = ++lists
  const address = $("#rows").dataset.load ?? `${desk.dataset.urlDesk}?${desk.dataset.kept || `view=${desk.dataset.view}`}`
  const answer = await ask(address, { part: true })
  if (!answer.ok || turn !== lists) return
  const top = $("#queue")?.scrollTop ?? 0
  const had = focused()?.id
  const kept = picked()
  place($("#rows"), answer.text)
  $("#news").hidden = true
  kept.forEach((id) => { const box = $(`#row-${id} .pickbox`); if (box) box.checked = true })
  settle()
  const link = rowOf(openId())
  link?.setAttribute("aria-current", "true")
  if (had && document.activeElement === document.body) ($(`#${had} a`) ?? links()[0])?.focus({ preventScroll: true })
  if ($("#queue")) $("#queue").scrollTop = top
  count()
}

let counts = 0
export const refreshCounts = async () => {
  if (!$("#views")) return
  const turn = ++counts
  const answer = await ask(`/desk/counts?view=${desk.dataset.view}`, { part: true })
  if (answer.ok && turn === counts) place($("#views"), answer.text)
}

// Selection
let anchor = null
export const toggle = (row = focused()) => {
  const box = row && $(".pickbox", row)
  if (!box) return
  box.checked = !box.checked
  anchor = row
  count()
}

export const range = () => {
  const row = focused()
  const all = links().map((one) => one.closest("li, tr"))
  if (!row || !anchor?.isConnected) return toggle(row)
  const [from, to] = [all.indexOf(anchor), all.indexOf(row)].sort((a, b) => a - b)
  all.slice(from, to + 1).forEach((one) => { $(".pickbox", one).checked = true })
  count()
}

export const pick = (ids) => {
  ids.forEach((id) => { const box = $(`#row-${id} .pickbox`); if (box) box.checked = true })
  extra = ids.filter((id) => !$(`#row-${id} .pickbox`))
  count()
}

export const pickAll = async () => {
  links().forEach((one) => { $(".pickbox", one.closest("li, tr")).checked = true })
  count()
  const answer = await ask(`/desk/every?${desk.dataset.kept || `view=${desk.dataset.view}`}`)
  if (!answer.ok) return
  pick(answer.data.ids)
  tell(say(answer.data.more ? "most" : "all", { n: meant().length }))
  if (answer.data.more) toast(say("most", { n: meant().length }))
}

// Where no pointer hovers, boxes stand there for the asking.
export const selecting = (on) => {
  desk.dataset.selecting = on ? "yes" : "no"
  $("[data-act=select]")?.setAttribute("aria-pressed", String(on))
}

export const pickNone = () => {
  selecting(false)
  picks().forEach((box) => { box.checked = false })
  extra = []
  count()
}

export const count = () => {
  const number = new Set([...picked(), ...extra]).size
  $("#picked").hidden = !number
  $("#picked-count").textContent = say("picked", { n: number })
  $("#rows").classList.toggle("picking", number > 0)
}
