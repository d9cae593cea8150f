// What can be said of a file before it is sent: what the service would surely refuse need not wait in line.

import { get } from "../frame/store.js";

/** Why a file need not be sent, as a verdict of the service: "empty", "too_large"; null: send it. */
export async function refusalOf(file) {
  if (file.size === 0) return "empty";
  if (file.size > get("session").max_file_bytes) return "too_large";
  try {
    await file.slice(0, 1).arrayBuffer();
  } catch {
    return "unreadable"; // a folder, or a file that was moved away meanwhile
  }
  return null; // which kinds can be read the service knows, and says when the file has come
}
