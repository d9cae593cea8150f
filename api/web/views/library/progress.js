// What is on its way into a collection: files that are sent, read, and that wait; and those that were not taken.

import { byId, make } from "../../frame/dom.js";
import { call } from "../../frame/http.js";
import { announce, get, may, subscribe } from "../../frame/store.js";
import { sizeName, t } from "../../frame/texts.js";
import { durationName } from "../../background/durations.js";
import { lookNow } from "../../background/jobs.js";
import { forget, sendAgain } from "../../background/uploads.js";
import { refusalName } from "./refusals.js";

const MOST_QUEUED = 200; // that are listed one by one

export function openProgress(collection) {
  const lines = new Map(); // id of a job -> its line
  let waiting = { queued: 0, seconds_left: null }; // of this collection
  let turn = 0;

  async function showWork() {
    const own = ++turn;
    const work = get("work");
    const jobs = work.jobs.filter((job) => job.collection === collection);
    showRunning(jobs);
    if (work.queued === 0) waiting = { queued: 0, seconds_left: null };
    else waiting = await call("GET", `${jobsOf()}&limit=1`).catch(() => waiting);
    if (own !== turn) return;
    byId("queue").hidden = waiting.queued === 0;
    byId("queue-summary").textContent = waitingName(waiting);
    showPanel();
    if (byId("queue").open && waiting.queued > 0) await listQueued().catch(() => {});
  }

  const jobsOf = () => `/v1/jobs?collection=${encodeURIComponent(collection)}&state=queued`;

  async function listQueued() {
    const { jobs } = await call("GET", `${jobsOf()}&limit=${MOST_QUEUED}`);
    byId("queued")?.replaceChildren(...jobs.reverse().map(queuedLine));
  }

  function showRunning(jobs) {
    const ids = jobs.map(({ id }) => id);
    for (const [id, line] of lines) {
      if (ids.includes(id)) continue;
      line.element.remove();
      lines.delete(id);
    }
    for (const job of jobs) {
      if (!lines.has(job.id)) {
        lines.set(job.id, jobLine(job));
        byId("running").append(lines.get(job.id).element);
      }
      lines.get(job.id).show(job);
    }
  }

  function showUploads() {
    const entries = get("uploads").filter((entry) => entry.collection === collection);
    const unsentEntries = entries.filter(({ state }) => state === "waiting" || state === "sending");
    byId("sending").hidden = unsentEntries.length === 0;
    byId("sending").textContent = unsentEntries.length ? sendingName(unsentEntries) : "";
    const refusedEntries = entries.filter(({ state }) => state === "refused" || state === "failed");
    byId("unsent").hidden = refusedEntries.length === 0;
    byId("unsent").replaceChildren(...unsentParts(refusedEntries));
    showPanel();
  }

  function showPanel() {
    byId("work-panel").hidden = lines.size === 0 && waiting.queued === 0 && byId("sending").hidden;
  }

  byId("running").replaceChildren();
  byId("queue").ontoggle = () => byId("queue").open && listQueued().catch(() => {});
  const endings = [subscribe("work", showWork), subscribe("uploads", showUploads)];
  showWork();
  showUploads();
  return {
    close() {
      turn += 1;
      endings.forEach((end) => end());
    },
  };
}

/** `12 files wait · 4 min left for all`: also for the file that runs. */
function waitingName({ queued, seconds_left: secondsLeft }) {
  const notes = [t("work.waiting", { n: queued })];
  if (secondsLeft !== null) notes.push(t("work.left_of_all", { time: durationName(secondsLeft) }));
  return notes.join(" · ");
}

function sendingName(entries) {
  const { name, file, sentBytes } = entries.find(({ state }) => state === "sending") ?? entries[0];
  const share = new Intl.NumberFormat(undefined, { style: "percent" }).format(Math.min(1, sentBytes / file.size));
  return [t("work.sending", { n: entries.length }), `${name} (${sizeName(file.size)}) ${share}`].join(" · ");
}

function jobLine(job) {
  const bar = make("progress", { label: t("work.progress", { name: job.name }) });
  const facts = make("span", { className: "muted facts" });
  const cancel = cancelButton(job);
  const name = make("span", { className: "name", dir: "auto", title: job.name }, job.name);
  const element = make("li", { className: "job" }, name, facts, bar);
  if (may("write")) element.append(cancel);
  return { element, show: (now) => showJob(now, bar, facts, cancel) };
}

function showJob(job, bar, facts, cancel) {
  if (job.pages_total === null) bar.removeAttribute("value");
  else Object.assign(bar, { max: job.pages_total, value: job.pages_done });
  const notes = [job.cancel_requested ? t("work.stopping") : stageName(job)];
  if (job.seconds_left !== null) notes.push(t("work.left", { time: durationName(job.seconds_left) }));
  facts.textContent = notes.join(" · ");
  cancel.disabled = job.cancel_requested;
}

function stageName({ stage, pages_done: done, pages_total: total }) {
  if (stage !== "reading") return t(`work.stage.${stage ?? "opening"}`);
  return done === 0 ? t("work.stage.begins", { n: total }) : t("work.stage.reading", { done, total });
}

function queuedLine(job) {
  const element = make("li", { className: "job" }, make("span", { className: "name", dir: "auto", title: job.name }, job.name));
  element.append(make("span", { className: "muted facts" }, job.error ? job.error.message : sizeName(job.bytes)));
  if (may("write")) element.append(cancelButton(job));
  return element;
}

function cancelButton({ id, name }) {
  const button = make("button", { type: "button", className: "quiet", label: t("work.cancel_label", { name }) }, t("work.cancel"));
  button.addEventListener("click", async () => {
    button.disabled = true;
    await call("POST", `/v1/jobs/${id}/cancel`).catch(() => {}); // it has ended meanwhile
    await lookNow();
    announce("documents");
  });
  return button;
}

/** What this browser did not send, with one sentence for each. */
function unsentParts(entries) {
  if (entries.length === 0) return [];
  const lines = entries.map((entry) => make("li", {},
    make("span", { className: "name", dir: "auto", title: entry.name }, entry.name),
    make("span", {}, entry.problem ?? refusalName(entry.verdict))));
  const failedIds = entries.filter(({ state }) => state === "failed").map(({ id }) => id);
  const again = make("button", { type: "button" }, t("library.act.again"));
  again.addEventListener("click", () => sendAgain(failedIds));
  const away = make("button", { type: "button" }, t("library.dismiss"));
  away.addEventListener("click", () => {
    forget(entries.map(({ id }) => id));
    byId("title").focus();
  });
  const acts = make("p", { className: "line" }, ...(failedIds.length ? [again] : []), away);
  return [make("h2", {}, t("library.not_sent_n", { n: entries.length })), make("ul", {}, ...lines), acts];
}
