// The questions that the library asks: a title, and whether to delete a collection.

import { make, tell } from "../../frame/dom.js";
import { call } from "../../frame/http.js";
import { navigate } from "../../frame/router.js";
import { announce, createCollection } from "../../frame/store.js";
import { t } from "../../frame/texts.js";

/** A new collection by its title: every name is good, the service makes one for programs of it. */
export function askForTitle() {
  const title = titleField("");
  openDialog(t("library.create"), [title], t("library.create_now"), async () => {
    const name = await createCollection(title.value);
    announce("collections");
    navigate(`/library/${encodeURIComponent(name)}`);
  });
}

export function askForNewTitle(collection) {
  const title = titleField(collection.title);
  openDialog(t("library.rename"), [title], t("library.rename_now"), async () => {
    await call("PATCH", pathOf(collection), { title: title.value });
    announce("collections");
  });
  title.select();
}

/** A whole collection goes only when its title is typedTitle: there is no way back. */
export function askToDelete(collection) {
  const typedTitle = make("input", { required: true, autocomplete: "off", spellcheck: false, dir: "auto", label: t("library.type_title") });
  const parts = [
    make("p", {}, t("library.delete_what", { title: collection.title, n: collection.documents })),
    make("p", { className: "muted" }, t("library.type_title")),
    typedTitle,
  ];
  const { go } = openDialog(t("library.delete"), parts, t("library.delete_now"), async () => {
    await call("DELETE", pathOf(collection));
    await navigate("/library", { replace: true });
    announce("collections");
  });
  const compare = () => { go.disabled = typedTitle.value.trim() !== collection.title; };
  go.className = "danger";
  typedTitle.addEventListener("input", compare);
  compare();
}

function pathOf({ name }) {
  return `/v1/collections/${encodeURIComponent(name)}`;
}

function titleField(value) {
  return make("input", { value, required: true, pattern: ".*\\S.*", maxLength: 100, dir: "auto", autocomplete: "off", label: t("library.new_title"), placeholder: t("library.new_title") });
}

function openDialog(heading, parts, goName, act) {
  const go = make("button", { className: "primary" }, goName);
  const cancel = make("button", { type: "button" }, t("work.cancel"));
  const problem = make("p", { className: "problem", hidden: true });
  problem.setAttribute("role", "alert");
  const form = make("form", { className: "stack" }, ...parts, problem, make("p", { className: "line" }, go, cancel));
  const dialog = make("dialog", { className: "sheet-dialog" }, make("h2", {}, heading), form);
  dialog.setAttribute("aria-label", heading);
  dialog.addEventListener("close", () => dialog.remove());
  cancel.addEventListener("click", () => dialog.close());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await act();
      dialog.close();
    } catch (error) {
      tell(problem, error);
    }
  });
  document.body.append(dialog);
  dialog.showModal();
  return { dialog, go };
}
