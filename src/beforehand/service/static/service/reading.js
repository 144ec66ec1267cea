// Reading a thread: where it begins, frames as high as what they hold, pictures large, words of a search marked.
import { $, $$, ask, desk } from "./page.js"
import { openId, rowOf } from "./queue.js"

const fit = (frame) => {
  const inside = frame.contentDocument?.documentElement
  if (inside) frame.style.height = `${Math.min(inside.scrollHeight + 2, 4000)}px`
}

const marked = () => {
  const words = (desk.dataset.words ?? "").split(/\s+/).filter((word) => word && !word.includes(":") && !word.startsWith("-")).map((word) => word.replace(/["*]/g, "").toLowerCase()).filter(Boolean)
  if (!words.length || !CSS.highlights) return
  const found = []
  for (const said of $$(".said")) {
    const walker = document.createTreeWalker(said, NodeFilter.SHOW_TEXT)
    while (walker.nextNode()) {
      const text = walker.currentNode.data.toLowerCase()
      for (const word of words) for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
        const range = new Range()
        range.setStart(walker.currentNode, at)
        range.setEnd(walker.currentNode, at + word.length)
        found.push(range)
      }
    }
  }
  CSS.highlights.set("found", new Highlight(...found))
}

const seen = (range) => $("#messages").getBoundingClientRect().top <= range.getBoundingClientRect().top && range.getBoundingClientRect().top <= $("#messages").getBoundingClientRect().bottom

export const ready = (again) => {
  const messages = $("#messages")
  if (!messages) return
  $$("iframe.frame").forEach((frame) => { frame.addEventListener("load", () => fit(frame)); fit(frame) })
  marked()
  const first = $("#first-unread")
  const jump = $("#jump")
  if (first && !again) first.scrollIntoView({ block: "start" })
  else messages.scrollTop = messages.scrollHeight
  if (first) jump.hidden = seen(first)
  jump?.addEventListener("click", () => { first?.scrollIntoView({ block: "start" }); jump.hidden = true })
  ask(`${$("#thread").dataset.url}/reading`, { method: "POST" })
  rowOf(openId())?.classList.remove("unread")
}

// The message that s and the menu mean: the one with the focus, else the last one.
export const chosenMessage = () => document.activeElement?.closest?.(".msg")?.dataset.message ?? $$(".msg:not(.note)").pop()?.dataset.message

document.addEventListener("toggle", async (event) => {
  const log = event.target.matches?.(".clocks") && event.target.open && $("[data-fetch]", event.target)
  if (log) { const answer = await ask(log.dataset.fetch, { part: true }); if (answer.ok) log.innerHTML = answer.text }
  if (event.target.matches?.(".pick-menu") && event.target.open) $$(".pick-menu[open]").filter((one) => one !== event.target).forEach((one) => { one.open = false })
}, true)
document.addEventListener("click", (event) => {
  if (!event.target.closest?.(".pick-menu")) $$(".pick-menu[open]").forEach((one) => { one.open = false })
  const images = event.target.closest?.("[data-images]")
  if (images) {
    const frame = $("iframe", images.closest("[data-framed]"))
    frame.src = `${frame.src.split("?")[0]}?images=1`
    images.closest(".remote").remove()
  }
  const framed = event.target.closest?.("[data-frame]")
  if (framed) {
    const said = $(".said", framed.closest(".msg"))
    framed.closest("details").open = false
    if (!said) return
    const frame = document.createElement("iframe")
    Object.assign(frame, { className: "frame", src: framed.dataset.frame, title: framed.textContent })
    frame.setAttribute("sandbox", "allow-same-origin allow-popups allow-popups-to-escape-sandbox")
    frame.addEventListener("load", () => fit(frame))
    said.replaceWith(frame)
  }
  const picture = event.target.closest?.("[data-zoom]")
  if (picture) { $("#zoom img").src = picture.dataset.zoom; $("#zoom").classList.remove("close"); $("#zoom").showPopover() }
  if (event.target.matches?.("#zoom img")) $("#zoom").classList.toggle("close")
})
