// The image of the page: a small one at once, the large one when it is there, a larger one when it is needed.

import { imageAddress } from "../frame/http.js";

const WIDTHS = [600, 900, 1200, 1600, 2200, 3000]; // few, so that the browser's cache is used
const PREVIEW_PX = 160; // as in the strip
const WIDEST_PX = 4096;

export function createPicture({ sheet, image, preview, broken, again }) {
  let pageId = null;
  let storedWidth = WIDEST_PX; // width of the image as it is stored
  let askedWidth = 0; // width that was asked for last, of this page
  let neededWidth = 800; // width of the sheet in pixels of the screen

  again.addEventListener("click", () => {
    askedWidth = 0;
    load();
  });

  /** A page was asked for: nothing of the one before stays in sight. Returns whether it is another one. */
  function begin(id) {
    if (id === pageId) return false;
    pageId = id;
    askedWidth = 0;
    storedWidth = WIDEST_PX;
    broken.hidden = true;
    sheet.classList.add("waiting");
    sheet.classList.remove("failed");
    image.removeAttribute("src");
    preview.src = imageAddress(id, PREVIEW_PX);
    return true;
  }

  function draw(page, name) {
    pageId = page.page_id;
    storedWidth = page.image_width_px;
    image.alt = name;
    load();
  }

  /** The sheet is `width` wide: an image that is too small for it is followed by a larger one. */
  function fit(width) {
    neededWidth = width * Math.min(devicePixelRatio, 3);
    if (askedWidth) load();
  }

  function load() {
    const width = Math.min(WIDTHS.find((candidate) => candidate >= neededWidth) ?? WIDEST_PX, Math.max(storedWidth, 16));
    if (pageId === null || width <= askedWidth) return;
    askedWidth = width;
    const id = pageId;
    const next = new Image();
    next.onload = () => {
      if (id !== pageId || width < askedWidth) return;
      image.src = next.src;
      broken.hidden = true;
      sheet.classList.remove("waiting", "failed");
    };
    next.onerror = () => {
      if (id !== pageId || width < askedWidth) return;
      if (image.hasAttribute("src")) return; // the smaller one stays
      sheet.classList.add("failed");
      sheet.classList.remove("waiting");
      broken.hidden = false;
    };
    next.src = imageAddress(id, width);
  }

  function clear() {
    pageId = null;
    askedWidth = 0;
    image.removeAttribute("src");
    preview.removeAttribute("src");
  }

  return { begin, draw, fit, clear };
}
