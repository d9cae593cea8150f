// What the page knows of a citation: where it leads, how strong it is, what is marked for it.

import { pageName, t } from "../frame/texts.js";

/** Whether its page says too little for anything to be marked. */
export function isWeak(citation) {
  return citation.supported === false;
}

/** `clear`, `partial`, `unsure` (marked all the same) or `weak`; empty for answers of before there were such words. */
export function strengthOf(citation) {
  if (isWeak(citation)) return "weak";
  return citation.strength === "weak" ? "unsure" : citation.strength ?? "";
}

/** The address of the page with the region marked; of a weak one, of the page alone. */
export function proofAddress(citation) {
  const parts = [`page=${citation.page_number}`];
  if (!isWeak(citation)) parts.push(`box=${(citation.value_box ?? citation.box).join(",")}`);
  return `/doc/${citation.document_id}#${parts.join("&")}`;
}

export function placeOf(citation) {
  return pageName(citation);
}

/** A citation in words, for those who hear it or see its number alone. */
export function markerLabel(citation) {
  const strength = strengthOf(citation);
  const values = { n: citation.n, document: citation.document, page: placeOf(citation) };
  return strength
    ? t("answer.marker_strength", { ...values, strength: t(`strength.${strength}`) })
    : t("answer.marker", values);
}

/** The marks of an answer for the viewer, those of `active` first in sight; weak ones mark nothing. */
export function marksOf(citations, active) {
  return citations.filter((citation) => !isWeak(citation)).flatMap((citation) => {
    const { page_id: pageId, box, value_box: valueBox, context_boxes: context = [] } = citation;
    const around = valueBox ? [box, ...context] : [];
    return [
      ...around.map((lightBox) => ({ pageId, box: lightBox, name: "", light: true })),
      { pageId, box: valueBox ?? box, name: String(citation.n), active: citation === active },
    ];
  });
}
