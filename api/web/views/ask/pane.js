// The page beside the conversation; on small screens a sheet over it, that closes back to the sentence.

import { navigate } from "../../frame/router.js";
import { isWeak, marksOf } from "../../proofs/citations.js";
import { createViewer } from "./plain_viewer.js";

const NARROW = matchMedia("(max-width: 70rem)"); // as in ask.css

export function createPane({ section, closeButton, talk, signal }) {
  let viewer = null; // made when there is a page to show
  let shownTurn = null;
  let isChosen = false; // whether a person has opened a page of the turn that is shown
  let returnTo = null; // what had the focus before the sheet was opened

  const isSheet = () => section.classList.contains("sheet");

  closeButton.addEventListener("click", () => history.back());
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && isSheet() && !event.defaultPrevented) {
      event.preventDefault();
      history.back();
    }
  }, { signal });
  NARROW.addEventListener("change", () => {
    if (isSheet()) history.back();
    else if (shownTurn) showTurn(shownTurn);
  }, { signal });

  function show(turn, pageId, citation, byHand) {
    if (shownTurn !== turn) shownTurn?.activate(null);
    shownTurn = turn;
    turn.activate(citation);
    if (NARROW.matches && !byHand) return; // nobody sees it: it is loaded when it is asked for
    section.hidden = false;
    viewer ??= createViewer(section.querySelector(".page"));
    const marks = marksOf(turn.citations(), citation);
    viewer.show(pageId, { marks: citation && isWeak(citation) ? [] : marks, question: turn.question, byHand });
  }

  /** Show what proves a turn: its first proof, or else the page that is nearest, without a mark. */
  function showTurn(turn) {
    if (isChosen && shownTurn === turn) return;
    isChosen = false;
    const proof = turn.firstProof();
    const pageId = proof?.page_id ?? turn.hits()[0]?.page_id;
    if (pageId !== undefined) show(turn, pageId, proof, false);
  }

  function openSheet(from) {
    if (!NARROW.matches || isSheet()) return;
    returnTo = from;
    section.classList.add("sheet");
    talk.inert = true;
    navigate(`${location.pathname}${location.search}#proof`); // Back closes it
    closeButton.focus();
  }

  function closeSheet() {
    if (!isSheet()) return;
    section.classList.remove("sheet");
    section.hidden = true;
    talk.inert = false;
    returnTo?.scrollIntoView({ block: "center" });
    returnTo?.focus({ preventScroll: true });
    returnTo = null;
  }

  return {
    isSheet,
    showTurn,
    showProof(turn, citation, { byHand, from }) {
      isChosen = byHand;
      openSheet(from);
      show(turn, citation.page_id, citation, byHand);
    },
    showHit(turn, hit, { byHand, from }) {
      isChosen = byHand;
      const citation = turn.citations().find((other) => other.page_id === hit.page_id && !isWeak(other)) ?? null;
      openSheet(from);
      show(turn, hit.page_id, citation, byHand);
    },
    /** Let the image of a page load that is likely to be cited; nothing is marked on it yet. */
    expect(hit) {
      isChosen = false;
      if (!hit || NARROW.matches || section.hidden) return;
      viewer?.show(hit.page_id, { marks: [] });
    },
    /** Have the place of the page there from the first question on. */
    begin() {
      if (NARROW.matches) return;
      section.hidden = false;
      viewer ??= createViewer(section.querySelector(".page"));
    },
    dim: (isDim) => section.classList.toggle("dim", isDim),
    /** The address has changed: without #proof there is no sheet. */
    follow(hash) {
      if (!hash.has("proof")) closeSheet();
    },
    clear() {
      closeSheet();
      section.hidden = true;
      section.classList.remove("dim");
      shownTurn = null;
      isChosen = false;
      viewer?.clear();
    },
    close() {
      closeSheet();
      viewer?.close();
      viewer = null;
    },
  };
}
