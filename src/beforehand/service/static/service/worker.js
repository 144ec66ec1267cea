// Shows what is pushed while the desk is closed. A press leads to the conversation.
self.addEventListener("push", (event) => {
  const { title, body, tag, url } = event.data.json()
  event.waitUntil(self.registration.showNotification(title, { body, tag, data: url, renotify: true }))
})

self.addEventListener("notificationclick", (event) => {
  event.notification.close()
  const url = new URL(event.notification.data, self.location.origin)
  if (url.origin !== self.location.origin) return
  event.waitUntil(self.clients.matchAll({ type: "window", includeUncontrolled: true }).then((open) => {
    const there = open.find((one) => one.url === url.href)
    return there ? there.focus() : self.clients.openWindow(url.href)
  }))
})

self.addEventListener("install", () => self.skipWaiting())
