// What has to be said of an answer beside it, and the pages that it was read from.

import { make } from "../../frame/dom.js";
import { pageName, t } from "../../frame/texts.js";

/** Notes as elements: what is not proved, was struck out, left out, or could not be looked at. */
export function noteList({ answer, stopped, text }) {
  const notes = [];
  if (stopped) notes.push(t(text ? "answer.stopped" : "answer.stopped_empty"));
  const nClaims = answer.unsupported_claims.length;
  if (nClaims) notes.push(t(answer.html.includes('class="unproved"') ? "answer.unproved_note" : "answer.left_out", { n: nClaims }));
  const nRemoved = (answer.removed_citations ?? []).length;
  if (nRemoved) notes.push(t("answer.removed_note", { n: nRemoved }));
  if (answer.missing_pages) notes.push(t("answer.degraded", { n: answer.missing_pages.n_pages }));
  const searchText = answer.searched_question;
  if (searchText && searchText !== answer.question) notes.push(t("answer.understood", { question: searchText }));
  const looks = (answer.steps ?? []).filter(({ kind }) => kind !== "cost");
  if (looks.length) notes.push(t("answer.looked", { steps: looks.map(({ kind, text: about }) => t(`looks.${kind}`, { about })).join("; ") }));
  notes.push(...(answer.pointings ?? []).map(pointingNote));
  if (notes.length === 0) return [];
  return [make("ul", { className: "notes" }, ...notes.map((note) => make("li", { dir: "auto" }, note)))];
}

/** Where the model pointed: marked on the page where that agrees, else named as the model's own. */
function pointingNote(pointing) {
  const { document_id: id, document, page_number: number, box, label, agrees_with: agrees } = pointing;
  const mark = agrees ? `&box=${box.join(",")}` : "";
  const values = { label, document, page: pageName({ page_number: number }) };
  return make("a", { href: `/doc/${id}#page=${number}${mark}`, className: agrees ? "pointing" : "pointing own" },
    t(agrees ? `answer.pointing_${agrees}` : "answer.pointing_own", values));
}

/** The next best passages of what is not sure, folded: who does not find it in the answer looks there. */
export function furtherPassages(turn, talk, passages) {
  const items = passages.map((passage) => {
    const link = make("a", { href: `/doc/${passage.document_id}#page=${passage.page_number}&box=${passage.box.join(",")}` },
      make("q", { dir: "auto" }, passage.quote),
      make("span", { className: "place muted" }, `${passage.document}, ${pageName(passage)}`));
    followHere(link, () => talk.openPassage(turn, passage, link));
    return make("li", {}, link);
  });
  const summary = make("summary", {}, t("answer.further", { n: passages.length }));
  return make("details", { className: "further" }, summary, make("ol", {}, ...items));
}

/** Open a link beside the conversation, unless a key says that it is for another window. */
function followHere(link, open) {
  link.addEventListener("click", (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    open();
  });
}

/** The pages that were read, folded; of an answer that nothing proves they stand open as the nearest. */
export function pagesRead(turn, talk) {
  const hits = turn.hits();
  const isNothing = turn.element.classList.contains("nothing");
  const summary = make("summary", {}, isNothing ? t("answer.nearest") : t("answer.pages_read", { n: hits.length }));
  const items = hits.map((hit) => {
    const link = make("a", { href: `/doc/${hit.document_id}#page=${hit.page_number}` },
      make("span", { className: "name", dir: "auto" }, hit.document),
      make("span", { className: "place muted" }, pageName(hit)));
    followHere(link, () => talk.openHit(turn, hit, link));
    return make("li", {}, link);
  });
  return make("details", { className: "pages-read", open: isNothing }, summary, make("ol", {}, ...items));
}
