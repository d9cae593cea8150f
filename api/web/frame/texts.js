// What the page says, in the reader's language: `t("ask.submit")`, `t("count.pages", { n: 3 })`.

import english from "../texts/en.js";

const available = document.documentElement.dataset.languages.split(" ");
export const language = navigator.languages
  .map((tag) => tag.split("-")[0])
  .find((name) => available.includes(name)) ?? "en";
const texts = language === "en" ? english : (await import(`../texts/${language}.js`)).default;
const plurals = new Intl.PluralRules(language);
const numbers = new Intl.NumberFormat(language);
document.documentElement.lang = language;

/**
 * The text at `key`, with {names} filled in. A text with forms ({one, other}) goes by the value `n`.
 * What a language lacks is said in English; a key that is nowhere is an error of the page.
 */
export function t(key, values = {}) {
  let text = at(texts, key) ?? at(english, key);
  if (text === undefined) throw new Error(`no text has the key ${key}`);
  if (typeof text === "object") text = text[plurals.select(values.n)] ?? text.other;
  return text.replace(/\{(\w+)\}/g, (braces, name) => {
    const value = values[name] ?? braces;
    return typeof value === "number" ? numbers.format(value) : String(value);
  });
}

function at(node, key) {
  return key.split(".").reduce((branch, name) => branch?.[name], node);
}

const ATTRIBUTES = { label: "aria-label", placeholder: "placeholder", title: "title" };

/** Fill in the texts that the markup names: data-text, data-label, data-placeholder, data-title. */
export function localise(root) {
  for (const element of root.querySelectorAll("[data-text]")) {
    element.textContent = t(element.dataset.text);
  }
  for (const [name, attribute] of Object.entries(ATTRIBUTES)) {
    for (const element of root.querySelectorAll(`[data-${name}]`)) {
      element.setAttribute(attribute, t(element.dataset[name]));
    }
  }
}

const MAX_LABEL = 40;

/** A page as a person is told of it: `page 9, printed "3"`, of a video `02:31`; as indexer/base/page_names.py does it. */
export function pageName({ page_number: number, page_label: label, time_s: time }) {
  const name = t("page.name", { number });
  const printed = (label ?? "").trim().split(/\s+/).join(" ");
  if (isOfVideo({ time_s: time })) return printed;
  if (printed === "" || printed === String(number)) return name;
  const short = printed.length > MAX_LABEL ? `${printed.slice(0, MAX_LABEL - 1)}…` : printed;
  return t("page.printed", { name, label: short });
}

/** A page and its document: `report.pdf, page 9`, or `clip.mp4 02:31`. */
export function placeName(page) {
  return isOfVideo(page) ? `${page.document} ${pageName(page)}` : `${page.document}, ${pageName(page)}`;
}

/** Whether a page is a picture of a video; what was kept of answers of before has no time. */
export function isOfVideo({ time_s: time }) {
  return time !== null && time !== undefined;
}

const SIZES = ["B", "KB", "MB", "GB", "TB"];

/** A number of bytes for people: `1.4 MB`. */
export function sizeName(n_bytes) {
  const step = Math.min(Math.floor(Math.log(Math.max(n_bytes, 1)) / Math.log(1000)), SIZES.length - 1);
  const amount = n_bytes / 1000 ** step;
  const digits = amount < 10 && step > 0 ? 1 : 0;
  return `${new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(amount)} ${SIZES[step]}`;
}

const languageName = new Intl.DisplayNames([language], { type: "language" });

/** Languages for people, from their codes: `English, German and Japanese`. */
export function languageNames(codes) {
  return new Intl.ListFormat(language).format(codes.map((code) => languageName.of(code)).sort());
}

/** A day for people, with the hour for today: dates come as ISO 8601. */
export function dayName(iso) {
  const date = new Date(iso);
  const options = date.toDateString() === new Date().toDateString()
    ? { hour: "numeric", minute: "2-digit" }
    : { dateStyle: "medium" };
  return new Intl.DateTimeFormat(language, options).format(date);
}
