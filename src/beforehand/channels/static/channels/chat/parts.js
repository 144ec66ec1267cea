// Small pieces of page. Elements are made one by one: nothing is ever read as HTML, whoever wrote it.

const SVG = "http://www.w3.org/2000/svg"

export const el = (name, values = {}, ...inside) => {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(values)) {
    if (value === undefined || value === null || value === false) continue
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value)
    else if (key === "class") made.className = value
    else made.setAttribute(key, value === true ? "" : value)
  }
  made.append(...inside.filter((one) => one !== null && one !== undefined && one !== false))
  return made
}

const PATHS = {
  send: ["M13.5 2.5 2.5 6.7l4.6 2.2 2.2 4.6zM7.1 8.9l2.7-2.7"],
  clip: ["m13 7.6-5 5a3.2 3.2 0 0 1-4.5-4.5l5.2-5.2a2.1 2.1 0 0 1 3 3L6.6 11a1 1 0 0 1-1.5-1.4l4.7-4.7"],
  close: ["m4 4 8 8M12 4l-8 8"],
  check: ["m3.5 8.4 3 3 6-6.6"],
  late: ["M8 2.6 14.2 13.2H1.8z", "M8 6.5v3.2M8 11.5v.01"],
  clock: ["M8 2.25a5.75 5.75 0 1 0 0 11.5a5.75 5.75 0 0 0 0-11.5z", "M8 4.9V8l2.2 1.5"],
  file: ["M4 2.5h5l3 3v8H4z", "M9 2.5v3h3"],
  sound: ["M3 6.3h2l3-2.6v8.6l-3-2.6H3z", "M10.3 6a2.8 2.8 0 0 1 0 4", "M12 4.3a5.2 5.2 0 0 1 0 7.4"],
  mute: ["M3 6.3h2l3-2.6v8.6l-3-2.6H3z", "m10.5 6.3 3.4 3.4M13.9 6.3l-3.4 3.4"],
}

const shape = (name, values) => {
  const made = document.createElementNS(SVG, name)
  for (const [key, value] of Object.entries(values)) made.setAttribute(key, value)
  return made
}

export const icon = (name) => {
  const made = shape("svg", { viewBox: "0 0 16 16", class: "i", "aria-hidden": "true" })
  for (const d of PATHS[name]) made.append(shape("path", { d }))
  return made
}

// The mark: a ring with a bite out of it.
const BITE = [[20, 1.4, 4.2], [22.9, 8.2, 4.3], [30, 12.2, 4.4], [28.5, 4, 6.5]]

export const mark = () => {
  const made = shape("svg", { viewBox: "0 0 32 32", class: "mark", "aria-hidden": "true" })
  const mask = shape("mask", { id: "bitten", maskUnits: "userSpaceOnUse", x: 0, y: 0, width: 32, height: 32 })
  mask.append(shape("path", { fill: "#fff", d: "M0 0h32v32H0z" }), ...BITE.map(([cx, cy, r]) => shape("circle", { cx, cy, r, fill: "#000" })))
  made.append(mask, shape("path", { mask: "url(#bitten)", "fill-rule": "evenodd", d: "M16 1.5a14.5 14.5 0 1 0 0 29a14.5 14.5 0 0 0 0-29zM16 11a5 5 0 1 1 0 10a5 5 0 0 1 0-10z" }))
  return made
}

const LINK = /\bhttps?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]]/g

// Text in paragraphs, with links that can be followed and lead to the web only.
export const prose = (text) => text.split(/\n{2,}/).map((paragraph) => {
  const made = el("p")
  let at = 0
  for (const found of paragraph.matchAll(LINK)) {
    made.append(paragraph.slice(at, found.index), el("a", { href: found[0], target: "_blank", rel: "noopener noreferrer nofollow" }, found[0]))
    at = found.index + found[0].length
  }
  made.append(paragraph.slice(at))
  return made
})

export const filled = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole)

// "10:00" today, "Tue 10:00" within a week, "8 Dec, 10:00" after that; in the reader's language and zone.
export const moment = (iso, language) => {
  const then = new Date(iso), now = new Date()
  const hour = { hour: "2-digit", minute: "2-digit" }
  const form = then.toDateString() === now.toDateString() ? hour
    : Math.abs(then - now) < 6 * 86_400_000 ? { weekday: "short", ...hour } : { day: "numeric", month: "short", ...hour }
  return new Intl.DateTimeFormat(language, form).format(then)
}

// Black or white, whichever is read better on a colour (#rrggbb).
export const inkOn = (colour) => {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "#111" : "#fff"
}
