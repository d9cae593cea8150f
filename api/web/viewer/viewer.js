// One page image with the regions that prove something drawn on it, and the way to its neighbours.

import { tell } from "../frame/dom.js";
import { styleSheet } from "../frame/router.js";
import { onChange } from "../frame/store.js";
import { pageName, t } from "../frame/texts.js";
import { createBars } from "./bars.js";
import { createHeat } from "./heat.js";
import { listenToKeys } from "./keys.js";
import { layOut } from "./layout.js";
import { createMarks } from "./marks.js";
import { createPageData } from "./page_data.js";
import { createPane } from "./pane.js";
import { createPicture } from "./picture.js";
import { createPlayer } from "./player.js";
import { createProofs } from "./proofs.js";
import { copy, pageAddress, quotation } from "./share.js";
import { createSheet } from "./sheet.js";
import { createStrip } from "./strip.js";
import { createWords } from "./words.js";
import { createZoom } from "./zoom.js";

/**
 * A viewer in `root`. asSheet: on a small screen it comes from below when a person asks for a page, and a way
 * to close it is shown; isClosable: it is shown on a large one, too. onShow(page, boxes): a page came into view, by whatever way; onProof({pageId, name}): a
 * person went to another proof; onClose(): a person closed it.
 *
 * show(pageId, {marks, question, byHand}): marks are [{box, name, active, light, pageId}], boxes in page
 * fractions; name may be empty; a mark without a pageId is on this page. Marks stay, for turning back, until
 * another question comes: give those of all pages, and `j`, `k` and the strip know them. Without `marks` the
 * page has those it had. byHand: a person asked for this page.
 * dim(isOld): the page belongs to a question that is over. dismiss(): away with the sheet. find(terms): show
 * where words stand on the page.
 */
