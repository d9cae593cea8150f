// Proof cards: what a citation rests on, seen. Used below answers, in the card of a marker, and by searches.

import { make } from "../frame/dom.js";
import { styleSheet } from "../frame/router.js";
import { t } from "../frame/texts.js";
import { placeOf, proofAddress, isWeak, strengthOf } from "./citations.js";
import { crop } from "./crops.js";

export const proofStyles = () => styleSheet("/web/proofs/proofs.css");

/** A link to the page, with the cut of the region; of a weak citation the page is named and nothing shown. */
export function proofCard(citation) {
  const card = make("a", { className: "proof-card", href: proofAddress(citation) });
  if (!isWeak(citation)) {
    const image = crop(citation, () => image.replaceChildren(make("span", { className: "lost" }, t("proof.lost"))));
    card.append(image);
  }
  card.append(sourceLine(citation));
  card.dataset.n = citation.n;
  return card;
}

function sourceLine(citation) {
  const described = [citation.document, citation.document_title, citation.authors, citation.date].filter(Boolean).join(" · ");
  const document = make("span", { className: "name", dir: "auto", title: described }, citation.document);
  const line = make("span", { className: "source" },
    make("span", { className: isWeak(citation) ? "number weak" : "number" }, String(citation.n)),
    document,
    make("span", { className: "place" }, placeOf(citation)));
  const strength = strengthOf(citation);
  if (strength) {
    line.append(make("span", { className: `strength ${strength}`, title: t(`strength.${strength}_meaning`) }, t(`strength.${strength}`)));
  }
  return line;
}
