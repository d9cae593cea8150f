// What stands above the page: which one it is, and which of its proofs is in view.

import { pageName, placeName, t } from "../frame/texts.js";
import { fileAddress } from "./share.js";

export function createBars(parts) {
  let timer = 0;

  return {
    showPage(page, total) {
      const name = pageName(page);
      parts.name.textContent = parts.name.title = page.document;
      parts.printed.textContent = ["", String(page.page_number)].includes(page.page_label.trim()) ? "" : name;
      parts.number.value = page.page_number;
      parts.total.textContent = t("viewer.total", { total });
      parts.sheet.setAttribute("aria-label", placeName(page));
      parts.file.href = fileAddress(page);
    },
    showNeighbours(pages, page) {
      const at = pages.findIndex(({ page_id: id }) => id === page.page_id);
      parts.previous.disabled = at <= 0;
      parts.next.disabled = at < 0 || at >= pages.length - 1;
    },
    showProofs(proofs) {
      const total = proofs.stops().length;
      const position = proofs.position();
      parts.proofs.hidden = total === 0;
      parts.proof.textContent = position < 0
        ? t("viewer.proof_total", { n: total })
        : t("viewer.proof_of", { number: position + 1, total });
      parts.proofShort.textContent = position < 0 ? total : `${position + 1} / ${total}`;
      parts.previousProof.disabled = proofs.beside(-1) === null;
      parts.nextProof.disabled = proofs.beside(1) === null;
    },
    /** Say what was done, for a moment. */
    notice(text) {
      clearTimeout(timer);
      parts.notice.textContent = text;
      timer = setTimeout(() => (parts.notice.textContent = ""), 4000);
    },
  };
}
