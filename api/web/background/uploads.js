// Files on their way to the service, whatever view is open. One is sent at a time; its job takes over then.

import { announce, get, set } from "../frame/store.js";
import { t } from "../frame/texts.js";
import { refusalOf } from "./file_checks.js";
import { lookNow } from "./jobs.js";

let serial = 0;
let isSending = false;
let newsAt = 0; // when the others were last told that files arrived
const NEWS_MS = 1_500; // hundreds of small files are told of together

/**
 * Send files into a collection; those that the service would refuse are told at once.
 * `name`: what a single file is to be called, as it takes another one's place. `onSent` follows that file.
 */
export async function upload(collection, files, { name = null, onSent = null } = {}) {
  const entries = await Promise.all([...files].map(async (file) => {
    const verdict = await refusalOf(file);
    return {
      id: ++serial, collection, file, onSent, verdict,
      name: name ?? file.name,
      state: verdict === null ? "waiting" : "refused",
      sentBytes: 0,
      problem: null,
    };
  }));
  set("uploads", [...get("uploads"), ...entries]);
  await sendAll();
}

/** Forget files that were refused or not sent. */
export function forget(ids) {
  set("uploads", get("uploads").filter((entry) => !ids.includes(entry.id)));
}

/** Send files again that did not arrive. */
export function sendAgain(ids) {
  for (const id of ids) change(id, { state: "waiting", problem: null });
  return sendAll();
}

async function sendAll() {
  if (isSending) return;
  isSending = true;
  try {
    for (let entry = next(); entry; entry = next()) await sendOne(entry);
  } finally {
    isSending = false;
  }
}

function next() {
  return get("uploads").find((entry) => entry.state === "waiting");
}

async function sendOne(entry) {
  change(entry.id, { state: "sending", sentBytes: 0 });
  try {
    const { jobs: [job] } = await send(entry, (sentBytes) => change(entry.id, { sentBytes }));
    await entry.onSent?.(job);
    forget([entry.id]);
  } catch (error) {
    change(entry.id, { state: "failed", problem: error.message });
  }
  if (next() && performance.now() - newsAt < NEWS_MS) return;
  newsAt = performance.now();
  await lookNow();
  announce("documents");
}

function change(id, values) {
  set("uploads", get("uploads").map((entry) => (entry.id === id ? { ...entry, ...values } : entry)));
}

/** `fetch` cannot tell how much was sent. */
function send({ collection, file, name }, onProgress) {
  const form = new FormData();
  form.append("files", file, name);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/v1/collections/${encodeURIComponent(collection)}/documents`);
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => onProgress(event.loaded));
    request.addEventListener("load", () => {
      const { status, response } = request;
      if (status < 400 && response) resolve(response);
      else reject(new Error(response?.error?.message ?? t("http.status", { status: String(status) })));
    });
    request.addEventListener("error", () => reject(new Error(t("http.unreachable"))));
    request.send(form);
  });
}

// What is not sent yet is lost with the tab: the browser asks first.
addEventListener("beforeunload", (event) => {
  if (get("uploads").some(({ state }) => state === "waiting" || state === "sending")) event.preventDefault();
});
