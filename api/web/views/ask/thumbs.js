// A row of small page images to choose from.

import { byId, make } from "./dom.js";
import { imageAddress } from "./http.js";

/** Lay out the pages under a title. items: [{pageId, name, facts, title, act}] */
export function layThumbs(title, items) {
  byId("found-title").textContent = title;
  byId("found").hidden = items.length === 0;
  byId("thumbs").replaceChildren(...items.map(thumb));
}

/** Mark the page that is in view. */
export function pressThumb(pageId) {
  for (const button of byId("thumbs").querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button.dataset.page === String(pageId)));
  }
}

function thumb({ pageId, name, facts, title, act }) {
  const image = make("img", { loading: "lazy", alt: "", src: imageAddress(pageId, 240) });
  const button = make("button", { type: "button", title, label: `${name}, ${facts}` },
    image, make("span", { className: "name" }, name), make("span", { className: "facts" }, facts));
  button.dataset.page = pageId;
  button.setAttribute("aria-pressed", "false");
  button.addEventListener("click", act);
  return make("li", {}, button);
}
