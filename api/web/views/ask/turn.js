// One turn of a conversation: the question, its steps, the answer with its proofs, and what to do with it.

import { make, tell } from "../../frame/dom.js";
import { t } from "../../frame/texts.js";
import { isWeak } from "../../proofs/citations.js";
import { proofCard } from "../../proofs/cards.js";
import { actionRow } from "./actions.js";
import { bindMarkers } from "./markers.js";
import { furtherPassages, noteList, pagesRead } from "./notes.js";
import { createSteps } from "./steps.js";

const MOST_CARDS = 4; // at once: a sum of twelve rows has twelve

/**
 * talk: what the conversation does for a turn: openProof(turn, citation, from), openHit(turn, hit, from),
 * openPassage(turn, passage, from), askAgain(turn, filters), judge, address, pagesReadFor, hoverCard.
 */
export function createTurn(question, talk) {
  let message = null; // as the service keeps it
  let hits = [];
  let citations = [];
  let nearest = null; // of a refusal: the passage to look at
  let active = null; // the citation whose page is shown
  const steps = createSteps();
  const text = make("div", { className: "answer", dir: "auto" });
  const problem = make("p", { className: "problem", hidden: true });
  problem.setAttribute("role", "alert");
  const below = make("div", { className: "below" });
  const element = make("article", { className: "turn" },
    make("h2", { dir: "auto" }, question), steps.element, text, problem, below);
  text.setAttribute("aria-live", "polite"); // it is heard once, when it is whole

  const turn = {
    element,
    question,
    messageId: () => message?.id ?? null,
    isWhole: () => message !== null,
    pageIds: () => hits.map((hit) => hit.page_id),
    hits: () => hits,
    citations: () => citations,
    nearest: () => nearest,
    firstProof: () => citations.find((citation) => !isWeak(citation)) ?? null,
    active: () => active,
    step: steps.begin,

    /** The pages are known that the answer is read from. */
    read(pages) {
      hits = pages;
      steps.begin("reading", pages.length);
    },

    /** Something is done before the text goes on: pages searched again, one looked at more closely. */
    look({ kind, text: about }) {
      steps.begin(kind, about);
    },

    /** A piece of a quotation: shown as it is until the whole is there as HTML. */
    write({ text: piece, is_value: isValue }) {
      beginWriting();
      const last = text.lastChild;
      if (isValue) text.append(make("strong", { className: "value" }, piece));
      else if (last?.nodeType === Node.TEXT_NODE) last.appendData(piece);
      else text.append(piece);
    },

    /** What a model has written so far. */
    draw(html) {
      beginWriting();
      put(html);
      text.classList.add("drawn");
    },

    cite(citation) {
      citations.push(citation);
    },

    /** The whole answer, just written or as it was kept. */
    finish(whole) {
      message = whole;
      const { answer } = whole;
      hits = answer.pages;
      citations = answer.citations;
      nearest = answer.nearest ?? null;
      element.id = `m-${whole.id}`;
      element.classList.toggle("nothing", !answer.grounded && citations.length === 0 && hits.length > 0 && !whole.stopped);
      steps.end(answer.usage, whole.stopped);
      put(answer.html);
      text.classList.add("whole");
      endWriting();
      showBelow();
    },

    stopped() {
      steps.end({}, true);
      endWriting();
      below.replaceChildren(make("p", { className: "note" }, t(text.textContent ? "answer.stopped" : "answer.stopped_empty")));
    },

    fail(error) {
      steps.end({}, false);
      endWriting();
      tell(problem, error);
      const again = make("button", { type: "button" }, t("ask.again"));
      again.addEventListener("click", () => {
        talk.remove(turn);
        talk.askAgain(turn, {});
      });
      below.replaceChildren(again);
    },

    /** Show which proof is open. */
    activate(citation) {
      active = citation;
      for (const card of element.querySelectorAll(".proof-card, .marker")) {
        const isOpen = citation !== null && card.dataset.n === String(citation.n);
        card.classList.toggle("open", isOpen);
      }
    },
  };

  function put(html) {
    text.innerHTML = html; // made safe by the service: see the description of POST /v1/answers
    bindMarkers(text, turn, talk);
  }

  function beginWriting() {
    steps.begin("writing");
    element.classList.add("writing");
    text.setAttribute("aria-busy", "true");
  }

  function endWriting() {
    element.classList.remove("writing");
    text.setAttribute("aria-busy", "false");
  }

  function showBelow() {
    const parts = [...noteList(message)];
    if (citations.length) parts.push(proofList());
    const { further = [] } = message.answer;
    if (further.length) parts.push(furtherPassages(turn, talk, further));
    if (hits.length) parts.push(pagesRead(turn, talk));
    parts.push(actionRow(turn, message, talk));
    below.replaceChildren(...parts);
  }

  function proofList() {
    const cards = citations.map((citation) => {
      const card = proofCard(citation);
      card.addEventListener("click", (event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        talk.openProof(turn, citation, card);
      });
      return make("li", {}, card);
    });
    const list = make("ol", { className: "proofs", label: t("answer.proofs") }, ...cards.slice(0, MOST_CARDS));
    const rest = cards.slice(MOST_CARDS);
    if (rest.length === 0) return list;
    const more = make("details", { className: "more-proofs" },
      make("summary", {}, t("answer.more_proofs", { n: rest.length })),
      make("ol", { className: "proofs", label: t("answer.proofs") }, ...rest));
    return make("div", { className: "below" }, list, more);
  }

  return turn;
}
