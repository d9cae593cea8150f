// An answer with its sources as text, and the way to the clipboard.

import { t } from "../../frame/texts.js";
import { placeOf, proofAddress } from "../../proofs/citations.js";

/** The answer as people paste it: its text, then each citation with document, page, quotation and address. */
export function withSources(question, { answer, citations, unsupported_claims: claims }) {
  const lines = citations.map((citation) => {
    const quote = citation.quote ? `: “${citation.quote.replace(/\s+/g, " ").trim()}”` : "";
    return `[${citation.n}] ${citation.document}, ${placeOf(citation)}${quote}\n    ${location.origin}${proofAddress(citation)}`;
  });
  const sources = lines.length ? `\n\n${t("answer.sources")}\n${lines.join("\n")}` : "";
  const unproved = claims.length ? `\n\n${t("answer.unproved")}\n${claims.map((claim) => `- ${claim}`).join("\n")}` : "";
  return `${question}\n\n${answer}${sources}${unproved}\n`;
}

/** Copy a text; where the browser has no clipboard for this page (plain HTTP), in the old way. Throws Error. */
export async function copy(text) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "unseen";
  document.body.append(field);
  field.select();
  const isCopied = document.execCommand("copy");
  field.remove();
  if (!isCopied) throw new Error(t("actions.failed"));
}
