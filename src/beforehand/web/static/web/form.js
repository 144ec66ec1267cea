// Small comforts of forms: send a form when its choice changes, ask before what is hard to undo, copy a text, and never
// send twice. Without this script the forms work the same.
addEventListener("change", (event) => event.target.matches("[data-submit]") && event.target.form.requestSubmit())

addEventListener("submit", (event) => {
  const form = event.target
  if (form.dataset.confirm && !confirm(form.dataset.confirm)) return event.preventDefault()
  if (form.method !== "post" || event.defaultPrevented) return
  if (form.dataset.sent) return event.preventDefault()
  form.dataset.sent = "yes"
  setTimeout(() => delete form.dataset.sent, 4000)
})

addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]")
  if (!button) return
  const field = document.querySelector(button.dataset.copy)
  field.select()
  try { await navigator.clipboard.writeText(field.value) } catch { document.execCommand("copy") }
  button.textContent = button.dataset.copied
  document.getElementById("live").textContent = button.dataset.copied
})

addEventListener("focusin", (event) => event.target.matches("[data-select]") && event.target.select())
