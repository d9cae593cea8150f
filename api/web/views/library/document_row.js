// A document as a row: what it is, what is wrong with it, and what can be done.

import { byId, make } from "../../frame/dom.js";
import { call, imageAddress } from "../../frame/http.js";
import { announce, may } from "../../frame/store.js";
import { dayName, sizeName, t } from "../../frame/texts.js";
import { UNDO_S, deleteSoon, isDoomed, undo } from "../../background/deletions.js";
import { lookNow } from "../../background/jobs.js";
import { upload } from "../../background/uploads.js";
import { refusalName } from "./refusals.js";

const COVER_PX = 96;
const NO_USE = ["empty", "not_pdf", "unsupported", "too_large", "password"]; // another try would end in the same way

export function documentRow(document, collection) {
  const row = make("tr", { className: document.error ? "refused" : "" });
  fill(row, document, collection);
  return row;
}

function fill(row, document, collection) {
  const path = `/v1/documents/${document.id}`;
  if (isDoomed(path)) {
    row.replaceChildren(undoCell(row, document, collection, path));
    return;
  }
  const acts = make("td", { className: "acts" });
  if (may("write")) acts.append(...actions(row, document, collection, path));
  row.replaceChildren(
    nameCell(document),
    make("td", { className: "number" }, document.pages ? t("count.pages", { n: document.pages }) : "–"),
    make("td", { className: "number" }, sizeName(document.bytes)),
    make("td", { className: "number" }, dayName(document.created_at)),
    acts);
}

function nameCell(document) {
  const head = make("th", { scope: "row" });
  const box = make("div", { className: "what" }, cover(document));
  const words = make("div", { className: "words" });
  const name = document.first_page_id === null
    ? make("span", { className: "title", dir: "auto" }, document.name)
    : make("a", { className: "title", dir: "auto", href: `/doc/${document.id}` }, document.name);
  words.append(name, ...notes(document));
  box.append(words);
  head.append(box);
  return head;
}

function cover({ first_page_id: pageId }) {
  if (pageId === null) return make("span", { className: "cover none" });
  return make("img", { className: "cover", src: imageAddress(pageId, COVER_PX), alt: "", loading: "lazy", width: 40, height: 52 });
}

function notes(document) {
  if (document.error) return [make("p", { className: "bad" }, refusalName(document.verdict)), detailsOf(`${document.name} ${document.error.message}`)];
  const texts = [];
  const { title, authors, date } = document.metadata;
  if (title || authors) texts.push([title, authors, date].filter(Boolean).join(" · "));
  if (document.tags.length) texts.push(document.tags.join(" · "));
  if (document.verdict === "indexing") texts.push(t("library.first_pages"));
  if (document.attachment_of) texts.push(t("library.attached_to", { name: document.attachment_of }));
  if (document.version && !document.current) texts.push(t("library.older_version"));
  if (document.degraded) texts.push(t("library.degraded"));
  const lines = texts.map((text) => make("p", { className: "muted" }, text));
  const warnings = [document.degraded, ...document.warnings].filter(Boolean);
  if (warnings.length) lines.push(detailsOf(warnings.join(" · "), t("library.warnings", { n: warnings.length })));
  return lines;
}

export function detailsOf(text, summary = t("library.details")) {
  return make("details", {}, make("summary", {}, summary), make("p", { className: "muted", dir: "auto" }, text));
}

function actions(row, document, collection, path) {
  const problem = make("p", { className: "bad", hidden: true });
  problem.setAttribute("role", "alert");
  const complain = (error) => {
    if (isDoomed(path)) undo(path);
    fill(row, document, collection);
    row.querySelector(".acts")?.append(make("p", { className: "bad", role: "alert" }, error.message));
  };
  const buttons = [];
  if (document.error && !NO_USE.includes(document.verdict)) {
    buttons.push(button("again", document, async () => {
      await call("POST", `${path}/retry`);
      await lookNow();
      announce("documents");
    }, complain));
  }
  buttons.push(button("replace", document, () => replace(document, collection), complain));
  buttons.push(button("remove", document, () => {
    deleteSoon(path, complain);
    fill(row, document, collection);
    row.querySelector("button").focus();
  }, complain));
  return buttons;
}

function button(act, document, run, complain) {
  const element = make("button", { type: "button", className: `quiet ${act}`, label: t(`library.act.${act}_label`, { name: document.name }) }, t(`library.act.${act}`));
  element.addEventListener("click", async () => {
    element.disabled = act === "again";
    try {
      await run();
    } catch (error) {
      complain(error);
    }
  });
  return element;
}

/** Another file takes the place: of one that can be asked as its newest version, of a refused one altogether. */
function replace(document, collection) {
  const field = byId("replacement");
  field.onchange = async () => {
    const files = [...field.files];
    field.value = "";
    const isRefused = document.error !== null;
    const removeRefused = async () => {
      await call("DELETE", `/v1/documents/${document.id}`).catch((error) => {
        if (error.status !== 404) throw error; // the same bytes came again, and took its place already
      });
    };
    await upload(collection, files, {
      name: isRefused ? null : document.name,
      onSent: isRefused ? removeRefused : null,
    });
  };
  field.click();
}

function undoCell(row, document, collection, path) {
  const back = make("button", { type: "button", label: t("library.undo_label", { name: document.name }) }, t("library.undo"));
  back.addEventListener("click", () => {
    undo(path);
    fill(row, document, collection);
    row.querySelector(".remove")?.focus();
  });
  const text = make("span", { className: "muted", dir: "auto" }, t("library.deleted", { name: document.name }));
  const line = make("td", { colSpan: 5, className: "undo" }, make("div", { className: "what" }, back, text, make("span", { className: "fuse" })));
  line.addEventListener("mousedown", (event) => {
    if (event.detail > 1) event.preventDefault(); // the second click on "Delete": the focus stays on "Undo"
  });
  line.style.setProperty("--undo-s", `${UNDO_S}s`);
  return line;
}
