// A toast goes when it is dismissed, or by itself after a while unless somebody reads it or it reports a fault.
const SHOWN_FOR = 6000

const leaveLater = (toast) => {
  if (toast.classList.contains("error") || toast.dataset.timed) return
  toast.dataset.timed = "yes"
  setTimeout(() => (toast.matches(":hover, :focus-within") ? leaveAgain(toast) : toast.remove()), SHOWN_FOR)
}
const leaveAgain = (toast) => { delete toast.dataset.timed; leaveLater(toast) }

const toasts = document.getElementById("toasts")
const look = () => toasts?.querySelectorAll(".toast").forEach(leaveLater)
look()
if (toasts) new MutationObserver(look).observe(toasts, { childList: true })

addEventListener("click", (event) => event.target.closest("[data-dismiss]")?.closest(".toast, .banner")?.remove())
