// One field and what fits: owner, team, tag, time, macro, conversation. What is typed may be the choice itself.
import { $, $$, ask, later, say } from "./page.js"

const box = $("#chooser")
const field = $("input", box ?? document)
let what = ""
let give = null
let from = null

const answers = () => $$(".answers a", box)
const chosen = () => $(".answers a.on", box)
const choose = (link) => {
  answers().forEach((one) => { one.classList.toggle("on", one === link); one.setAttribute("aria-selected", String(one === link)) })
  if (link) { field.setAttribute("aria-activedescendant", link.id); link.scrollIntoView({ block: "nearest" }) } else field.removeAttribute("aria-activedescendant")
}

const load = async () => {
  const conversation = $("#thread")?.dataset.id ?? ""
  const asked = field.value
  const answer = await ask(`/desk/choices/${what}?conversation=${conversation}&q=${encodeURIComponent(asked)}`, { part: true })
  if (!answer.ok || asked !== field.value) return
  $("#chooser-answers").innerHTML = answer.text
  choose(answers()[0])
}
const soon = later(load, 90)

// Opens the chooser; resolves with {value, title}, or null when it was closed.
export const pick = (kind, title) => new Promise((resolve) => {
  what = kind
  from = document.activeElement
  give = resolve
  field.value = ""
  field.placeholder = title
  field.setAttribute("aria-label", title)
  box.setAttribute("aria-label", title)
  $("#chooser-answers").textContent = ""
  box.showPopover()
  field.focus()
  if (kind !== "words") load()
})

const finish = (value) => {
  const giving = give
  give = null
  box.hidePopover()
  giving?.(value)
}

box?.addEventListener("toggle", (event) => {
  if (event.newState !== "closed") return
  give?.(null)
  give = null
  if (from?.isConnected) from.focus({ preventScroll: true })
})
field?.addEventListener("input", () => { if (what !== "words") soon() })
box?.addEventListener("keydown", (event) => {
  const all = answers()
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (step && all.length) {
    event.preventDefault()
    choose(all[(all.indexOf(chosen()) + step + all.length) % all.length])
  }
  if (event.key === "Enter") {
    event.preventDefault()
    event.stopPropagation()
    const link = chosen()
    if (link) finish({ value: link.dataset.value, title: link.dataset.title })
    else if (what === "words" && field.value.trim()) finish({ value: field.value.trim(), title: field.value.trim() })
  }
})
box?.addEventListener("click", (event) => {
  const link = event.target.closest(".answers a")
  if (!link) return
  event.preventDefault()
  finish({ value: link.dataset.value, title: link.dataset.title })
})
export const names = (kind) => say(`choose${kind[0].toUpperCase()}${kind.slice(1)}`)
