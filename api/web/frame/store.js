// What all views know: the session, the collections, which of them are asked, and the work that runs.

import { call, callAll } from "./http.js";

const REMEMBERED = "pagesight.chosen"; // names of collections, for the next visit in this browser
const values = {
  session: { key_required: false, name: null, scope: null, everywhere: true, read_only: false },
  collections: [],
  chosen: [], // names of the collections that are asked
  // `jobs` are those that run, as far as one may see; `secondsLeft` is what all that waits and runs takes, or null.
  work: { jobs: [], queued: 0, running: 0, secondsLeft: null, isLost: false },
  uploads: [], // files of this tab that are not sent yet, or were refused: see background/uploads.js
  deletions: [], // paths of what is deleted soon: see background/deletions.js
};
const listeners = new Map(); // name of a value -> set of functions

export function get(name) {
  return values[name];
}

export function set(name, value) {
  values[name] = value;
  for (const listener of listeners.get(name) ?? []) listener(value);
}

/** Call `listener(value)` at every change; returns the function that ends it. */
export function subscribe(name, listener) {
  if (!listeners.has(name)) listeners.set(name, new Set());
  listeners.get(name).add(listener);
  return () => listeners.get(name).delete(listener);
}

/** Whether this person's key allows it: scopes are "read" < "write" < "admin"; without keys all is. */
export function may(scope) {
  const order = ["read", "write", "admin"];
  const { key_required: isRequired, scope: own, read_only: isReadOnly } = values.session;
  if (isReadOnly) return scope === "read";
  return !isRequired || order.indexOf(own) >= order.indexOf(scope);
}

/** Load the collections; what was chosen and is gone is chosen no more. */
export async function refreshCollections() {
  set("collections", await callAll("/v1/collections", "collections"));
  const names = values.collections.map((collection) => collection.name);
  const kept = (values.chosen.length ? values.chosen : remembered()).filter((name) => names.includes(name));
  const first = values.collections.find((collection) => collection.pages > 0)?.name ?? names[0];
  set("chosen", kept.length || first === undefined ? kept : [first]);
}

/** Make a collection with any title; returns the name that the service gave it. */
export async function createCollection(title) {
  const { name } = await call("POST", "/v1/collections", { title });
  await refreshCollections();
  return name;
}

export function choose(names) {
  set("chosen", names);
  try {
    localStorage.setItem(REMEMBERED, JSON.stringify(names));
  } catch {
    // A browser that keeps nothing asks again next time.
  }
}

function remembered() {
  try {
    const names = JSON.parse(localStorage.getItem(REMEMBERED) ?? "[]");
    return Array.isArray(names) ? names : [];
  } catch {
    return [];
  }
}

// Tabs of one browser tell each other what has changed: "collections", "documents", "conversations".
const tabs = new BroadcastChannel("pagesight");
const changes = new Map();

/** Tell this tab and the others that something has changed. */
export function announce(what) {
  tabs.postMessage(what);
  hear(what);
}

/** Call `listener()` when `what` changes, in this tab or another; returns the function that ends it. */
export function onChange(what, listener) {
  if (!changes.has(what)) changes.set(what, new Set());
  changes.get(what).add(listener);
  return () => changes.get(what).delete(listener);
}

/** As `announce`, for this tab alone: the others see it by themselves. */
export function hear(what) {
  for (const listener of changes.get(what) ?? []) listener();
}

tabs.addEventListener("message", (event) => hear(event.data));
onChange("collections", () => refreshCollections().catch(() => {}));
