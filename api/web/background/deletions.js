// Deletions that can be undone for some seconds, whatever view is open by then.
//
// The request is sent when the time is over, or when the page is left. Nothing is lost by a browser that breaks
// down in between: the document is then still there, and can be deleted again.

import { call } from "../frame/http.js";
import { announce, get, set } from "../frame/store.js";

export const UNDO_S = 10;

const timers = new Map(); // path -> the timer of its deletion

/** Delete what is at `path` when the time for an undo is over; `onError` is told what went wrong. */
export function deleteSoon(path, onError) {
  if (timers.has(path)) return;
  timers.set(path, setTimeout(() => deleteNow(path, onError), UNDO_S * 1000));
  set("deletions", [...timers.keys()]);
}

export function undo(path) {
  clearTimeout(timers.get(path));
  timers.delete(path);
  set("deletions", [...timers.keys()]);
}

export function isDoomed(path) {
  return get("deletions").includes(path);
}

async function deleteNow(path, onError) {
  try {
    await call("DELETE", path);
  } catch (error) {
    onError(error);
  }
  undo(path);
  announce("documents");
  announce("collections");
}

addEventListener("pagehide", () => {
  for (const path of timers.keys()) fetch(path, { method: "DELETE", keepalive: true });
});
