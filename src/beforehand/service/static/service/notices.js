// What waits for me: a number at the bell and, for whoever wants it in this browser, a notification of the system.
import { $, ask, desk, tell } from "./page.js"

const kept = (name) => { try { return localStorage.getItem(`desk-${name}`) === "on" } catch { return false } }
const keep = (name, on) => { try { localStorage.setItem(`desk-${name}`, on ? "on" : "off") } catch { /* private windows keep nothing */ } }
const able = "Notification" in window
let known = null

const badge = (number) => {
  const bell = $("#bell small")
  if (!bell) return
  bell.textContent = number ? String(number) : ""
  bell.hidden = !number
}

const beep = () => {
  const sound = new AudioContext()
  const tone = sound.createOscillator()
  const volume = sound.createGain()
  tone.frequency.value = 660
  volume.gain.setValueAtTime(0.08, sound.currentTime)
  volume.gain.exponentialRampToValueAtTime(0.001, sound.currentTime + 0.4)
  tone.connect(volume).connect(sound.destination)
  tone.start()
  tone.stop(sound.currentTime + 0.4)
  tone.addEventListener("ended", () => sound.close())
}

// Whoever has it before their eyes already is not told of it.
const outside = (one, open) => {
  const isSeen = document.visibilityState === "visible" && document.hasFocus()
  if (isSeen && one.conversation === Number($("#thread")?.dataset.id ?? 0)) return
  if (isSeen) return tell(one.title)
  if (kept("sound")) beep()
  if (!kept("notify") || !able || Notification.permission !== "granted") return
  try {
    const shown = new Notification(one.title, { body: one.about, tag: `desk-${one.conversation}`, lang: document.documentElement.lang })
    shown.addEventListener("click", () => { focus(); open(one.conversation); shown.close() })
  } catch { /* a phone's browser shows none of a page */ }
}

export const look = async (open) => {
  const answer = await ask("/desk/notices")
  if (!answer.ok) return
  const { notices, quiet } = answer.data
  badge(notices.length)
  const fresh = known ? notices.filter((one) => !known.has(one.id)) : []
  known = new Set(notices.map((one) => one.id))
  if (!quiet) fresh.forEach((one) => outside(one, open))
}

// The page on which one asks for it.
const form = $("#outside-form")
const said = (text) => { $(".error", form).textContent = text }
if (form && !desk) {
  form.hidden = false
  const { notify, sound } = form.elements
  notify.checked = kept("notify") && able && Notification.permission === "granted"
  sound.checked = kept("sound")
  notify.disabled = !able
  if (!able) said(form.dataset.unable)
  sound.addEventListener("change", () => { keep("sound", sound.checked); if (sound.checked) beep() })
  notify.addEventListener("change", async () => {
    said("")
    const allowed = notify.checked && await Notification.requestPermission() === "granted"
    if (notify.checked && !allowed) said(form.dataset.refused)
    notify.checked = allowed
    keep("notify", allowed)
  })
}
