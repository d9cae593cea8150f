// What is searched for and where: the form and the address say the same.

import { byId, make } from "../../frame/dom.js";
import { callAll } from "../../frame/http.js";
import { choose, get } from "../../frame/store.js";
import { t } from "../../frame/texts.js";

/** A search as the address has it: {q, collections, mode, document, pages, tags}. */
export function searchOf(query) {
  const knownNames = get("collections").map((collection) => collection.name);
  const namedCollections = query.getAll("c").filter((name) => knownNames.includes(name));
  return {
    q: query.get("q") ?? "",
    collections: namedCollections.length ? namedCollections : get("chosen"),
    mode: ["words", "vectors"].includes(query.get("mode")) ? query.get("mode") : "both",
    document: query.get("document") ?? "",
    pages: query.get("pages") ?? "",
    tags: query.getAll("tag"),
  };
}

export function addressOf({ q, collections, mode, document: name, pages, tags }) {
  const query = new URLSearchParams({ q });
  for (const collection of collections) query.append("c", collection);
  if (mode !== "both") query.set("mode", mode);
  if (name) query.set("document", name);
  if (pages) query.set("pages", pages);
  for (const tag of tags) query.append("tag", tag);
  return `/search?${query}`;
}

/**
 * `onChange(search)` is called when a person submits the form or chooses something else; `onDocuments(documents)`
 * when it is known which there are in the collections that are chosen.
 */
export function createForm(onChange, onDocuments) {
  const form = byId("search-form");
  let listedCollections = ""; // collections whose documents are offered

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    onChange(read());
  });
  form.addEventListener("change", (event) => {
    if (event.target.id === "search-q" || event.target.id === "search-file") return;
    if (event.target.closest("#search-collections")) byId("search-document").value = "";
    if (form.reportValidity()) onChange(read());
  });

  function read() {
    const pickedNames = [...byId("search-collections").querySelectorAll(":checked")].map((box) => box.value);
    const collections = pickedNames.length ? pickedNames : get("chosen");
    choose(collections);
    return {
      q: byId("search-q").value.trim(),
      collections,
      mode: form.elements.mode.value,
      document: byId("search-document").value,
      pages: byId("search-pages").value.replace(/\s/g, ""),
      tags: byId("search-tags").value.split(",").map((tag) => tag.trim()).filter(Boolean),
    };
  }

  function show(search) {
    const collections = get("collections");
    byId("search-q").value = search.q;
    byId("search-pages").value = search.pages;
    byId("search-tags").value = search.tags.join(", ");
    if (search.pages || search.document || search.tags.length) byId("search-filters").open = true;
    form.elements.mode.value = search.mode;
    const chosenCollections = collections.filter(({ name }) => search.collections.includes(name));
    const looks = chosenCollections.some((collection) => collection.image_queries);
    byId("search-vectors").textContent = t(looks ? "search.looks" : "search.meaning");
    byId("search-with-image").hidden = !looks;
    byId("search-collections").hidden = collections.length < 2;
    showPicks(collections, search.collections);
    listDocuments(search);
  }

  async function listDocuments({ collections, document: name }) {
    const key = collections.join("\n");
    if (key === listedCollections) {
      byId("search-document").value = name;
      return;
    }
    listedCollections = key;
    offer([], name);
    const lists = await Promise.all(collections.map(documentsOf)).catch(() => []); // the filter is not all there is
    if (key !== listedCollections) return;
    offer(lists.flat().map((row) => row.name), byId("search-document").value);
    const tags = [...new Set(lists.flat().flatMap((row) => row.tags))].sort((a, b) => a.localeCompare(b));
    byId("search-known-tags").replaceChildren(...tags.map((tag) => make("option", { value: tag })));
    onDocuments(lists.flat());
  }

  /** The documents are asked for again when the form is shown the next time. */
  function forget() {
    listedCollections = "";
  }

  return { show, forget };
}

async function documentsOf(collection) {
  const documents = await callAll(`/v1/collections/${encodeURIComponent(collection)}/documents?limit=1000`, "documents");
  return documents.filter(({ pages, current }) => pages > 0 && current);
}

function offer(names, chosenName) {
  const all = [...new Set([...names, ...(chosenName ? [chosenName] : [])])].sort((a, b) => a.localeCompare(b));
  const options = all.map((name) => make("option", { value: name }, name));
  byId("search-document").replaceChildren(make("option", { value: "" }, t("search.any_document")), ...options);
  byId("search-document").value = chosenName;
}

/** New boxes only where there are other collections: one that is being clicked must stay. */
function showPicks(collections, chosenNames) {
  const group = byId("search-collections");
  const boxes = () => [...group.querySelectorAll("input")];
  const key = JSON.stringify(collections.map(({ name, title }) => [name, title]));
  if (group.dataset.key !== key) {
    group.dataset.key = key;
    group.replaceChildren(group.firstElementChild, ...collections.map(pick));
  }
  for (const box of boxes()) box.checked = chosenNames.includes(box.value);
}

function pick({ name, title }) {
  const box = make("input", { type: "checkbox", value: name });
  return make("label", {}, box, make("span", { dir: "auto", title: title ?? name }, title ?? name));
}
