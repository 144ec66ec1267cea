// Whom the answer goes to: what differs from the last time is seen, and somebody new is asked about.
import { $, say } from "./page.js"

const form = () => $("#composer")
const field = (name) => form().elements[name]
const listed = (value) => (value ?? "").split(/[,;\n]/).map((one) => one.trim()).filter(Boolean)
const address = (one) => (one.match(/<([^>]+)>/)?.[1] ?? one).toLowerCase()
const domain = (one) => address(one).split("@").pop()
let agreed = new Set()

const now = () => ["to", "cc", "bcc"].flatMap((name) => listed(field(name)?.value))
const strangers = () => {
  const known = new Set(form().dataset.domains.split(",").filter(Boolean))
  listed(form().dataset.to).forEach((one) => known.add(domain(one)))
  return now().filter((one) => one.includes("@") && !known.has(domain(one)) && !agreed.has(address(one)))
}

const named = (one) => {
  const pair = form().dataset.names.split("|").find((each) => each.split("=")[0].toLowerCase() === address(one))
  return pair?.slice(pair.indexOf("=") + 1) || one
}

const chip = (one, tone) => {
  const box = document.createElement("span")
  box.className = `chip ${tone}`
  box.title = one
  box.textContent = (tone === "new" ? "+ " : tone === "gone" ? "− " : "") + named(one)
  return box
}

export const recipients = {
  ready: () => { agreed = new Set(); if ($("#whom")) recipients.show() },
  // Chips of everybody, with those that are new or gone against the last message from outside.
  show: () => {
    const whom = $("#whom")
    if (!whom) return
    const before = new Set([...listed(form().dataset.to)].map(address))
    const others = new Set(listed(form().dataset.cc).map(address))
    const there = now()
    const chips = there.map((one) => chip(one, before.has(address(one)) ? "ghost" : others.has(address(one)) ? "" : "new"))
    const gone = [...before].filter((one) => !there.some((each) => address(each) === one)).map((one) => chip(one, "gone"))
    whom.replaceChildren(...chips, ...gone)
    const stranger = $("#stranger")
    const who = strangers()
    stranger.hidden = !who.length
    stranger.textContent = who.length ? say("stranger", { who: who.join(", ") }) : ""
  },
  all: () => {
    const cc = field("cc")
    if (!cc) return
    cc.value = [...new Set([...listed(cc.value), ...listed(form().dataset.cc)])].join(", ")
    recipients.show()
  },
  alone: () => { const cc = field("cc"); if (cc) { cc.value = ""; recipients.show() } },
  edit: () => {
    const box = $("#recipients")
    if (!box) return
    box.hidden = !box.hidden
    $("[data-act=recipients]")?.setAttribute("aria-expanded", String(!box.hidden))
    if (!box.hidden) field("to").focus()
  },
  // Somebody of a domain that never took part is asked about once.
  agreed: async () => {
    if (!field("to")) return true
    const who = strangers()
    if (!who.length) return true
    if (!confirm(say("stranger", { who: who.join(", ") }))) return false
    who.forEach((one) => agreed.add(address(one)))
    return true
  },
}
