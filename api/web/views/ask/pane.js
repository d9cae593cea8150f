// The page beside the conversation; on small screens a sheet over it, that closes back to the sentence.

import { navigate, styleSheet } from "../../frame/router.js";
import { isWeak, marksOf } from "../../proofs/citations.js";

const NARROW = matchMedia("(max-width: 58rem)"); // as in viewer.css
const SHEET = "proof"; // in the hash while the sheet is open: Back closes it

export function createPane(section, signal) {
  let shownTurn = null;
  let isChosen = false; // whether a person has opened a page of the turn that is shown
  let returnTo = null; // where the sheet was opened from
  styleSheet("/web/viewer/viewer.css"); // it knows how wide the pane is: nothing moves when the viewer comes
  let viewer = null; // a promise of it: its modules are loaded when there is a page to show

  function withViewer(act) {
    viewer ??= import("../../viewer/viewer.js").then(({ createViewer }) =>
      createViewer(section, { onProof: ({ name }) => activate(name), onClose: afterSheet }));
    viewer.then(act);
  }

  const ifViewer = (act) => viewer?.then(act);

  NARROW.addEventListener("change", () => shownTurn && show(shownTurn, shownTurn.active(), {}), { signal });

  /** A citation of a turn, or a page that it was read from: `place` has its page_id. */
  function show(turn, citation, { place = citation ?? turn.nearest() ?? turn.hits()[0], byHand = false, from = null }) {
    if (shownTurn !== turn) {
      shownTurn?.activate(null);
      if (shownTurn?.question === turn.question) ifViewer((page) => page.clear()); // its marks go with a question: these are others
    }
    shownTurn = turn;
    turn.activate(citation);
    if (!place) { // small talk has no page
      ifViewer((page) => page.clear());
      return;
    }
    if (NARROW.matches && !byHand) return; // nobody sees it: it is loaded when it is asked for
    section.hidden = false;
    if (byHand && NARROW.matches) openSheet(from);
    const isUnmarked = citation === null || isWeak(citation);
    const marks = marksOf(turn.citations(), isUnmarked ? null : citation);
    const elsewhere = marks.filter((mark) => !isUnmarked || mark.pageId !== place.page_id);
    const near = citation === null && place.box ? place : turn.nearest();
    if (near) elsewhere.push({ pageId: near.page_id, box: near.box, name: "", light: true });
    const options = { marks: elsewhere, question: turn.question, byHand };
    withViewer((page) => page.show(place.page_id, options));
  }

  /** A person went from proof to proof in the viewer. */
  function activate(name) {
    const citation = shownTurn?.citations().find(({ n }) => String(n) === name) ?? null;
    isChosen = true;
    shownTurn?.activate(citation);
  }

  function openSheet(from) {
    if (new URLSearchParams(location.hash.slice(1)).has(SHEET)) return;
    returnTo = from;
    navigate(`${location.pathname}${location.search}#${SHEET}`);
  }

  /** The sheet was closed, by whatever way: the sentence is in sight again, and has the focus. */
  function afterSheet() {
    if (location.hash === `#${SHEET}`) history.back();
    returnTo?.scrollIntoView({ block: "center" });
    returnTo?.focus({ preventScroll: true });
    returnTo = null;
  }

  return {
    /** Have the place of the page there from the first question on. */
    begin() {
      section.hidden = false;
      withViewer(() => {});
    },
    /** Show what proves a turn: its first proof, or else what is nearest, marked lightly. */
    showTurn(turn) {
      if (isChosen && shownTurn === turn) return;
      isChosen = false;
      show(turn, turn.firstProof(), {});
    },
    showProof(turn, citation, from) {
      isChosen = true;
      show(turn, citation, { byHand: true, from });
    },
    showHit(turn, hit, from) {
      isChosen = true;
      const citation = turn.citations().find((other) => other.page_id === hit.page_id && !isWeak(other)) ?? null;
      show(turn, citation, { place: hit, byHand: true, from });
    },
    /** A passage that is not cited: marked lightly, it proves nothing. */
    showPassage(turn, passage, from) {
      isChosen = true;
      show(turn, null, { place: passage, byHand: true, from });
    },
    /** Let the image of a page load that is likely to be cited; nothing is marked on it yet. */
    expect(turn) {
      isChosen = false;
      const [hit] = turn.hits();
      if (!hit || NARROW.matches) return;
      withViewer((page) => page.show(hit.page_id, { marks: [], question: turn.question }));
    },
    /** Say that the page belongs to the question before. */
    dim: (isOld) => ifViewer((page) => page.dim(isOld)),
    /** The address has changed: without its word in the hash there is no sheet. */
    follow(hash) {
      if (!hash.has(SHEET)) ifViewer((page) => page.dismiss());
    },
    isSheet: () => NARROW.matches && section.contains(document.activeElement),
    clear() {
      ifViewer((page) => {
        page.dismiss();
        page.dim(false);
        page.clear();
      });
      section.hidden = true;
      shownTurn = null;
      isChosen = false;
    },
    close: () => ifViewer((page) => page.close()),
  };
}
