// What the service works on, asked for every few seconds: no closed view and no reload hides it.

import { call } from "../frame/http.js";
import { get, hear, refreshCollections, set } from "../frame/store.js";

const BUSY_MS = 2_000;
const IDLE_MS = 6_000;
const SOON_MS = 200;

let timer = null;
let lastSign = null; // what the last look saw: another one means that something began or ended
let turn = 0; // counts the looks: the answer of an older one is dropped

export function startWork() {
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    lookNow();
    hear("documents"); // another program may have changed them meanwhile
  });
  lookNow();
}

/** Look at the jobs at once, as something was queued, cancelled or tried again. */
export async function lookNow() {
  clearTimeout(timer);
  const own = ++turn;
  const { queued, running } = get("work");
  const isBusy = queued + running > 0;
  try {
    const body = await call("GET", isBusy ? "/v1/jobs?state=running&limit=20" : "/v1/jobs?limit=10");
    if (own === turn) note(body);
  } catch {
    if (own === turn) set("work", { ...get("work"), isLost: true });
  }
  if (own === turn && !document.hidden) {
    const work = get("work");
    const isNews = work.running > 0 && work.jobs.length === 0; // those that run were not asked for yet
    timer = setTimeout(lookNow, isNews ? SOON_MS : work.queued + work.running ? BUSY_MS : IDLE_MS);
  }
}

function note({ jobs, queued, running, seconds_left: secondsLeft }) {
  const sign = [queued, running, ...jobs.map((job) => job.id + job.state)].join(" ");
  const runningJobs = jobs.filter((job) => job.state === "running").reverse();
  set("work", { jobs: runningJobs, queued, running, secondsLeft, isLost: false });
  if (lastSign !== null && sign !== lastSign) {
    hear("documents");
    refreshCollections().catch(() => {}); // the next look tells that the service is gone
  }
  lastSign = sign;
}
