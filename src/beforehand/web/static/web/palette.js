// The palette asks the server on every pause in typing; arrows choose among the answers, Enter opens the chosen one.
const palette = document.getElementById("palette")
const field = palette?.querySelector("input")
const answers = () => [...palette.querySelectorAll(".answers a")]
const chosen = () => palette.querySelector(".answers a.on")

const choose = (link) => {
  const was = chosen()
  was?.classList.remove("on")
  was?.removeAttribute("aria-selected")
  link?.classList.add("on")
  link?.setAttribute("aria-selected", "true")
  link?.scrollIntoView({ block: "nearest" })
  if (link) field.setAttribute("aria-activedescendant", link.id)
  else field.removeAttribute("aria-activedescendant")
}

// Emptied before it opens: what is typed quickly after Ctrl-K stays.
palette?.addEventListener("beforetoggle", (event) => {
  if (event.newState === "open") field.value = ""
})

palette?.addEventListener("toggle", (event) => {
  if (event.newState !== "open") return
  field.focus()
  field.dispatchEvent(new CustomEvent("palette:open"))
})

// Only after settling: until then htmx lends new elements the attributes of the old.
palette?.addEventListener("htmx:afterSettle", () => {
  answers().forEach((link, at) => { link.id = `answer-${at}` })
  choose(answers()[0])
})

palette?.addEventListener("keydown", (event) => {
  const all = answers()
  const at = all.indexOf(chosen())
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: event.ctrlKey ? 0 : NaN, End: event.ctrlKey ? all.length - 1 : NaN }[event.key]
  if (to !== undefined && !Number.isNaN(to) && all.length) {
    event.preventDefault()
    choose(all[(to + all.length) % all.length])
  }
  if (event.key === "Enter" && chosen()) {
    event.preventDefault()
    chosen().click()
  }
})
