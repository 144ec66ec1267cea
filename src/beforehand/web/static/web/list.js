// A list marked `data-list` is driven by keys: j and k (or the arrows, once inside) move, Enter opens what is chosen.
// Its items are the links marked `data-item`, or the link that stands for each row (`row`), or its first.
const items = () => [...document.querySelectorAll("[data-list]")].flatMap((list) => {
  const marked = list.querySelectorAll("[data-item]")
  return marked.length ? [...marked] : [...list.querySelectorAll("tbody tr, li")].map((row) => row.querySelector("a.row[href]") ?? row.querySelector("a[href]")).filter(Boolean)
})

export const move = (step) => {
  const all = items()
  if (!all.length) return false
  const at = all.indexOf(document.activeElement)
  const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + step, 0), all.length - 1)
  all[next].focus()
  all[next].scrollIntoView({ block: "nearest" })
  return true
}

addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (step && document.activeElement?.closest("[data-list]") && items().includes(document.activeElement) && move(step)) event.preventDefault()
})
