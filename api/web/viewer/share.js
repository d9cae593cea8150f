// What leaves the page: a link to it, and a quotation that says where it stands.

import { make } from "../frame/dom.js";
import { pageName, t } from "../frame/texts.js";

/** The address of a page in the application, with regions of it marked. */
export function pageAddress(page, boxes = []) {
  const hash = new URLSearchParams({ page: page.page_number });
  for (const box of boxes) hash.append("box", box.map((edge) => Number(edge.toFixed(4))).join(","));
  return `/doc/${encodeURIComponent(page.document_id)}#${hash.toString().replaceAll("%2C", ",")}`;
}

/** The address of the PDF, opened at the page. */
export function pdfAddress(page) {
  return `/v1/documents/${encodeURIComponent(page.document_id)}/file?inline=true#page=${page.page_number}`;
}

/** “What is quoted” — report.pdf, page 89. */
export function quotation(text, page) {
  const source = `${page.document}, ${pageName(page.page_number, page.page_label)}`;
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
