// What the modules of the desk share: words in the reader's language, requests, toasts.
export const $ = (selector, root = document) => root.querySelector(selector)
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)]
export const desk = $("#desk")
const texts = $("#words")?.dataset ?? {}
const token = () => JSON.parse(document.body.getAttribute("hx-headers") ?? "{}")["X-CSRFToken"] ?? ""

// "{n} new" with {n: 3}: the names stand in the template's data attributes.
export const say = (name, facts = {}) => Object.entries(facts).reduce((text, [key, value]) => text.replaceAll(`{${key}}`, () => value), texts[name] ?? "")

export const tell = (text) => { $("#live").textContent = ""; requestAnimationFrame(() => { $("#live").textContent = text }) }

// `keepalive`: it goes out although the page is being left.
export const ask = async (url, { method = "GET", form, json, part = false, keepalive = false } = {}) => {
  const headers = { Accept: part ? "text/html" : "application/json", ...(part ? { "HX-Request": "true" } : {}) }
  if (method !== "GET") headers["X-CSRFToken"] = token()
  if (json) headers["Content-Type"] = "application/json"
  try {
    const answer = await fetch(url, { method, headers, body: json ? JSON.stringify(json) : form, credentials: "same-origin", keepalive })
    if (answer.redirected && new URL(answer.url).pathname.startsWith("/account/")) location.reload()
    const isJson = (answer.headers.get("Content-Type") ?? "").includes("json")
    return { ok: answer.ok, status: answer.status, data: isJson ? await answer.json() : {}, text: isJson ? "" : await answer.text() }
  } catch {
    return { ok: false, status: 0, data: { error: say("offline") }, text: "" }
  }
}

const FLEETING = 6000

export const toast = (text, { action = "", run = null, seconds = 0, error = false, fleeting = false } = {}) => {
  const box = document.createElement("div")
  box.className = error ? "toast error" : "toast"
  if (error) box.setAttribute("role", "alert")
  const span = document.createElement("span")
  span.textContent = text
  box.append(span)
  if (run) {
    const button = document.createElement("button")
    button.type = "button"
    button.className = "btn mini"
    button.textContent = action
    button.addEventListener("click", () => { box.remove(); run() })
    box.append(button)
    if (seconds) countDown(button, action, seconds, box)
  }
  const close = document.createElement("button")
  close.type = "button"
  close.className = "btn mini"
  close.textContent = "×"
  close.dataset.dismiss = ""
  close.setAttribute("aria-label", "×")
  box.append(close)
  $("#toasts").append(box)
  if (fleeting) setTimeout(() => box.remove(), FLEETING)
  return box
}

const countDown = (button, action, seconds, box) => {
  let left = seconds
  const count = document.createElement("small")
  button.append(" ", count)
  const tick = () => {
    count.textContent = `${left} s`
    if (left-- > 0 && box.isConnected) setTimeout(tick, 1000)
    else box.remove()
  }
  tick()
}

export const later = (run, wait) => {
  let timer = 0
  return (...given) => { clearTimeout(timer); timer = setTimeout(() => run(...given), wait) }
}

// What was translated stays so when the thread is drawn again.
export const carry = (from, to) => $$(".translation:has(.translated)", from).forEach((one) => $(`#${one.id}`, to)?.replaceWith(one))

export const place = (target, html) => {
  const template = document.createElement("template")
  template.innerHTML = html.trim()
  const fresh = template.content.firstElementChild
  target.replaceWith(template.content)
  if (fresh) window.htmx?.process(fresh)
  return fresh
}
