// A question goes out, the answer streams in; its citations lead to the page.

import { byId, make, pageName, tell } from "./dom.js";
import { stream } from "./http.js";
import { layThumbs, pressThumb } from "./thumbs.js";
import { about, clear as clearViewer, show } from "./viewer.js";

let running = null; // the AbortController of the question under way
let said = ""; // the answer's text so far
let values = []; // [start, end] of the values in it
let citations = [];
let hits = [];
let chosen = false; // whether a person has opened a page of this answer

/** Ask; a question that is still being answered is given up. */
export async function ask(question, collection) {
  running?.abort();
  const mine = (running = new AbortController());
  begin(question);
  try {
    const body = { question, collections: [collection], stream: true };
    let ended = false;
    for await (const [event, data] of stream("/v1/answers", body, mine.signal)) {
      if (running !== mine) return;
      ended = take(event, data) || ended;
    }
    if (!ended) throw new Error("the answer broke off: ask again");
  } catch (error) {
    if (running === mine && error.name !== "AbortError") tell(byId("problem"), error);
  } finally {
    if (running === mine) end();
  }
}

export function stop() {
  running?.abort();
}

export function busy() {
  return running !== null;
}

/** Forget the answer, as after a change of collection. */
export function reset() {
  running?.abort();
  running = null;
  end();
  byId("answer").hidden = byId("found").hidden = true;
  clearViewer();
}

function begin(question) {
  said = "";
  values = [];
  citations = [];
  hits = [];
  chosen = false;
  byId("asked").textContent = question;
  about(question);
  byId("answer").hidden = false;
  byId("answer").classList.remove("nothing");
  byId("answer").setAttribute("aria-busy", "true");
  byId("found").hidden = true;
  byId("citations").replaceChildren();
  byId("unsupported").hidden = true;
  byId("submit").textContent = "Stop";
  tell(byId("problem"), null);
  write();
}

function end() {
  running = null;
  byId("answer").setAttribute("aria-busy", "false");
  byId("submit").textContent = "Ask";
}

/** One event of the stream; true for the last one. */
function take(event, data) {
  if (event === "pages") {
    hits = data.pages;
    lay("Pages read");
    if (hits.length) openHit(hits[0]);
  } else if (event === "token") {
    if (data.is_value) values.push([said.length, said.length + data.text.length]);
    said += data.text;
    write();
  } else if (event === "citation") {
    cite(data);
  } else if (event === "done") {
    finish(data);
  } else if (event === "error") {
    throw new Error(data.error.message);
  }
  return event === "done";
}

function cite(citation) {
  citations.push(citation);
  write();
  byId("citations").append(citationItem(citation));
  // The first citation is opened, and again when another one stands on the same page.
  if (!chosen && citation.page_id === citations[0].page_id) openCitation(citations[0]);
}

function finish(answer) {
  said = answer.answer;
  write();
  const claims = answer.unsupported_claims;
  byId("unsupported").textContent = `No page supports: ${claims.join(" ")}`;
  byId("unsupported").hidden = !claims.length;
  if (!answer.grounded) {
    hits = answer.pages;
    byId("answer").classList.add("nothing");
    lay("Nearest pages");
    if (hits.length) openHit(hits[0]);
  }
}

/** The text so far, each [n] of a known citation as a button that stays with the word before it. */
function write() {
  const parts = [];
  let from = 0;
  for (const [start, end] of values) {
    parts.push(...withChips(said.slice(from, start)), make("strong", {}, said.slice(start, end)));
    from = end;
  }
  byId("text").replaceChildren(...parts, ...withChips(said.slice(from)));
}

function withChips(text) {
  return text.split(/([^\s[]* ?\[\d+\])/).map((part) => {
    const [, word, n] = part.match(/^([^\s[]* ?)\[(\d+)\]$/) ?? [];
    const citation = citations.find((one) => String(one.n) === n);
    return citation ? make("span", { className: "together" }, word, chip(citation)) : part;
  });
}

function chip(citation) {
  const button = make("button", {
    type: "button",
    className: "chip",
    label: `Citation ${citation.n}: ${citation.document}, ${pageName(citation.page_number, citation.page_label)}`,
  }, String(citation.n));
  button.addEventListener("click", () => openCitation(citation, true));
  return button;
}

function citationItem(citation) {
  const support = `support ${Math.round(citation.support * 100)} %`;
  const button = make("button", { type: "button" },
    make("span", { className: "chip" }, String(citation.n)),
    make("q", {}, citation.quote),
    make("span", { className: "source" },
      make("span", { className: "name" }, citation.document),
      make("span", {}, pageName(citation.page_number, citation.page_label)),
      make("span", { title: "how well the quotation carries the answer" }, citation.supported ? support : `${support}, too little`)));
  // The extractive answer is made of quotations: nobody wants to read them twice.
  button.querySelector("q").hidden = said.includes(citation.quote);
  button.addEventListener("click", () => openCitation(citation, true));
  const item = make("li", {}, button);
  item.dataset.n = citation.n;
  return item;
}

function openCitation(citation, byHand = false) {
  for (const item of byId("citations").children) {
    item.classList.toggle("open", item.dataset.n === String(citation.n));
  }
  const marks = citations
    .filter((one) => one.page_id === citation.page_id)
    .map((one) => ({ box: one.value_box ?? one.box, name: String(one.n), active: one.n === citation.n }));
  const around = citation.value_box ? [citation.box, ...citation.context_boxes] : [];
  const light = around.map((box) => ({ box, name: "", light: true }));
  open(citation.page_id, [...light, ...marks], byHand);
}

function openHit(hit, byHand = false) {
  const proof = citations.find((one) => one.page_id === hit.page_id);
  if (proof) {
    openCitation(proof, byHand);
    return;
  }
  for (const item of byId("citations").children) item.classList.remove("open");
  open(hit.page_id, hit.evidence.map(({ box }, i) => ({ box, name: "", active: i === 0 })), byHand);
}

function open(pageId, marks, byHand) {
  chosen ||= byHand;
  pressThumb(pageId);
  show(pageId, marks, byHand);
}

function lay(title) {
  layThumbs(title, hits.map((hit) => ({
    pageId: hit.page_id,
    name: hit.document,
    facts: pageName(hit.page_number, hit.page_label),
    title: hit.snippet,
    act: () => openHit(hit, true),
  })));
}
