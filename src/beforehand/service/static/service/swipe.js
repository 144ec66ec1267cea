// On a touch screen a line is swiped: towards its end it is done, towards its beginning it is snoozed. Both have buttons too.
import { say } from "./page.js"

const BEGINS = 12
const ENOUGH = 96
let swiped = null

const way = (by) => (by * (document.documentElement.dir === "rtl" ? -1 : 1) > 0 ? "done" : "snooze")

const rest = (row) => {
  row.style.removeProperty("--by")
  delete row.dataset.swipe
  delete row.dataset.said
}

const move = (touch) => {
  const by = touch.clientX - swiped.x
  if (!swiped.on) {
    if (Math.abs(touch.clientY - swiped.y) > BEGINS) { swiped = null; return }
    if (Math.abs(by) < BEGINS) return
    swiped.on = true
  }
  const { row } = swiped
  swiped.by = by
  row.style.setProperty("--by", `${by}px`)
  row.dataset.swipe = Math.abs(by) > ENOUGH ? `${way(by)} enough` : way(by)
  row.dataset.said = say(way(by) === "done" ? "swipeDone" : "swipeSnooze")
}

// `acts`: what is done with a line, by its number.
export const swipe = (acts) => {
  document.addEventListener("touchstart", (event) => {
    const row = event.touches.length === 1 && event.target.closest?.("#rows li[id]")
    swiped = row ? { row, x: event.touches[0].clientX, y: event.touches[0].clientY, by: 0, on: false } : null
  }, { passive: true })
  document.addEventListener("touchmove", (event) => { if (swiped) move(event.touches[0]) }, { passive: true })
  document.addEventListener("touchcancel", () => { if (swiped) rest(swiped.row); swiped = null })
  document.addEventListener("touchend", () => {
    if (!swiped) return
    const { row, by, on } = swiped
    swiped = null
    rest(row)
    if (on && Math.abs(by) > ENOUGH) acts[way(by)](Number(row.id.slice(4)))
  })
}
