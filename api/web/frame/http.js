// The routes of the service. Whatever goes wrong is an Error with one line for a person.

import { t } from "./texts.js";

let isLeft = false; // the browser goes to another document, and ends what is under way
addEventListener("pagehide", () => (isLeft = true));
addEventListener("pageshow", () => (isLeft = false)); // Back may bring this document as it was

export async function call(method, path, body) {
  const options = { method };
  if (body instanceof FormData) {
    options.body = body;
  } else if (body !== undefined) {
    options.headers = { "Content-Type": "application/json" };
    options.body = JSON.stringify(body);
  }
  const response = await reach(path, options);
  return response.status === 204 ? null : unlessLeft(response.json());
}

/** Every entry of a list that comes in parts; `field` holds the entries. */
export async function callAll(path, field) {
  const entries = [];
  let cursor = null;
  do {
    const part = await call("GET", cursor ? `${path}${path.includes("?") ? "&" : "?"}cursor=${encodeURIComponent(cursor)}` : path);
    entries.push(...part[field]);
    cursor = part.next_cursor;
  } while (cursor);
  return entries;
}

/** Server-sent events of a POST: yields [event, data] as they arrive. */
export async function* stream(path, body, signal) {
  const response = await reach(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    signal,
  });
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let waiting = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    waiting += decoder.decode(value, { stream: true });
    const frames = waiting.split("\n\n");
    waiting = frames.pop();
    for (const frame of frames) {
      if (!frame.startsWith(":")) yield parsed(frame); // a comment keeps the connection while an answer is slow
    }
  }
}

/** Follow a job: `listener(job)` at every change; resolves with the job when it has ended. */
export function follow(jobId, listener) {
  return new Promise((resolve, reject) => {
    const events = new EventSource(`/v1/jobs/${jobId}/events`);
    const end = (settle, value) => {
      events.close();
      settle(value);
    };
    events.addEventListener("progress", (event) => listener(JSON.parse(event.data)));
    events.addEventListener("end", (event) => end(resolve, JSON.parse(event.data)));
    events.addEventListener("error", (event) => {
      // Without data the connection is lost, and the browser makes a new one by itself.
      if (event.data) end(reject, new Error(JSON.parse(event.data).error.message));
      else if (events.readyState === EventSource.CLOSED) end(reject, new Error(t("http.job_gone")));
    });
  });
}

export function imageAddress(pageId, width) {
  return `/v1/pages/${pageId}/image?width=${width}`;
}

export function heatAddress(pageId, query, width) {
  return `/v1/pages/${pageId}/heatmap?query=${encodeURIComponent(query)}&width=${width}&format=png`;
}

function parsed(frame) {
  const fields = { event: "message", data: "" };
  for (const line of frame.split("\n")) {
    const colon = line.indexOf(": ");
    if (colon > 0) fields[line.slice(0, colon)] = line.slice(colon + 2);
  }
  return [fields.event, JSON.parse(fields.data)];
}

/** What a promise brings; a failure after the page was left reaches nobody, whose view is gone. */
async function unlessLeft(promise) {
  try {
    return await promise;
  } catch (error) {
    if (isLeft) await new Promise(() => {});
    throw error;
  }
}

async function reach(path, options) {
  let response;
  try {
    response = await unlessLeft(fetch(path, options));
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error(t("http.unreachable"));
  }
  if (response.ok) return response;
  const body = await response.json().catch(() => null);
  const error = new Error(body?.error?.message ?? t("http.status", { status: String(response.status) }));
  throw Object.assign(error, { status: response.status, code: body?.error?.code });
}
