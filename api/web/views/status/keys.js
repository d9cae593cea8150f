// API keys: a new one is shown once, a revoked one opens nothing any more.

import { byId, make, tell } from "../../frame/dom.js";
import { call } from "../../frame/http.js";
import { get, subscribe } from "../../frame/store.js";
import { dayName, t } from "../../frame/texts.js";
import { table } from "./tables.js";

const SCOPES = ["read", "write", "admin"];
const EVERYWHERE = ""; // no collection has this name

export function openKeys() {
  byId("keys-panel").hidden = false;
  const hasKeys = get("session").key_required;
  byId("new-key").hidden = byId("keys-wide").hidden = !hasKeys;
  byId("keys-about").textContent = t(hasKeys ? "keys.about" : "keys.none");
  if (!hasKeys) return { close() {} };
  byId("key-scope").append(...SCOPES.map((scope) => make("option", { value: scope }, t(`keys.scopes.${scope}`))));
  byId("new-key").addEventListener("submit", (event) => {
    event.preventDefault();
    makeKey().catch(complain);
  });
  byId("copy").addEventListener("click", copy);
  byId("made-done").addEventListener("click", () => {
    byId("made-key").value = "";
    byId("made").hidden = true;
    byId("keys-head").focus();
  });
  const end = subscribe("collections", listReach);
  listReach();
  list().catch(complain);
  return { close: end };
}

function complain(error) {
  if (byId("keys-problem")) tell(byId("keys-problem"), error);
}

function listReach() {
  const oldReach = byId("key-reach").value;
  const options = get("collections").map(({ name, title }) => make("option", { value: name }, title));
  byId("key-reach").replaceChildren(make("option", { value: EVERYWHERE }, t("keys.everywhere")), ...options);
  byId("key-reach").value = oldReach;
}

async function makeKey() {
  const reach = byId("key-reach").value;
  const { key } = await call("POST", "/v1/keys", {
    name: byId("key-name-new").value.trim(),
    scope: byId("key-scope").value,
    collections: reach === EVERYWHERE ? null : [reach],
  });
  tell(byId("keys-problem"), null);
  byId("new-key").reset();
  byId("made-key").value = key;
  byId("copied").textContent = "";
  byId("made").hidden = false;
  byId("made-key").focus();
  byId("made-key").select();
  await list();
}

async function copy() {
  byId("made-key").select();
  try {
    await navigator.clipboard.writeText(byId("made-key").value);
    byId("copied").textContent = t("keys.copied");
  } catch {
    byId("copied").textContent = t("keys.copy_by_hand"); // the page is not reached over HTTPS
  }
}

async function list() {
  const { keys } = await call("GET", "/v1/keys");
  if (!byId("keys")) return; // the view is closed
  table(byId("keys"), ["name", "scope", "reach", "used", "acts"].map((key) => t(`keys.column.${key}`)), keys.map(rowOf));
}

function rowOf(key) {
  const reach = key.collections === null ? t("keys.everywhere") : key.collections.join(", ");
  const lastUse = key.last_used_at ? dayName(key.last_used_at) : t("keys.never");
  return [key.name, t(`keys.scopes.${key.scope}`), reach, lastUse, stateOf(key)];
}

function stateOf(key) {
  if (key.revoked_at) return t("keys.revoked", { day: dayName(key.revoked_at) });
  const revoke = make("button", { type: "button", className: "quiet danger", label: t("keys.revoke_label", { name: key.name }) }, t("keys.revoke"));
  revoke.addEventListener("click", () => askToRevoke(key));
  return revoke;
}

/** There is no undo: programs lose their access at once, so the question is asked. */
function askToRevoke({ id, name }) {
  const go = make("button", { className: "danger", value: "go" }, t("keys.revoke"));
  const cancel = make("button", { value: "", autofocus: true }, t("work.cancel"));
  const form = make("form", { method: "dialog" }, make("p", { dir: "auto" }, t("keys.revoke_what", { name })), make("p", { className: "line" }, go, cancel));
  const dialog = make("dialog", { className: "sheet-dialog" }, make("h2", {}, t("keys.revoke")), form);
  dialog.setAttribute("aria-label", t("keys.revoke"));
  dialog.addEventListener("close", async () => {
    dialog.remove();
    if (dialog.returnValue !== "go") return;
    await call("DELETE", `/v1/keys/${id}`).then(list).catch(complain);
    byId("keys-head").focus();
  });
  document.body.append(dialog);
  dialog.showModal();
}
