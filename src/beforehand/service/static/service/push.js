// Lets this device be told while the desk is closed, and takes that back. The page on which one asks for it.
const form = document.getElementById("outside-form")
const box = form?.elements.push
const WORKER = "/desk/worker.js"
const able = box && "serviceWorker" in navigator && "PushManager" in window
const said = (text) => { form.querySelector(".error").textContent = text }
const token = () => JSON.parse(document.body.getAttribute("hx-headers") ?? "{}")["X-CSRFToken"] ?? ""
const key = () => Uint8Array.from(atob(form.dataset.key.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0))

const tell = async (method, facts) => {
  const answer = await fetch(form.dataset.devices, { method, headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token() }, body: JSON.stringify(facts), credentials: "same-origin" })
  const told = await answer.json()
  if (!answer.ok) throw new Error(told.error)
}

const standing = async () => (await navigator.serviceWorker.getRegistration(WORKER))?.pushManager.getSubscription()

const begin = async () => {
  if (await Notification.requestPermission() !== "granted") throw new Error(form.dataset.refused)
  const worker = await navigator.serviceWorker.register(WORKER)
  await navigator.serviceWorker.ready.catch(() => null)
  await (await worker.pushManager.getSubscription())?.unsubscribe()
  const subscription = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key() })
  await tell("POST", subscription.toJSON())
}

const end = async () => {
  const subscription = await standing()
  if (!subscription) return
  await tell("DELETE", { endpoint: subscription.endpoint })
  await subscription.unsubscribe()
}

if (box) {
  box.disabled = !able
  if (!able) box.closest(".field").hidden = true
  else standing().then((subscription) => { box.checked = Boolean(subscription) && form.dataset.mine.split(" ").includes(subscription.endpoint) })
  box.addEventListener("change", async () => {
    said("")
    const wanted = box.checked
    box.disabled = true
    try { await (wanted ? begin() : end()) } catch (problem) { said(problem instanceof DOMException ? form.dataset.failed : problem.message); box.checked = !wanted }
    box.disabled = false
  })
}
