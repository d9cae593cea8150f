"use strict";
const cards = [...document.querySelectorAll(".card")];
const filters = [...document.querySelectorAll(".filters select")];
const search = document.querySelector(".filters input");
const count = document.querySelector(".filters output");
let current = null;

const shown = () => cards.filter((card) => !card.hidden);

function matches(card, filter) {
  const values = (card.dataset[filter.name] ?? "").split("\n");
  return filter.value === "" || values.includes(filter.value);
}

function tell() {
  const visible = shown();
  const place = visible.indexOf(current);
  count.textContent = place < 0 ? `${visible.length} questions` : `${place + 1} of ${visible.length}`;
}

function apply() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const card of cards) {
    const text = words.length ? card.textContent.toLowerCase() : "";
    card.hidden = !filters.every((filter) => matches(card, filter)) || !words.every((word) => text.includes(word));
  }
  if (current?.hidden) select(null);
  tell();
}

function select(card) {
  current?.classList.remove("now");
  current = card;
  current?.classList.add("now");
  tell();
}

function move(step) {
  const visible = shown();
  if (!visible.length) return;
  const place = visible.indexOf(current);
  const next = place < 0 ? 0 : Math.min(Math.max(place + step, 0), visible.length - 1);
  select(visible[next]);
  visible[next].scrollIntoView({ block: "start" });
}

for (const filter of filters) filter.addEventListener("change", apply);
search.addEventListener("input", apply);
document.querySelector("#next").addEventListener("click", () => move(1));
document.querySelector("#previous").addEventListener("click", () => move(-1));
for (const card of cards) card.addEventListener("click", () => select(card));
for (const page of document.querySelectorAll(".gold-page")) {
  page.addEventListener("click", () => page.classList.toggle("large"));
}
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") return document.activeElement.blur();
  if (/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
  const step = { j: 1, n: 1, ArrowRight: 1, k: -1, p: -1, ArrowLeft: -1 }[event.key];
  if (step) {
    event.preventDefault();
    move(step);
  } else if (event.key === "w") {
    const verdict = filters.find((filter) => filter.name === "verdict");
    verdict.value = verdict.value === "wrong" ? "" : "wrong";
    apply();
  }
});
apply();
