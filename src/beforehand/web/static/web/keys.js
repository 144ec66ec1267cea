// Keys that work on every page. Two-key ways ("g h") come from the links of the page itself: `data-keys="g h"`; so does a
// single key ("1") where a page asks for a choice.
// Whoever types in a field is left alone, and whoever turned single keys off (Settings, Your desk).
import { move } from "./list.js"

const PATIENCE = 1200
let begun = ""
let timer = 0

const typing = (target) => target.closest?.("input, textarea, select, [contenteditable]")
const apple = /Mac|iPhone|iPad/.test(navigator.platform)
const palette = document.getElementById("palette")
const help = document.getElementById("keys")

for (const key of document.querySelectorAll("[data-meta-key]")) if (apple) key.textContent = `⌘${key.dataset.metaKey}`

const showKeys = async () => {
  if (!help) return
  if (!help.childElementCount) {
    const answer = await fetch(help.dataset.href, { headers: { "HX-Request": "true" } })
    if (!answer.ok || answer.redirected) return location.assign(help.dataset.href)
    help.innerHTML = await answer.text()
  }
  help.togglePopover()
}

const toSearch = () => {
  const field = document.querySelector("main [data-search], main input[type=search]")
  if (!field) return palette?.showPopover()
  field.focus()
  field.select?.()
}

const plain = { "?": showKeys, "/": toSearch, j: () => move(1), k: () => move(-1) }

addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing) return
  if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
    event.preventDefault()
    return palette?.togglePopover()
  }
  if (event.key === "Escape" && typing(event.target) && !event.target.closest("[popover]")) return event.target.blur()
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return
  if (document.cookie.includes("single_keys=off")) return
  const keys = begun ? `${begun} ${event.key}` : event.key
  const way = document.querySelector(`[data-keys="${CSS.escape(keys)}"]`)
  clearTimeout(timer)
  begun = ""
  if (way) {
    event.preventDefault()
    return way.click()
  }
  if (document.querySelector(`[data-keys^="${CSS.escape(event.key)} "]`)) {
    begun = event.key
    timer = setTimeout(() => { begun = "" }, PATIENCE)
    return
  }
  if (plain[event.key]) {
    event.preventDefault()
    plain[event.key]()
  }
})
