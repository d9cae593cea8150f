// Settings in force: what somebody has set stands first.

import { byId, make } from "../../frame/dom.js";
import { t } from "../../frame/texts.js";
import { table } from "./tables.js";

export function openSettings() {
  let settings = null;
  let oldContent = ""; // what stands in the table: it is made anew only for another content

  function list() {
    byId("settings-panel").hidden = settings === null;
    if (settings === null) return;
    const words = byId("find-setting").value.trim().toLowerCase();
    const rows = settings
      .filter(({ origin }) => !byId("only-set").checked || origin === "environment")
      .filter(({ name, description }) => `${name} ${description}`.toLowerCase().includes(words))
      .sort((a, b) => (a.origin === b.origin ? 0 : a.origin === "environment" ? -1 : 1));
    const content = JSON.stringify(rows);
    if (content === oldContent) return;
    oldContent = content;
    table(byId("settings"), ["setting", "value", "origin"].map((key) => t(`status.column.${key}`)), rows.map(rowOf), t("status.no_setting"));
  }

  byId("find-setting").addEventListener("input", list);
  byId("only-set").addEventListener("change", list);
  return {
    show(newSettings) {
      settings = newSettings;
      list();
    },
  };
}

function rowOf({ name, value, origin, description }) {
  return [
    make("span", {}, make("code", {}, name), make("small", { className: "muted" }, description)),
    value === null ? "–" : make("code", {}, value),
    t(`status.origin.${origin}`),
  ];
}
