// Asks for an API key where the service wants one. The browser keeps it in a cookie that no script can read.

import { byId, tell } from "./dom.js";
import { call } from "./http.js";

// Only to a page of a document: an address in a link must lead nowhere else.
const NEXT = /^\/pages\/\d+(\?[\w=&.,%-]*)?$/;

/** Resolves with the session when the service may be asked: at once, or after a key was given. */
export async function enter() {
  let session = await call("GET", "/v1/session");
  if (!session.key_required) return session;
  if (session.name === null) session = await askForKey();
  const next = new URLSearchParams(location.search).get("next");
  if (next !== null && NEXT.test(next)) {
    location.replace(next);
    await new Promise(() => {}); // nothing is asked for while the browser leaves
  }
  return session;
}

function askForKey() {
  return new Promise((resolve) => {
    byId("key-dialog").addEventListener("cancel", (event) => event.preventDefault());
    byId("give-key").addEventListener("submit", async (event) => {
      event.preventDefault();
      try {
        const session = await call("POST", "/v1/session", { key: byId("key").value.trim() });
        byId("key").value = "";
        byId("key-dialog").close();
        resolve(session);
      } catch (error) {
        tell(byId("key-problem"), error);
      }
    });
    byId("key-dialog").showModal();
  });
}
