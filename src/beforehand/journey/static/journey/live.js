// What has just come appears by itself. One stream a browser: the tab that holds the lock listens and tells the others.
// A part marked `data-live-customer` asks for itself again (its own `hx-get`, trigger `live`) when that customer has news:
// at once, then at most every PAUSE. It waits while the tab is hidden, and while somebody reads further down.
const PAUSE = 400
const told = new BroadcastChannel("beforehand-live")
const due = new Set()
let shown = 0
let waiting = null

const busy = (part) => part.querySelector("details[open]") || scrollY > innerHeight

const show = () => {
  waiting = null
  if (document.hidden) return
  shown = performance.now()
  for (const id of due) {
    const part = document.getElementById(id)
    if (part && busy(part)) continue
    due.delete(id)
    if (part) htmx.trigger(part, "live")
  }
}

const soon = () => { if (due.size) waiting ??= setTimeout(show, Math.max(0, shown + PAUSE - performance.now())) }

const hear = ({ customers }) => {
  for (const part of document.querySelectorAll("[data-live-customer]"))
    if (!customers || customers.includes(Number(part.dataset.liveCustomer))) due.add(part.id)
  soon()
}

told.addEventListener("message", ({ data }) => hear(data))
document.addEventListener("visibilitychange", soon)
addEventListener("scrollend", soon)
document.addEventListener("toggle", soon, true)

navigator.locks.request("beforehand-live", () => new Promise(() => {
  const stream = new EventSource("/live")
  stream.addEventListener("touchpoints", ({ data }) => { const news = JSON.parse(data); told.postMessage(news); hear(news) })
}))
