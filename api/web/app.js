// Starts the page: what is shown depends on what the chosen collection holds.

import { ask, busy, reset, stop } from "./answer.js";
import { byId, plural, tell } from "./dom.js";
import { call } from "./http.js";
import { enter } from "./key.js";
import { current, open } from "./library.js";
import { layThumbs, pressThumb } from "./thumbs.js";
import { show } from "./viewer.js";

const MAX_COVERS = 30;
let shownCollection;

function showCollection(collection) {
  const empty = !collection?.pages;
  byId("start").hidden = !empty;
  byId("ask").hidden = empty;
  byId("step-name").hidden = collection !== undefined;
  byId("start-title").textContent = collection === undefined
    ? "Ask your PDFs, and see the page that proves the answer"
    : `“${collection.name}” is empty`;
  byId("start-how").textContent = collection === undefined
    ? "Two steps, then ask."
    : "Add documents, then ask.";
  byId("hint").hidden = empty;
  byId("hint").textContent = empty ? "" : `${plural(collection.documents, "document")}, `
    + `${plural(collection.pages, "page")}. Every answer shows the page that proves it.`;
  if (collection?.name !== shownCollection) reset();
  shownCollection = collection?.name;
  if (empty) layThumbs("", []);
  else showCovers(collection.name).catch(complain);
}

/** The first page of every document, as long as nothing has been asked. */
async function showCovers(name) {
  if (!byId("answer").hidden) return;
  const { documents } = await call("GET", `/v1/collections/${encodeURIComponent(name)}/documents`);
  if (!byId("answer").hidden || name !== shownCollection) return;
  const readable = documents.filter((one) => one.first_page_id !== null);
  layThumbs("In this collection", readable.slice(0, MAX_COVERS).map((one) => ({
    pageId: one.first_page_id,
    name: one.name,
    facts: plural(one.pages, "page"),
    title: one.name,
    act: () => {
      pressThumb(one.first_page_id);
      show(one.first_page_id, [], true);
    },
  })));
}

function complain(error) {
  byId("answer").hidden = false;
  tell(byId("problem"), error);
}

byId("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  const question = byId("question").value.trim();
  if (busy()) {
    stop();
  } else if (question) {
    byId("hint").hidden = true;
    ask(question, current().name);
  }
});

byId("question").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  if (!busy()) byId("ask").requestSubmit();
});

try {
  await enter();
  await open(showCollection);
} catch (error) {
  complain(error);
}
