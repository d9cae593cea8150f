// The cited region of a page, cut out of its image with a little of what stands around it.

import { make } from "../frame/dom.js";
import { call } from "../frame/http.js";

const MARGIN = 0.032; // of a page's width: about a line above and below
const FLATTEST = 7; // width to height of a cut: flatter ones have no surroundings
const SIDE = 0.015; // of a page's width
const MIN_WIDTH = 0.5; // of a page: narrower cuts have no surroundings
const MAX_HEIGHT = 0.2; // of a page: of a long paragraph the beginning is enough
const CARD_PX = 560; // about as wide as a card is
const WIDTHS = [600, 900, 1200, 1600, 2200, 3000]; // few, so that the browser's cache is used

const sizes = new Map(); // page id -> promise of what /v1/pages says: ids are never used again

function pageSize(pageId) {
  if (!sizes.has(pageId)) {
    const size = call("GET", `/v1/pages/${pageId}`);
    size.catch(() => sizes.delete(pageId));
    sizes.set(pageId, size);
  }
  return sizes.get(pageId);
}

/**
 * The parts of the page that are shown, from top to bottom: the heads of a table's columns, then its row.
 * ratio: of the page, width to height.
 */
export function stripsOf({ box, value_box: valueBox, context_boxes: context = [] }, ratio) {
  const margin = MARGIN * ratio; // of a page's height
  const main = tall(box) ? focused(box, valueBox) : enclosing([box, ...(valueBox ? [valueBox] : [])]);
  const heads = context.filter(([, , , y1]) => y1 <= main[1] + 0.002);
  const beside = context.filter((other) => !heads.includes(other) && other[1] < main[3] && other[3] > main[1]);
  const [x0, x1] = widened(enclosing([main, ...heads, ...beside]));
  const least = ((x1 - x0) * ratio) / FLATTEST;
  const around = Math.max(margin, (least - (main[3] - main[1])) / 2);
  const row = [x0, Math.max(0, main[1] - around), x1, Math.min(1, main[3] + around)];
  const head = heads.length ? enclosing(heads) : null;
  if (head === null || tall(head)) return [row];
  const top = Math.max(0, head[1] - margin / 4);
  if (row[1] - head[3] < margin) return [[x0, Math.min(top, row[1]), x1, row[3]]];
  return [[x0, top, x1, head[3] + margin / 4], row];
}

/** An element with the cut; it is empty until the size of the page is known. */
export function crop(citation, onError = () => {}) {
  const element = make("span", { className: "crop" });
  pageSize(citation.page_id)
    .then((page) => {
      const strips = stripsOf(citation, page.image_width_px / page.image_height_px);
      element.replaceChildren(...strips.map((strip, i) => stripElement(strip, citation, page, i === strips.length - 1, onError)));
    })
    .catch(onError);
  return element;
}

function stripElement(strip, citation, page, isMain, onError) {
  const [x0, y0, x1, y1] = strip;
  const element = make("span", { className: isMain ? "cut main" : "cut" });
  element.style.aspectRatio = String(((x1 - x0) * page.image_width_px) / ((y1 - y0) * page.image_height_px));
  const image = make("img", { alt: isMain ? citation.quote : "", loading: "lazy", decoding: "async" });
  image.addEventListener("error", onError);
  image.src = `/v1/pages/${citation.page_id}/image?width=${fitting(page, x1 - x0)}`;
  image.style.width = `${100 / (x1 - x0)}%`;
  image.style.transform = `translate(${-100 * x0}%, ${-100 * y0}%)`;
  const around = citation.value_box ? [citation.box, ...(citation.context_boxes ?? [])] : [];
  element.append(
    image,
    ...sharper(strip, citation.page_id, page),
    ...around.map((box) => markElement(box, strip, "mark light")),
    markElement(citation.value_box ?? citation.box, strip, "mark"),
  );
  return element;
}

/** The same drawn anew from the PDF, where the stored image is coarser than the screen; it comes on top. */
function sharper(strip, pageId, page) {
  const width = Math.round(CARD_PX * Math.min(devicePixelRatio, 2));
  if ((strip[2] - strip[0]) * page.image_width_px >= width * 0.9) return [];
  const image = make("img", { className: "sharp", alt: "", loading: "lazy", decoding: "async" });
  image.addEventListener("error", () => image.remove()); // the coarse one stays
  image.src = `/v1/pages/${pageId}/image?region=${strip.map((part) => part.toFixed(4)).join(",")}&width=${width}`;
  return [image];
}

function markElement(box, [x0, y0, x1, y1], className) {
  const mark = make("span", { className });
  mark.style.left = `${(100 * (box[0] - x0)) / (x1 - x0)}%`;
  mark.style.top = `${(100 * (box[1] - y0)) / (y1 - y0)}%`;
  mark.style.width = `${(100 * (box[2] - box[0])) / (x1 - x0)}%`;
  mark.style.height = `${(100 * (box[3] - box[1])) / (y1 - y0)}%`;
  return mark;
}

function fitting(page, share) {
  const needed = (CARD_PX * Math.min(devicePixelRatio, 2)) / share;
  return Math.min(WIDTHS.find((width) => width >= needed) ?? 3000, Math.max(page.image_width_px, 16));
}

function tall([, y0, , y1]) {
  return y1 - y0 > MAX_HEIGHT;
}

/** Of a tall region, what stands around its value, or its beginning. */
function focused(box, valueBox) {
  if (!valueBox || tall(valueBox)) return [box[0], box[1], box[2], box[1] + MAX_HEIGHT];
  const room = (MAX_HEIGHT - (valueBox[3] - valueBox[1])) / 2;
  return [box[0], Math.max(box[1], valueBox[1] - room), box[2], Math.min(box[3], valueBox[3] + room)];
}

function widened([left, , right]) {
  const missing = Math.max(0, MIN_WIDTH - (right - left)) / 2;
  const x0 = Math.max(0, left - SIDE - missing);
  const x1 = Math.min(1, right + SIDE + missing);
  return [Math.max(0, Math.min(x0, x1 - MIN_WIDTH)), Math.min(1, Math.max(x1, x0 + MIN_WIDTH))];
}

function enclosing(boxes) {
  return [
    Math.min(...boxes.map((box) => box[0])),
    Math.min(...boxes.map((box) => box[1])),
    Math.max(...boxes.map((box) => box[2])),
    Math.max(...boxes.map((box) => box[3])),
  ];
}
