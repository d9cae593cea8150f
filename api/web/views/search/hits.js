// A page that was found, as a card: its image with the places that made it match, and the words around.

import { make } from "../../frame/dom.js";
import { imageAddress } from "../../frame/http.js";
import { pageName, t } from "../../frame/texts.js";
import { pageAddress } from "../../viewer/share.js";
import { snippetOf } from "./snippet.js";

const WIDTH_PX = 320; // the service has these at hand
const SHARP_PX = 600; // for screens with more pixels: it comes afterwards

export function hitItem(hit) {
  const name = pageName(hit);
  const boxes = hit.evidence.map(({ box }) => box);
  const image = make("img", { loading: "lazy", alt: "", src: imageAddress(hit.page_id, WIDTH_PX) });
  image.addEventListener("load", () => {
    image.classList.add("loaded");
    if (devicePixelRatio > 1.3) image.src = imageAddress(hit.page_id, SHARP_PX);
  }, { once: true });
  const picture = make("div", { className: "picture" }, image, ...boxes.map(boxElement));
  const source = make("div", { className: "hit-source" },
    make("span", { className: "name", dir: "auto", title: hit.document }, hit.document),
    make("span", {}, name),
  );
  const link = make("a", { className: "hit", href: pageAddress(hit, boxes.slice(0, 1)) },
    picture, make("div", { className: "facts" }, source, snippetOf(hit)));
  link.dataset.page = hit.page_id;
  return make("li", {}, link);
}

/** A document, to look into without a search. */
export function coverItem({ id, name, pages, first_page_id: first }) {
  const image = make("img", { loading: "lazy", alt: "", src: imageAddress(first, WIDTH_PX) });
  return make("li", {}, make("a", { href: `/doc/${encodeURIComponent(id)}` }, image,
    make("span", { className: "name", dir: "auto", title: name }, name),
    make("span", { className: "muted" }, t("count.pages", { n: pages }))));
}

/** The marks of the pages that were found, as a viewer takes them: the best region of each is active. */
export function marksOf(hits) {
  return hits.flatMap((hit) => hit.evidence.map(({ box }, i) => ({ pageId: hit.page_id, box, name: "", light: i > 0 })));
}

function boxElement([x0, y0, x1, y1]) {
  const element = make("div", { className: "box" });
  element.style.left = `${x0 * 100}%`;
  element.style.top = `${y0 * 100}%`;
  element.style.width = `${(x1 - x0) * 100}%`;
  element.style.height = `${(y1 - y0) * 100}%`;
  return element;
}
