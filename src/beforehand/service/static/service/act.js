// Doing something to one or to many: shown at once, told with a way back, put right when the server says no.
import { $, ask, desk, say, tell, toast } from "./page.js"
import * as queue from "./queue.js"

const PORTION = 25
const LEAVES = new Set(["done", "waiting", "snooze", "spam", "merge"])
const DOES = { done: { do: "status", value: "done" }, waiting: { do: "status", value: "waiting_customer" }, reopen: { do: "status", value: "open" } }
const runs = []

// `what`: how the value reads, for the question before many are touched.
export const act = async (name, value = "", ids = queue.meant(), what = "") => {
  if (!ids.length) return
  const asked = DOES[name] ?? { do: name, value }
  if (ids.length > 1 && !(await agreed(asked, ids, say(`sure${name[0].toUpperCase()}${name.slice(1)}`, { what })))) return
  const rows = ids.map((id) => document.getElementById(`row-${id}`)).filter(Boolean)
  const wasOpen = ids.includes(queue.openId())
  const next = wasOpen || queue.focused() ? queue.neighbour(1, ids.at(-1)) ?? queue.neighbour(-1, ids[0]) : null
  const after = ids.length > 1 || !LEAVES.has(name) ? "stay" : desk.dataset.after
  if (LEAVES.has(name)) rows.forEach((row) => row.classList.add("leaving"))
  if (after === "next" && wasOpen) forward(next, ids)
  const { failed, done, run } = await inPortions(asked, ids)
  rows.forEach((row) => row.classList.remove("leaving"))
  queue.pickNone()
  report(name, done, failed, run)
  if (after === "list" && wasOpen) queue.back()
  if (after === "play" && wasOpen) await play(ids)
  await Promise.all([queue.refreshList(), queue.refreshCounts(), ids.includes(queue.openId()) ? queue.refreshThread() : null])
}

const forward = (next, ids) => {
  if (next && !ids.includes(Number(next.dataset.id))) return queue.open(next.href)
  tell(say("end"))
  queue.back()
}

const agreed = async (asked, ids, title) => {
  const question = asks(title, [say("picked", { n: ids.length })])
  const answer = await ask("/desk/acts/preview", { method: "POST", json: { ...asked, ids } })
  if (question.isOpen()) {
    if (answer.ok) fill([answer.data.touched], true)
    else { toast(answer.data.error, { error: true }); $("#sure").close() }
  }
  return question.answered
}

// A question that is answered with yes or no, or a list that is only read.
const fill = (lines, isQuestion) => {
  $("#sure ul").replaceChildren(...lines.map((line) => Object.assign(document.createElement("li"), { textContent: line })))
  $("#sure [value=yes]").hidden = !isQuestion
  if (isQuestion) $("#sure [value=yes]").focus()
}

// The box tells that it was closed a little later; by then the next question may be in it.
let latest = null
const asks = (title, lines) => {
  const box = $("#sure")
  const question = { isOpen: () => latest === question && box.open }
  latest = question
  $("h2", box).textContent = title
  fill(lines, false)
  box.returnValue = ""
  question.answered = new Promise((resolve) => {
    const closed = () => {
      if (question.isOpen()) return
      box.removeEventListener("close", closed)
      resolve(latest === question && box.returnValue === "yes")
    }
    box.addEventListener("close", closed)
  })
  box.showModal()
  return question
}

const inPortions = async (asked, ids) => {
  const failed = {}
  const done = []
  const run = []
  let bar = null
  if (ids.length > PORTION) bar = progress(ids.length)
  for (let at = 0; at < ids.length; at += PORTION) {
    const part = ids.slice(at, at + PORTION)
    const answer = await ask("/desk/acts", { method: "POST", json: { ...asked, ids: part } })
    if (answer.ok) {
      Object.assign(failed, answer.data.failed)
      done.push(...answer.data.done)
      run.push(answer.data.run)
    } else part.forEach((id) => { failed[id] = answer.data.error })
    bar?.to(at + part.length)
  }
  bar?.remove()
  if (run.length) runs.push(run)
  return { failed, done, run }
}

const progress = (all) => {
  const box = toast(say("progress", { n: 0, all }))
  const bar = document.createElement("progress")
  bar.max = all
  box.querySelector("span").after(bar)
  return { to: (n) => { bar.value = n; box.querySelector("span").textContent = say("progress", { n, all }) }, remove: () => box.remove() }
}

const report = (name, done, failed, run) => {
  const problems = Object.entries(failed)
  const title = problems.length ? say("failed", { n: problems.length, why: problems[0][1] }) : ""
  const which = () => asks(say("failedTitle"), problems.map(([id, why]) => `#${id}: ${why}`))
  if (problems.length) toast(title, { error: true, ...(problems.length > 1 ? { action: say("which"), run: which } : {}) })
  if (!done.length) return
  toast(say(name) || say("done"), { action: say("undo"), run: () => undo(run) })
  tell(say(name) || say("done"))
}

// What was done last, or in a run that is named: all its portions, the last one first.
export const undo = async (run = runs.at(-1)) => {
  if (runs.includes(run)) runs.splice(runs.indexOf(run), 1)
  let answer = null
  for (const portion of run?.toReversed() ?? [""]) answer = await ask(`/desk/acts${portion && `/${portion}`}/undoing`, { method: "POST" })
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

// Serves whoever has waited longest; the server holds them for me, so that nobody else is served the same.
export const play = async (skip = []) => {
  const asked = new URLSearchParams({ view: desk.dataset.view, skip: skip.join(","), ...(desk.dataset.words ? { q: desk.dataset.words } : {}) })
  const answer = await ask(`/desk/next?${asked}`, { method: "POST" })
  if (!answer.ok) return toast(answer.data.error ?? say("offline"), { error: true })
  if (!answer.data.conversation) return toast(say("served"))
  await queue.openById(answer.data.conversation)
  toast(answer.data.said, { fleeting: true })
}
