// Files may be dropped on every view. Where they are to go is asked, and they wait for the answer.

import { make, tell } from "../frame/dom.js";
import { currentAddress, navigate } from "../frame/router.js";
import { createCollection, get, may } from "../frame/store.js";
import { t } from "../frame/texts.js";
import { upload } from "./uploads.js";

let curtain = null;
let depth = 0; // dragenter and dragleave come in pairs for every element that is crossed

export function startDrops() {
  curtain = make("div", { className: "curtain", hidden: true }, make("p", {}, t("work.drop")));
  document.body.append(curtain);
  listen("dragenter", () => show(depth + 1));
  listen("dragleave", () => show(depth - 1));
  listen("dragover", () => {});
  listen("drop", async (event) => {
    show(0);
    const files = await filesOf(event.dataTransfer);
    if (files.length > 0) askWhere(files);
  });
}

function listen(name, act) {
  addEventListener(name, (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    act(event);
  });
}

function show(newDepth) {
  depth = Math.max(0, newDepth);
  curtain.hidden = depth === 0;
}

/** The files of a drop; of folders, all that they hold. */
async function filesOf(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.() ?? null);
  if (!entries.some((entry) => entry?.isDirectory)) return [...transfer.files];
  const lists = await Promise.all(entries.filter(Boolean).map(filesBelow));
  return lists.flat();
}

async function filesBelow(entry) {
  if (entry.isFile) return [await new Promise((resolve, reject) => entry.file(resolve, reject))];
  const reader = entry.createReader();
  const files = [];
  for (;;) { // a reader gives a hundred entries at a time
    const part = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (part.length === 0) return files;
    files.push(...(await Promise.all(part.map(filesBelow))).flat());
  }
}

/** Ask which collection files go to, and send them there; Cancel sends nothing. */
export function askWhere(files) {
  const dialog = make("dialog", { className: "sheet-dialog where" });
  dialog.setAttribute("aria-labelledby", "where-title");
  const close = make("button", { type: "button" }, t("work.cancel"));
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  dialog.append(make("h2", { id: "where-title" }, t("work.where", { n: files.length })), namesOf(files));
  if (may("write")) dialog.append(whereForm(dialog, files, close));
  else dialog.append(make("p", { className: "problem" }, t("work.read_only")), make("p", { className: "line" }, close));
  document.body.append(dialog);
  dialog.showModal();
}

function namesOf(files) {
  const names = files.slice(0, 3).map((file) => file.name).join(", ");
  const more = files.length > 3 ? ` ${t("work.more", { n: files.length - 3 })}` : "";
  return make("p", { className: "muted", dir: "auto" }, names + more);
}

const NEW = ""; // no collection has this name

function whereForm(dialog, files, close) {
  const choice = make("select", { id: "where-collection", label: t("library.collection") });
  for (const { name, title } of get("collections")) choice.append(make("option", { value: name }, title));
  if (get("session").everywhere) choice.append(make("option", { value: NEW }, t("library.create")));
  choice.value = currentAddress()?.params.collection ?? get("chosen")[0] ?? NEW;
  const title = make("input", { required: true, pattern: ".*\\S.*", maxLength: 100, dir: "auto", label: t("library.new_title"), placeholder: t("library.new_title") });
  title.value = t("library.first_title");
  const problem = make("p", { className: "problem", hidden: true });
  problem.setAttribute("role", "alert");
  const showTitle = () => { title.hidden = title.disabled = choice.value !== NEW; };
  choice.addEventListener("change", showTitle);
  showTitle();
  const form = make("form", {},
    make("p", { className: "line" }, choice, title),
    problem,
    make("p", { className: "line" }, make("button", { className: "primary" }, t("work.add")), close));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const name = choice.value === NEW ? await createCollection(title.value) : choice.value;
      dialog.close();
      navigate(`/library/${encodeURIComponent(name)}`);
      upload(name, files);
    } catch (error) {
      tell(problem, error); // the dialog stays, and the files with it
    }
  });
  return form;
}
