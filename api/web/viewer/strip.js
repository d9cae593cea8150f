// The pages of a document as a strip of small images, loaded as they come into sight.

import { make } from "../frame/dom.js";
import { imageAddress } from "../frame/http.js";
import { isOfVideo, pageName, t } from "../frame/texts.js";

const WIDTH_PX = 160;

/** list: an <ol>; ticks: the rail beside it with a tick for each page that has a proof. */
export function createStrip({ list, ticks, onChoose }) {
  let pages = [];
  let buttons = new Map(); // page id -> button

  list.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) onChoose(Number(button.dataset.page));
  });
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const button = event.target.closest("button");
    if (!step || !button) return;
    event.preventDefault();
    const item = step > 0 ? button.parentElement.nextElementSibling : button.parentElement.previousElementSibling;
    item?.firstElementChild.focus();
    item?.firstElementChild.click();
  });

  function fill(documentPages) {
    if (documentPages === pages) return;
    pages = documentPages;
    const items = pages.map(thumbnail);
    buttons = new Map(pages.map((page, i) => [page.page_id, items[i].firstElementChild]));
    list.replaceChildren(...items);
  }

  /** Show which page is in view and which have proofs. */
  function mark(pageId, hasProof) {
    for (const page of pages) {
      const id = page.page_id;
      const button = buttons.get(id);
      const isCurrent = id === pageId;
      button.tabIndex = isCurrent ? 0 : -1;
      if (isCurrent) button.setAttribute("aria-current", "page");
      else button.removeAttribute("aria-current");
      button.classList.toggle("proof", hasProof(id));
      button.setAttribute("aria-label", label(page, hasProof(id)));
    }
    const signs = pages.flatMap((page, i) => (hasProof(page.page_id) ? [tick(i / pages.length)] : []));
    ticks.replaceChildren(...signs);
    reveal(buttons.get(pageId));
  }

  function reveal(button) {
    if (!button || !list.clientHeight) return;
    const { offsetTop, offsetHeight } = button.parentElement;
    const isSeen = offsetTop >= list.scrollTop && offsetTop + offsetHeight <= list.scrollTop + list.clientHeight;
    if (!isSeen) list.scrollTop = offsetTop - (list.clientHeight - offsetHeight) / 2;
  }

  return { fill, mark, pages: () => pages, clear: () => fill([]) };
}

function label(page, hasProof) {
  const name = pageName(page);
  return hasProof ? t("viewer.with_proof", { page: name }) : name;
}

function thumbnail(page) {
  const image = make("img", { loading: "lazy", alt: "", src: imageAddress(page.page_id, WIDTH_PX) });
  image.style.aspectRatio = String(page.image_width_px / page.image_height_px);
  const number = make("span", { className: "at", ariaHidden: "true" }, isOfVideo(page) ? pageName(page) : String(page.page_number));
  const button = make("button", { type: "button", tabIndex: -1 }, image, number);
  Object.assign(button.dataset, { page: page.page_id, number: page.page_number });
  return make("li", {}, button);
}

function tick(share) {
  const sign = make("i");
  sign.style.top = `${share * 100}%`;
  return sign;
}