export function createViewer(root, { asSheet = true, isClosable = false, onShow, onProof, onClose } = {}) {
  root.style.visibility = "hidden"; // nothing is drawn unstyled
  styleSheet("/web/viewer/viewer.css").then(() => root.style.removeProperty("visibility"));
  const parts = layOut(root);
  const data = createPageData();
  const proofs = createProofs();
  let pageInView = null; // as /v1/pages describes it
  let documentPages = []; // the pages of its document
  let targetId = null; // page id that was asked for last, also while it is on its way
  let question = "";
  let soughtTerms = [];
  let spelledPageId = null; // id of the page whose words are laid out
  let latestTurn = 0; // counts the pages that were asked for: only the last one may be drawn

  const complain = (error) => tell(parts.problem, error);
  const bars = createBars(parts);
  const marks = createMarks(parts);
  const words = createWords(parts.words);
  const picture = createPicture(parts);
  const player = createPlayer(parts);
  const zoom = createZoom({
    ...parts,
    onSize: (width) => {
      picture.fit(width);
      marks.place();
    },
    onMode: (mode) => {
      for (const name of ["fit", "width", "region"]) parts[name].setAttribute("aria-pressed", String(name === mode));
    },
  });
  const strip = createStrip({ list: parts.strip, ticks: parts.ticks, onChoose: (id) => show(id) });
  const heat = createHeat({ ...parts, row: parts.heatRow, button: parts.heat }, data, complain);
  const sheet = createSheet(parts, {
    asSheet,
    onOpen: () => zoom.set(activeBoxes().length ? "region" : "width"),
    onSwipe: stepProof,
    onClose: () => onClose?.(),
  });
  createPane(parts.handle);
  root.classList.toggle("as-sheet", asSheet);
  root.classList.toggle("closable", isClosable);
  zoom.set("width");
  parts.desk.addEventListener("scroll", () => marks.place(), { passive: true });

  const commands = {
    next: () => turn(1), previous: () => turn(-1),
    nextProof: () => stepProof(1), previousProof: () => stepProof(-1),
    larger: () => zoom.step(1), smaller: () => zoom.step(-1),
    fit: () => zoom.set("fit"), width: () => zoom.set("width"),
    region: () => zoom.set(zoom.mode() === "region" ? "width" : "region"),
    full: toggleFullScreen,
    copyLink: () => copied(() => location.origin + pageAddress(pageInView, activeBoxes()), "viewer.link_copied"),
    copyQuote: () => copied(() => quotation(quoted(), pageInView), "viewer.quote_copied"),
  };
  for (const [name, command] of Object.entries(commands)) parts[name].addEventListener("click", command);
  parts.menu.addEventListener("click", (event) => {
    if (event.target.closest(".item")) parts.menu.open = false;
  });
  parts.menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !parts.menu.contains(event.relatedTarget)) parts.menu.open = false;
  });
  parts.number.addEventListener("change", () => goTo(parts.number.value));
  parts.number.addEventListener("focus", () => parts.number.select());
  parts.full.hidden = !document.fullscreenEnabled;
  const endChanges = onChange("documents", data.forget); // what was deleted, here or in another tab, is not shown
  const endKeys = listenToKeys(commands, () => pageInView !== null && sheet.isShown());

  async function show(pageId, { marks: newMarks, question: newQuestion, byHand = false } = {}) {
    const turnNumber = ++latestTurn;
    targetId = pageId;
    if (newQuestion !== undefined && newQuestion !== question) {
      question = newQuestion;
      proofs.clear();
    }
    if (newMarks !== undefined) proofs.put(pageId, newMarks);
    parts.body.hidden = false;
    parts.blank.hidden = true;
    if (byHand) sheet.open();
    if (picture.begin(pageId)) leavePage();
    try {
      const page = await data.page(pageId);
      const owner = await data.document(page.document_id);
      if (turnNumber !== latestTurn) return;
      complain(null);
      draw(page, owner);
      const pages = await data.pages(page.document_id);
      if (turnNumber === latestTurn) list(pages);
    } catch (error) {
      if (turnNumber !== latestTurn) return;
      targetId = pageInView?.page_id ?? null;
      complain(error);
    }
  }

  function draw(page, owner) {
    if (pageInView?.document_id !== page.document_id) documentPages = [];
    pageInView = page;
    bars.showPage(page, owner.pages);
    picture.draw(page, t("viewer.image_of", { page: pageName(page), document: page.document }));
    player.about(page);
    heat.about(page.page_id, question);
    if (spelledPageId !== page.page_id) drawWords(page);
    const boxes = activeBoxes();
    marks.draw(proofs.of(page.page_id));
    zoom.about(page.image_width_px / page.image_height_px, boxes);
    if (zoom.isNarrow()) zoom.set(boxes.length ? "region" : "width");
    else zoom.reveal();
    marks.place();
    parts.region.disabled = boxes.length === 0;
    bars.showProofs(proofs);
    onShow?.(page, boxes);
  }

  /** The pages of the document are known: the strip, and the way to the neighbours. */
  function list(pages) {
    documentPages = pages;
    strip.fill(pages);
    strip.mark(pageInView.page_id, proofs.has);
    bars.showNeighbours(pages, pageInView);
  }

  /** Another page is on its way: nothing of the one before lies on it. */
  function leavePage() {
    spelledPageId = null;
    words.clear();
    marks.draw([]);
  }

  async function drawWords(page) {
    spelledPageId = page.page_id;
    const text = await data.text(page.page_id).catch(() => null); // the image is there all the same
    if (!text || pageInView !== page) return;
    words.draw(text.words, page.image_width_px / page.image_height_px);
    words.find(soughtTerms);
  }

  /** Turn from the page that was asked for last: ten quick clicks turn ten pages. */
  function turn(step) {
    const at = documentPages.findIndex((page) => page.page_id === targetId);
    const next = documentPages[Math.min(Math.max(at + step, 0), documentPages.length - 1)];
    if (at >= 0 && next && next.page_id !== targetId) show(next.page_id);
  }

  function goTo(text) {
    const number = Number(text);
    const page = documentPages.find((candidate) => candidate.page_number === number);
    if (page) show(page.page_id);
    else if (pageInView) parts.number.value = pageInView.page_number;
  }

  function stepProof(step) {
    const proof = proofs.beside(step);
    if (!proof) return;
    proofs.activate(proof);
    show(proof.pageId);
    onProof?.(proof);
  }

  function activeBoxes() {
    const own = pageInView ? proofs.of(pageInView.page_id) : [];
    return own.filter((mark) => mark.active).map((mark) => mark.box);
  }

  function quoted() {
    return words.selected() || words.inside(activeBoxes());
  }

  async function copied(text, key) {
    try {
      await copy(text());
      bars.notice(t(key));
    } catch (error) {
      complain(error);
    }
  }

  function toggleFullScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else parts.body.requestFullscreen?.().catch(complain);
  }

  function clear() {
    latestTurn += 1;
    pageInView = targetId = null;
    documentPages = [];
    question = "";
    proofs.clear();
    data.forget();
    picture.clear();
    player.clear();
    strip.clear();
    leavePage();
    parts.body.hidden = true;
    parts.blank.hidden = false;
    complain(null);
  }

  return {
    show,
    clear,
    dismiss: sheet.dismiss,
    dim: (isOld) => root.classList.toggle("old", isOld),
    find: (terms) => words.find((soughtTerms = terms)),
    close() {
      latestTurn += 1;
      player.clear();
      endKeys();
      endChanges();
      sheet.end();
      root.replaceChildren();
    },
  };
}
