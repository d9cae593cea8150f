// What can be said of a file before it is sent: a file that the service would refuse need not wait in line.

import { get } from "../frame/store.js";

const HEAD_BYTES = 1024; // in which a PDF says what it is
const SIGN = "%PDF-";

/** Why a file need not be sent, as a verdict of the service: "empty", "unsupported", "too_large"; null: send it. */
export async function refusalOf(file) {
  if (file.size === 0) return "empty";
  if (file.size > get("session").max_file_bytes) return "too_large";
  let head;
  try {
    head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
  } catch {
    return "unreadable"; // a folder, or a file that was moved away meanwhile
  }
  // What other kinds of files are, the service tells by their content.
  const claimsPdf = file.name.toLowerCase().endsWith(".pdf");
  return claimsPdf && !String.fromCharCode(...head).includes(SIGN) ? "unsupported" : null;
}
