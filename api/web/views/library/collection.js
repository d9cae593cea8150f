// One collection: what it is, what is on its way into it, and its documents.

import { byId, tell } from "../../frame/dom.js";
import { call } from "../../frame/http.js";
import { choose, get, may, onChange, subscribe } from "../../frame/store.js";
import { dayName, languageNames, sizeName, t } from "../../frame/texts.js";
import { SAMPLES, samplesOffer } from "../../background/samples.js";
import { upload } from "../../background/uploads.js";
import { askForNewTitle, askToDelete } from "./dialogs.js";
import { openDocuments } from "./documents.js";
import { openProgress } from "./progress.js";

export function openCollection(name, address) {
  const listening = new AbortController();
  let collection = null;
  const listen = (id, act) => byId(id).addEventListener("click", act, { signal: listening.signal });

  listen("rename", () => collection && askForNewTitle(collection));
  listen("delete", () => collection && askToDelete(collection));
  listen("ask", () => choose([name]));
  listen("add", () => byId("files").click());
  byId("files").addEventListener("change", () => {
    upload(name, [...byId("files").files]);
    byId("files").value = "";
  }, { signal: listening.signal });
  byId("ask").href = `/ask?${new URLSearchParams({ c: name })}`;
  byId("add").hidden = byId("rename").hidden = !may("write");
  byId("delete").hidden = !may("admin");

  async function refresh() {
    try {
      collection = await call("GET", `/v1/collections/${encodeURIComponent(name)}`);
      if (listening.signal.aborted) return; // the view is closed
      showFacts(collection);
      tell(byId("one-problem"), null);
    } catch (error) {
      if (listening.signal.aborted) return;
      tell(byId("one-problem"), error.status === 404 ? new Error(t("library.gone")) : error);
    }
    const isGone = collection === null || !byId("one-problem").hidden;
    for (const id of ["tools", "table"]) byId(id).classList.toggle("gone", isGone);
  }

  byId("title").textContent = get("collections").find((row) => row.name === name)?.title ?? name;
  byId("facts").textContent = "";
  byId("one-offer").replaceChildren();
  refresh();
  const documents = openDocuments(name, address);
  const progress = openProgress(name);
  const endings = [onChange("documents", refresh), onChange("collections", refresh)];
  if (name === SAMPLES) {
    offerQuestions();
    endings.push(subscribe("collections", offerQuestions));
  }
  return {
    update: (newAddress) => documents.update(newAddress),
    close() {
      listening.abort();
      endings.forEach((end) => end());
      documents.close();
      progress.close();
    },
  };
}

function showFacts(collection) {
  byId("title").textContent = collection.title;
  byId("only-refused").textContent = t("library.rejected", { n: collection.rejected });
  byId("only-refused").hidden = collection.rejected === 0 && byId("only-refused").ariaPressed !== "true";
  byId("facts").textContent = [
    t("count.documents", { n: collection.documents }),
    t("count.pages", { n: collection.pages }),
    sizeName(collection.original_bytes + collection.vector_bytes),
    t("library.read_by", { encoder: collection.encoder }),
    ...(collection.languages.length ? [t("library.reads", { languages: languageNames(collection.languages) })] : []),
    t("library.since", { day: dayName(collection.created_at) }),
  ].join(" · ");
}

async function offerQuestions() {
  try {
    const offer = await samplesOffer();
    byId("one-offer")?.replaceChildren(offer); // the view may be closed by now
  } catch {
    // The documents are there without the offer, too.
  }
}
