// What leaves the page: a link to it, and a quotation that says where it stands.

import { make } from "../frame/dom.js";
import { isOfVideo, placeName, t } from "../frame/texts.js";

/** The address of a page in the application, with regions of it marked. */
export function pageAddress(page, boxes = []) {
  const hash = new URLSearchParams({ page: page.page_number });
  for (const box of boxes) hash.append("box", box.map((edge) => Number(edge.toFixed(4))).join(","));
  return `/doc/${encodeURIComponent(page.document_id)}#${hash.toString().replaceAll("%2C", ",")}`;
}

/** The address of the file, opened at the page, of a video at its second. */
export function fileAddress(page) {
  const place = isOfVideo(page) ? `t=${page.time_s}` : `page=${page.page_number}`;
  return `/v1/documents/${encodeURIComponent(page.document_id)}/file?inline=true#${place}`;
}

/** “What is quoted” — report.pdf, page 89. */
export function quotation(text, page) {
  const source = placeName(page);
  return text ? t("viewer.quotation", { text: text.trim(), source }) : source;
}

/** Put a text on the clipboard; also where the browser has none for pages over plain HTTP. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const focusedElement = document.activeElement;
    const area = make("textarea", { className: "unseen", value: text, readOnly: true });
    (document.querySelector("dialog:modal") ?? document.body).append(area);
    area.select();
    const isCopied = document.execCommand("copy");
    area.remove();
    focusedElement?.focus?.();
    if (!isCopied) throw new Error(t("viewer.not_copied"));
  }
}
