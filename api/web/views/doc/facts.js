// What a document is, in the words of its side.

import { byId, make, tell } from "../../frame/dom.js";
import { dayName, sizeName, t } from "../../frame/texts.js";
import { askAddress } from "../ask/scope.js";

export function showFacts(document, collection) {
  byId("doc-name").textContent = document.name;
  const { title, authors, date, source = "" } = document.metadata;
  byId("doc-line").replaceChildren(lineOf(document), ...sourceLink(source));
  byId("doc-described").textContent = [title, authors, date].filter(Boolean).join(" · ");
  byId("doc-described").hidden = !(title || authors || date);
  byId("doc-tags").replaceChildren(...document.tags.map((tag) => make("li", {}, tagLink(tag, collection))));
  byId("doc-newer").hidden = document.current !== false;
  byId("doc-find").hidden = byId("doc-ask").hidden = byId("doc-file").hidden = document.pages === 0;
  byId("doc-file").href = `/v1/documents/${encodeURIComponent(document.id)}/file`;
  byId("doc-diff").hidden = !(document.version?.number > 1);
  byId("doc-diff").href = `/v1/documents/${encodeURIComponent(document.id)}/diff?format=html`;
  byId("doc-ask").href = askAddress([collection].filter(Boolean), { documents: [document.name] });
  const warnings = [document.degraded, ...document.warnings].filter(Boolean);
  byId("doc-warnings").hidden = warnings.length === 0;
  byId("doc-warnings").open = Boolean(document.degraded);
  byId("doc-warning-list").replaceChildren(...warnings.map((text) => make("li", {}, text)));
  const refusal = document.error ? new Error(t("doc.refused", { reason: document.error.message })) : null;
  tell(byId("doc-problem"), refusal);
}

/** Where a document was fetched from; what is no address of the web is no link. */
function sourceLink(source) {
  if (!/^https?:\/\//i.test(source)) return [];
  return [" · ", make("a", { href: source, rel: "noreferrer", dir: "ltr" }, source)];
}

/** Where pages of documents with this tag are searched. */
function tagLink(tag, collection) {
  const query = new URLSearchParams({ c: collection, tag });
  return make("a", { href: `/search?${query}`, dir: "auto" }, tag);
}

function lineOf({ pages, bytes, version, created_at: addedAt, attachment_of: parent, aliases = [] }) {
  const facts = [t("count.pages", { n: pages }), sizeName(bytes), t("doc.added", { day: dayName(addedAt) })];
  if (version) {
    const { number, n_versions: total, ingested_at: day } = version;
    facts.push(t("doc.version", { number, total, day: dayName(day) }));
  }
  if (parent) facts.push(t("doc.attachment", { name: parent }));
  if (aliases.length) facts.push(t("doc.aliases", { names: aliases.join(", ") }));
  return facts.join(" · ");
}
