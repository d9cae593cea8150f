// Files on their way into a collection: a line for each, with the progress of its job.

import { byId, make, plural } from "./dom.js";
import { call, follow } from "./http.js";

const SAID = {
  indexed: "ready",
  indexed_with_warnings: "ready, with warnings",
  unchanged: "already here",
};
const MAX_SHOWN = 50;

/** A line of the list of uploads; `tell(kind, text)` changes what it says. */
export function uploadItem(name) {
  const facts = make("span", { className: "facts" }, "waiting");
  const line = make("li", { className: "waiting" },
    make("span", { className: "name", title: name }, name), facts);
  byId("uploads").append(line);
  return {
    line,
    tell: (kind, text) => {
      line.className = kind;
      facts.textContent = text;
    },
  };
}

// In so many lanes, each one job after another: a browser keeps six connections to one server.
const lanes = Array(3).fill(Promise.resolve());

/** Show the job's progress until it has ended; `ended()` is called then. */
export function followJob(job, item, ended) {
  const cancel = make("button", { type: "button", label: `Cancel ${job.name}` }, "Cancel");
  cancel.addEventListener("click", () => {
    cancel.disabled = true;
    call("POST", `/v1/jobs/${job.id}/cancel`).catch((error) => item.tell("refused", error.message));
  });
  item.line.append(cancel);
  showProgress(job, item);
  lanes.push(lanes.shift()
    .then(() => follow(job.id, (now) => showProgress(now, item)))
    .then((last) => showEnd(last, item))
    .catch((error) => item.tell("refused", error.message))
    .then(() => cancel.remove())
    .then(ended)
    .catch((error) => item.tell("refused", error.message)));
}

/** The jobs of a collection that have not ended, also those that were queued elsewhere. */
export async function showJobs(collection, ended) {
  const address = `/v1/jobs?collection=${encodeURIComponent(collection)}&limit=${MAX_SHOWN}`;
  const found = await Promise.all(["running", "queued"].map((state) =>
    call("GET", `${address}&state=${state}`)));
  const jobs = found.flatMap((one) => one.jobs.reverse());
  for (const job of jobs) followJob(job, uploadItem(job.name), ended);
}

function showProgress(job, item) {
  if (job.cancel_requested) item.tell("working", "stopping…");
  else if (job.state === "running") item.tell("working", pagesRead(job));
  else item.tell("waiting", job.error ? `waiting: ${job.error.message}` : "waiting");
}

function pagesRead(job) {
  return job.pages_done ? `${job.pages_done} of ${plural(job.pages_total, "page")}` : "reading…";
}

async function showEnd(job, item) {
  if (job.state === "cancelled") {
    item.tell("waiting", "cancelled");
  } else if (job.state === "failed") {
    item.tell("refused", job.error?.message ?? job.verdict);
  } else {
    const warnings = job.verdict === "indexed_with_warnings"
      ? (await call("GET", `/v1/documents/${job.document_id}`)).warnings
      : [];
    const notes = [SAID[job.verdict], plural(job.pages_total, "page"), ...warnings];
    item.tell("good", notes.join(" · "));
  }
}
