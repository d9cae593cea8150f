// Collections and their documents: choose, create, upload, delete.

import { byId, make, plural, tell } from "./dom.js";
import { call, callAll } from "./http.js";
import { followJob, showJobs, uploadItem } from "./uploads.js";

let changed = () => {}; // told whenever another collection, or the content of this one, is shown
let collections = [];

export const current = () => collections.find((one) => one.name === byId("collection").value);

/** Load the collections and listen; `onChange(collection or undefined)` is called at every change. */
export async function open(onChange) {
  changed = onChange;
  byId("collection").addEventListener("change", () => select(byId("collection").value));
  byId("open-library").addEventListener("click", openDialog);
  byId("close-library").addEventListener("click", () => byId("library").close());
  byId("new-collection").addEventListener("submit", (event) => {
    event.preventDefault();
    create(byId("new-name").value).then(() => byId("new-collection").reset(), complain);
  });
  for (const id of ["choose-files", "first-files"]) {
    byId(id).addEventListener("click", () => byId("files").click());
  }
  byId("files").addEventListener("change", () => {
    upload([...byId("files").files]);
    byId("files").value = "";
  });
  listenForDrops();
  await refresh(decodeURIComponent(location.hash.slice(1)));
}

async function refresh(name = byId("collection").value) {
  collections = await callAll("/v1/collections", "collections");
  const options = collections.map((one) => make("option", { value: one.name }, one.name));
  byId("collection").replaceChildren(...options);
  await select(collections.some((one) => one.name === name) ? name : collections[0]?.name);
}

async function select(name) {
  byId("choice").hidden = name === undefined;
  byId("library-title").textContent = name === undefined ? "Documents" : name;
  if (name !== undefined) {
    byId("collection").value = name;
    history.replaceState(null, "", `#${encodeURIComponent(name)}`);
  }
  changed(current());
  if (byId("library").open) await listDocuments();
}

async function create(name) {
  await call("POST", "/v1/collections", { name });
  await refresh(name);
}

function openDialog() {
  showDialog();
  if (current()) showJobs(current().name, refresh).catch(complain);
}

function showDialog() {
  tell(byId("library-problem"), null);
  byId("uploads").replaceChildren();
  byId("library").showModal();
  listDocuments().catch(complain);
}

async function listDocuments() {
  const name = current()?.name;
  if (name === undefined) return;
  const path = `/v1/collections/${encodeURIComponent(name)}/documents`;
  const documents = await callAll(path, "documents");
  byId("documents").replaceChildren(...documents.map(documentItem));
}

function pagesOf(one) {
  const pages = plural(one.pages, "page");
  return one.verdict === "indexing" ? `${pages}, the first are searchable` : pages;
}

function documentItem(one) {
  const refused = one.error !== null;
  const remove = make("button", { type: "button", label: `Delete ${one.name}` }, "Delete");
  remove.addEventListener("click", () => {
    if (remove.dataset.sure) {
      call("DELETE", `/v1/documents/${one.id}`).then(() => refresh()).catch(complain);
    } else {
      remove.dataset.sure = "yes";
      remove.textContent = "Really delete?";
    }
  });
  return make("li", { className: refused ? "refused" : "" },
    make("span", { className: "name", title: one.name }, one.name),
    make("span", { className: "facts" }, refused ? one.error.message : pagesOf(one)),
    remove);
}

/** Upload one after another; every file gets its own line, and its job's progress. */
export async function upload(files) {
  if (!files.length) return;
  if (!byId("library").open) showDialog();
  tell(byId("library-problem"), null);
  const items = files.map((file) => uploadItem(file.name));
  try {
    if (!current()) await create(byId("first-name").value.trim());
  } catch (error) {
    byId("uploads").replaceChildren();
    complain(error);
    return;
  }
  const { name } = current();
  for (const [i, file] of files.entries()) await uploadOne(name, file, items[i]);
}

async function uploadOne(collection, file, item) {
  item.tell("working", "sending…");
  const form = new FormData();
  form.append("files", file);
  try {
    const path = `/v1/collections/${encodeURIComponent(collection)}/documents`;
    const { jobs: [job] } = await call("POST", path, form);
    followJob(job, item, refresh);
  } catch (error) {
    item.tell("refused", error.message);
  }
}

function listenForDrops() {
  let depth = 0; // dragenter and dragleave come in pairs for every element that is crossed
  const show = (change) => {
    depth = change === 0 ? 0 : Math.max(0, depth + change);
    byId("dropping").hidden = depth === 0;
  };
  const listen = (name, act) => addEventListener(name, (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    act(event);
  });
  listen("dragenter", () => show(1));
  listen("dragleave", () => show(-1));
  listen("dragover", () => {});
  listen("drop", (event) => {
    show(0);
    upload([...event.dataTransfer.files]);
  });
}

function complain(error) {
  tell(byId("library-problem"), error);
}
