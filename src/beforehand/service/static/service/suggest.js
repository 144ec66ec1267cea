// What may be put in at the cursor: / saved replies, @ people, # other conversations, : signs.
import { insert, macro } from "./composer.js"
import { $, $$, ask, later } from "./page.js"

const KINDS = { "/": "macro", "@": "person", "#": "case" }
const SIGNS = { smile: "🙂", thanks: "🙏", ok: "👌", up: "👍", party: "🎉", heart: "❤️", wave: "👋", sad: "😕", check: "✅", clock: "⏰", star: "⭐", sun: "☀️", parcel: "📦", van: "🚚" }
const before = () => { const field = $("#text"); return field.value.slice(0, field.selectionStart) }
const found = () => before().match(/(^|\s)([/@#:])([^\s/@#:]{0,30})$/)

const list = () => $("#suggest")
const options = () => $$("a", list())
const chosen = () => $("a[aria-selected=true]", list())
const show = (on) => { list().hidden = !on; if (!on) $("#text").removeAttribute("aria-activedescendant") }
const choose = (link) => {
  options().forEach((one) => one.setAttribute("aria-selected", String(one === link)))
  if (link) { $("#text").setAttribute("aria-activedescendant", link.id); link.scrollIntoView({ block: "nearest" }) }
}

const signs = (word) => Object.entries(SIGNS).filter(([name]) => name.startsWith(word)).map(([name, sign], at) => {
  const link = document.createElement("a")
  Object.assign(link, { href: "#", id: `choice-${at}`, textContent: `${sign} ${name}` })
  link.setAttribute("role", "option")
  link.dataset.value = sign
  return link
})

const load = later(async () => {
  const asked = found()
  if (!asked) return show(false)
  const [, , mark, word] = asked
  if (mark === ":") {
    if (word.length < 2) return show(false)
    list().replaceChildren(...signs(word))
  } else {
    const answer = await ask(`/desk/choices/${KINDS[mark]}?conversation=${$("#thread").dataset.id}&q=${encodeURIComponent(word)}`, { part: true })
    if (!answer.ok || found()?.[0] !== asked[0]) return
    list().innerHTML = answer.text
  }
  show(options().length > 0)
  choose(options()[0])
}, 80)

const take = (link) => {
  const [, , mark, word] = found() ?? []
  if (!mark) return show(false)
  const back = word.length + 1
  show(false)
  if (mark === "/") return macro(link.dataset.value, back)
  if (mark === "@") return insert(`@${link.querySelector("small")?.textContent ?? link.dataset.title} `, back)
  if (mark === "#") return insert(`#${link.dataset.value} `, back)
  insert(`${link.dataset.value} `, back)
}

document.addEventListener("input", (event) => { if (event.target.id === "text") load() })
document.addEventListener("pointerdown", (event) => {
  const link = event.target.closest?.("#suggest a")
  if (link) { event.preventDefault(); take(link) }
})
document.addEventListener("click", (event) => event.target.closest?.("#suggest a") && event.preventDefault())
document.addEventListener("keydown", (event) => {
  if (event.target.id !== "text" || !list() || list().hidden) return
  const all = options()
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (step) { event.preventDefault(); choose(all[(all.indexOf(chosen()) + step + all.length) % all.length]) }
  if ((event.key === "Enter" || event.key === "Tab") && chosen() && !event.ctrlKey && !event.metaKey) { event.preventDefault(); take(chosen()) }
  if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); show(false) }
}, true)

export const suggestions = { ready: () => show(false) }
