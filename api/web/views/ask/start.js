// Before the first question: which collections are asked, and what could be.

import { make } from "../../frame/dom.js";
import { createHistory } from "../../frame/history.js";
import { choose, get, subscribe } from "../../frame/store.js";
import { t } from "../../frame/texts.js";
import { SAMPLES, samplesOffer } from "../../background/samples.js";

const MOST_CHIPS = 8;

export function createStart({ choices, first, recent, signal }) {
  let latest = 0; // counts what was shown first: only the last one may stand
  let isWhole = false; // whether every collection is offered, or the first few
  const endings = [subscribe("collections", show), subscribe("chosen", () => {
    showChoices();
    showFirst();
  })];
  signal.addEventListener("abort", () => endings.forEach((end) => end()));
  const history = createHistory(recent, { signal });

  function show() {
    showChoices();
    showFirst();
    history.refresh();
  }

  function showChoices() {
    const askable = get("collections").filter((collection) => collection.pages > 0);
    const chosenNames = get("chosen");
    const isShort = isWhole || askable.length <= MOST_CHIPS + 1;
    const offer = askable.filter((collection, i) => isShort || i < MOST_CHIPS || chosenNames.includes(collection.name));
    const chips = offer.map((collection) => chip(collection, chosenNames));
    if (offer.length < askable.length) {
      const more = make("button", { type: "button", className: "quiet" }, t("ask.more_collections", { n: askable.length - offer.length }));
      more.addEventListener("click", () => {
        isWhole = true;
        showChoices();
      });
      chips.push(more);
    }
    choices.hidden = askable.length === 0;
    const focusName = document.activeElement?.dataset?.collection;
    choices.replaceChildren(...chips);
    if (focusName) choices.querySelector(`[data-collection="${CSS.escape(focusName)}"]`)?.focus();
  }

  function chip({ name, title = name, pages }, chosenNames) {
    const element = make("button", { type: "button", className: "choice" },
      make("span", { className: "name", dir: "auto" }, title),
      make("small", {}, t("count.pages", { n: pages })));
    element.dataset.collection = name;
    element.setAttribute("aria-pressed", String(chosenNames.includes(name)));
    element.addEventListener("click", () => {
      const names = get("chosen");
      choose(names.includes(name) ? names.filter((collection) => collection !== name) : [...names, name]);
    });
    return element;
  }

  /** Where nothing can be asked, the way to documents; beside the samples, what they answer. */
  async function showFirst() {
    const turn = ++latest;
    const isEmpty = !get("collections").some((collection) => collection.pages > 0);
    const parts = [];
    if (isEmpty) {
      parts.push(make("p", { className: "muted" }, t("ask.empty")),
        make("a", { className: "button", href: "/library" }, t("ask.add")));
    }
    if (isEmpty || get("chosen").includes(SAMPLES)) parts.push(await samplesOffer().catch(() => ""));
    if (turn === latest) first.replaceChildren(...parts);
  }

  return { show };
}
