// Small tables of facts, and numbers as people write them.

import { make } from "../../frame/dom.js";
import { language, t } from "../../frame/texts.js";

const numbers = new Intl.NumberFormat(language);
const percents = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });
const shares = new Intl.NumberFormat(language, { maximumSignificantDigits: 2 });

/** Fill a table: the first cell of each row is its head. Cells are texts, numbers or elements. */
export function table(element, heads, rows, nothing = "–") {
  const head = make("tr", {}, ...heads.map((text) => make("th", { scope: "col" }, text)));
  const lines = rows.map(([first, ...rest]) => make("tr", {},
    make("th", { scope: "row", dir: "auto" }, cellOf(first)),
    ...rest.map((value) => make("td", { className: typeof value === "number" ? "number" : "" }, cellOf(value)))));
  if (lines.length === 0) lines.push(make("tr", {}, make("td", { colSpan: heads.length, className: "muted" }, nothing)));
  element.replaceChildren(make("thead", {}, head), make("tbody", {}, ...lines));
}

function cellOf(value) {
  return typeof value === "number" ? numbers.format(value) : value;
}

export function percentName(share) {
  return percents.format(share);
}

/** `120 ms`, `1.4 s`. */
export function secondsName(seconds) {
  if (seconds < 1) return t("status.ms", { n: shares.format(seconds * 1000) });
  return t("status.s", { n: shares.format(seconds) });
}
