// The search field completes its language while one types.
import { $, $$, ask, later } from "./page.js"

export const complete = () => {
  const field = $("[data-completions]")
  const list = $("#completions")
  if (!field || !list) return
  const options = () => $$("[role=option]", list)
  const chosen = () => $("[aria-selected=true]", list)
  const show = (on) => { list.hidden = !on; field.setAttribute("aria-expanded", String(on)); if (!on) field.removeAttribute("aria-activedescendant") }
  const choose = (option) => {
    options().forEach((one) => one.setAttribute("aria-selected", String(one === option)))
    if (option) field.setAttribute("aria-activedescendant", option.id)
    option?.scrollIntoView({ block: "nearest" })
  }
  const take = (option) => { field.value = option.dataset.text; field.focus(); load() }
  const load = later(async () => {
    const asked = field.value
    const answer = await ask(`${field.dataset.completions}?q=${encodeURIComponent(asked)}`, { part: true })
    if (!answer.ok || asked !== field.value) return
    list.innerHTML = answer.text
    show(list.childElementCount > 0 && document.activeElement === field)
  }, 90)
  field.addEventListener("input", load)
  field.addEventListener("focus", load)
  field.addEventListener("blur", () => setTimeout(() => show(false), 150))
  list.addEventListener("pointerdown", (event) => {
    const option = event.target.closest("[role=option]")
    if (option) { event.preventDefault(); take(option) }
  })
  field.addEventListener("keydown", (event) => {
    if (list.hidden) return
    const all = options()
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step && all.length) {
      event.preventDefault()
      choose(all[(all.indexOf(chosen()) + step + all.length) % all.length])
    } else if ((event.key === "Enter" || event.key === "Tab") && chosen()) {
      event.preventDefault()
      take(chosen())
    } else if (event.key === "Escape") { event.stopPropagation(); show(false) }
  })
}
