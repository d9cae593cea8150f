// What questions are held to beside their collections: documents and pages, as the address says.

import { make } from "../../frame/dom.js";
import { t } from "../../frame/texts.js";

/** Read `?document=NAME&pages=ID,ID` into the filters of a question. */
export function scopeOf(query) {
  const documents = query.getAll("document").filter(Boolean);
  const pageIds = (query.get("pages") ?? "").split(",").filter((id) => /^\d{1,15}$/.test(id)).map(Number);
  return { ...(documents.length && { documents }), ...(pageIds.length && { page_ids: pageIds }) };
}

/** The same as the query of an address; empty where nothing is held back. */
export function scopeQuery({ documents = [], page_ids: pageIds = [] }) {
  const query = new URLSearchParams(documents.map((name) => ["document", name]));
  if (pageIds.length) query.set("pages", pageIds.join(","));
  return query.size ? `?${query}` : "";
}

/** Where a question about these collections is asked, held to documents or pages. */
export function askAddress(collections, scope, question = "") {
  const query = new URLSearchParams(collections.map((name) => ["c", name]));
  for (const [name, value] of new URLSearchParams(scopeQuery(scope))) query.append(name, value);
  if (question) query.set("q", question);
  return `/ask?${query}`;
}

/** Say what questions are held to, with a way out. */
export function showScope(element, { documents = [], page_ids: pageIds = [] }, onClear) {
  const names = [...documents, ...(pageIds.length ? [t("count.pages", { n: pageIds.length })] : [])];
  element.hidden = names.length === 0;
  const clear = make("button", { type: "button", className: "quiet" }, t("ask.everywhere"));
  clear.addEventListener("click", onClear);
  element.replaceChildren(make("span", { className: "name", dir: "auto" }, t("ask.only", { names: names.join(", ") })), clear);
}
