// The numbers in an answer: links to their proof, that say what they are before one follows them.

import { make } from "../../frame/dom.js";
import { t } from "../../frame/texts.js";
import { isWeak, markerLabel, proofAddress } from "../../proofs/citations.js";

/** Bind the elements that the service has put into the HTML of an answer. */
export function bindMarkers(text, turn, talk) {
  for (const marker of text.querySelectorAll("a.marker")) {
    const citation = turn.citations().find(({ n }) => String(n) === marker.dataset.n);
    if (citation) bind(marker, citation, turn, talk);
    else marker.replaceWith(marker.textContent);
  }
  for (const number of text.querySelectorAll("del.removed")) {
    number.title = t("answer.removed", { n: number.textContent.replace(/\D/g, "") });
  }
  sayUnproved(text);
  for (const table of text.querySelectorAll("table")) {
    const frame = make("div", { className: "table", tabIndex: 0 });
    frame.setAttribute("role", "region");
    frame.setAttribute("aria-label", t("answer.table"));
    table.replaceWith(frame);
    frame.append(table);
  }
}

/** Who cannot see the dots hears it behind the sentence, and who copies the sentence copies it. */
function sayUnproved(text) {
  const lastParts = new Map();
  for (const part of text.querySelectorAll(".unproved")) {
    part.title = t("answer.unproved");
    lastParts.set(part.dataset.claim, part);
  }
  for (const part of lastParts.values()) {
    part.append(make("span", { className: "bracket" }, ` [${t("answer.unproved_short")}]`));
  }
}

function bind(marker, citation, turn, talk) {
  marker.href = proofAddress(citation);
  marker.setAttribute("aria-label", markerLabel(citation));
  marker.classList.toggle("weak", isWeak(citation));
  // The brackets are there for what is copied; the eye sees the number alone.
  marker.replaceChildren(
    make("span", { className: "bracket" }, "["), String(citation.n), make("span", { className: "bracket" }, "]"));
  talk.hoverCard.bind(marker, citation);
  marker.addEventListener("click", (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    talk.hoverCard.hide();
    talk.openProof(turn, citation, marker);
  });
}
