// Doing something to one or to many: shown at once, told with a way back, put right when the server says no.
import { $, ask, desk, say, tell, toast } from "./page.js"
import * as queue from "./queue.js"

const PORTION = 25
const LEAVES = new Set(["done", "waiting", "snooze", "spam", "merge"])
const DOES = { done: { do: "status", value: "done" }, waiting: { do: "status", value: "waiting_customer" }, reopen: { do: "status", value: "open" } }
const runs = []

export const act = async (name, value = "", ids = queue.meant()) => {
  if (!ids.length) return
  const asked = DOES[name] ?? { do: name, value }
  if (ids.length > 1 && !(await agreed(asked, ids))) return
  const rows = ids.map((id) => document.getElementById(`row-${id}`)).filter(Boolean)
  const wasOpen = ids.includes(queue.openId())
  const next = wasOpen || queue.focused() ? queue.neighbour(1, ids.at(-1)) ?? queue.neighbour(-1, ids[0]) : null
  const after = ids.length > 1 || !LEAVES.has(name) ? "stay" : desk.dataset.after
  if (LEAVES.has(name)) rows.forEach((row) => row.classList.add("leaving"))
  if (after === "next" && wasOpen) forward(next, ids)
  const { failed, done } = await inPortions(asked, ids)
  rows.forEach((row) => row.classList.remove("leaving"))
  queue.pickNone()
  report(name, done, failed)
  if (after === "list" && wasOpen) queue.back()
  await Promise.all([queue.refreshList(), queue.refreshCounts(), ids.includes(queue.openId()) ? queue.refreshThread() : null])
}

const forward = (next, ids) => {
  if (next && !ids.includes(Number(next.dataset.id))) return queue.open(next.href)
  tell(say("end"))
  queue.back()
}

const agreed = async (asked, ids) => {
  const answer = await ask("/desk/acts/preview", { method: "POST", json: { ...asked, ids } })
  if (!answer.ok) { toast(answer.data.error, { error: true }); return false }
  return confirm(say("sure", { said: answer.data.said }))
}

const inPortions = async (asked, ids) => {
  const failed = {}
  const done = []
  let bar = null
  if (ids.length > PORTION) bar = progress(ids.length)
  for (let at = 0; at < ids.length; at += PORTION) {
    const part = ids.slice(at, at + PORTION)
    const answer = await ask("/desk/acts", { method: "POST", json: { ...asked, ids: part } })
    if (answer.ok) {
      Object.assign(failed, answer.data.failed)
      done.push(...answer.data.done)
      runs.push(answer.data.run)
    } else part.forEach((id) => { failed[id] = answer.data.error })
    bar?.to(at + part.length)
  }
  bar?.remove()
  return { failed, done }
}

const progress = (all) => {
  const box = toast(say("progress", { n: 0, all }))
  const bar = document.createElement("progress")
  bar.max = all
  box.querySelector("span").after(bar)
  return { to: (n) => { bar.value = n; box.querySelector("span").textContent = say("progress", { n, all }) }, remove: () => box.remove() }
}

const report = (name, done, failed) => {
  const problems = Object.values(failed)
  if (problems.length) toast(say("failed", { n: problems.length, why: problems[0] }), { error: true })
  if (!done.length) return
  const mark = runs.length
  toast(say(name) || say("done"), { action: say("undo"), run: () => undo(mark) })
  tell(say(name) || say("done"))
}

export const undo = async () => {
  const run = runs.pop()
  const answer = await ask(run ? `/desk/acts/${run}/undoing` : "/desk/acts/undoing", { method: "POST" })
  toast(answer.ok ? answer.data.said : answer.data.error || say("none"), { error: !answer.ok })
  await Promise.all([queue.refreshList(), queue.refreshCounts(), queue.refreshThread()])
}

// A resource of the open conversation that is no act on many: splitting, judging, taking over.
export const one = async (part, facts = {}, method = "POST") => {
  const url = $("#thread").dataset.url
  const answer = await ask(`${url}/${part}`, { method, form: new URLSearchParams(facts) })
  toast(answer.ok ? answer.data.said : answer.data.error, { error: !answer.ok })
  if (answer.ok) await Promise.all([queue.refreshThread(), queue.refreshList()])
  return answer
}

export const play = async (skip = []) => {
  const answer = await ask(`/desk/next?view=${desk.dataset.view}&skip=${skip.join(",")}`)
  if (answer.ok && answer.data.conversation) await queue.openById(answer.data.conversation)
  else toast(say("end"))
}
