// What has just come appears by itself. One stream a browser: the tab that holds the lock listens and tells the others.
// A part marked `data-live-customer` asks for itself again (its own `hx-get`, trigger `live`) when that customer has news.
const SOON = 250
const told = new BroadcastChannel("beforehand-live")
let waiting = null
let hidden = new Set()

const refresh = (parts) => {
  if (document.hidden) { parts.forEach((part) => hidden.add(part)); return }
  clearTimeout(waiting)
  waiting = setTimeout(() => parts.forEach((part) => {
    const live = document.getElementById(part)
    if (live && !live.querySelector("details[open]") && scrollY < innerHeight) htmx.trigger(live, "live")
  }), SOON)
}

const hear = ({ customers }) => refresh([...document.querySelectorAll("[data-live-customer]")]
  .filter((part) => !customers || customers.includes(Number(part.dataset.liveCustomer))).map((part) => part.id))

told.addEventListener("message", ({ data }) => hear(data))
document.addEventListener("visibilitychange", () => { if (!document.hidden && hidden.size) { refresh([...hidden]); hidden = new Set() } })

navigator.locks.request("beforehand-live", () => new Promise(() => {
  const stream = new EventSource("/live")
  stream.addEventListener("touchpoints", ({ data }) => { const news = JSON.parse(data); told.postMessage(news); hear(news) })
}))
