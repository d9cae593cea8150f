// One page image with the regions that prove something drawn on it.

import { byId, calm, make, pageName, tell } from "./dom.js";
import { call, heatAddress, imageAddress } from "./http.js";

const WIDTHS = [600, 900, 1200, 1600, 2200, 3000]; // few, so that the browser's cache is used
const NARROW = "(max-width: 58rem)"; // as in viewer.css: the page stands below the answer
const pages = new Map(); // page id -> what /v1/pages says
const documents = new Map(); // document id -> what /v1/documents says
let shown = null; // the page in view
let asked = ""; // the question whose heat can be shown
let wanted = 0; // counts the calls of `show`: only the last one may draw

byId("previous").addEventListener("click", () => turn(-1));
byId("next").addEventListener("click", () => turn(1));
byId("whole").addEventListener("click", () => {
  const whole = byId("desk").classList.toggle("whole");
  byId("whole").setAttribute("aria-pressed", String(whole));
});
byId("heat").addEventListener("click", () => heat(!heated()));
byId("image").addEventListener("error", () => {
  if (!heated()) return;
  heat(false);
  tell(byId("viewer-problem"), new Error("the heat map of this page cannot be drawn"));
});

/** What the page is looked at for; nothing asked has no heat. */
export function about(question) {
  asked = question;
  byId("heat").hidden = !question;
  if (!question) byId("heat").setAttribute("aria-pressed", "false");
  if (shown && heated()) paint(shown);
}

/**
 * Show a page. marks: [{box, name, active}], boxes in page fractions; name may be empty.
 * byHand: a person asked for this page, so bring the viewer into sight on a small screen.
 */
export async function show(pageId, marks = [], byHand = false) {
  const turnNumber = ++wanted;
  try {
    const page = await known(pages, pageId, `/v1/pages/${pageId}`);
    const owner = await known(documents, page.document_id, `/v1/documents/${page.document_id}`);
    if (turnNumber !== wanted) return;
    tell(byId("viewer-problem"), null);
    draw(page, owner);
    mark(marks);
    if (byHand && matchMedia(NARROW).matches) byId("viewer").scrollIntoView({ block: "start" });
  } catch (error) {
    if (turnNumber === wanted) tell(byId("viewer-problem"), error);
  }
}

/** Back to the blank sheet. */
export function clear() {
  wanted += 1;
  shown = null;
  about("");
  pages.clear();
  documents.clear();
  byId("bar").hidden = byId("sheet").hidden = true;
  byId("blank").hidden = false;
  tell(byId("viewer-problem"), null);
}

function draw(page, owner) {
  const image = byId("image");
  byId("blank").hidden = true;
  byId("bar").hidden = byId("sheet").hidden = false;
  byId("sheet").style.setProperty("--ratio", page.image_width_px / page.image_height_px);
  byId("sheet").setAttribute("aria-label", `${page.document}, ${pageName(page.page_number, page.page_label)}`);
  byId("previous").disabled = page.page_number <= 1;
  byId("next").disabled = page.page_number >= owner.pages;
  byId("download").href = `/v1/documents/${owner.id}/file`;
  byId("download").setAttribute("aria-label", `Download ${page.document}`);
  byId("place").replaceChildren(
    make("strong", { textContent: page.document, title: page.document }),
    make("span", {}, pageName(page.page_number, page.page_label, owner.pages)),
  );
  if (shown?.page_id !== page.page_id) {
    paint(page);
    image.alt = `${pageName(page.page_number, page.page_label)} of ${page.document}`;
  }
  shown = page;
}

/** The page image, or the same under the heat of the question; the boxes would hide the heat. */
function paint(page) {
  const width = fitting(page.image_width_px);
  byId("sheet").classList.toggle("heated", heated());
  byId("image").src = heated() ? heatAddress(page.page_id, asked, width) : imageAddress(page.page_id, width);
}

function heated() {
  return byId("heat").getAttribute("aria-pressed") === "true";
}

function heat(on) {
  byId("heat").setAttribute("aria-pressed", String(on));
  tell(byId("viewer-problem"), null);
  if (shown) paint(shown);
}

function fitting(stored) {
  const needed = Math.max(byId("desk").clientWidth, 320) * Math.min(devicePixelRatio, 3);
  return Math.min(WIDTHS.find((width) => width >= needed) ?? 4096, Math.max(stored, 16), 4096);
}

function mark(marks) {
  const boxes = marks.map(({ box, name, active, light }) => {
    const element = make("div", { className: active ? "box active" : light ? "box light" : "box" });
    const [x0, y0, x1, y1] = box.map((fraction) => fraction * 100);
    element.style.left = `${x0}%`;
    element.style.top = `${y0}%`;
    element.style.width = `${x1 - x0}%`;
    element.style.height = `${y1 - y0}%`;
    const inside = box[0] < 0.06; // no room for the number beside the box
    if (name) element.append(make("span", { className: inside ? "number inside" : "number" }, name));
    return element;
  });
  byId("boxes").replaceChildren(...boxes);
  const first = boxes.find((element) => element.classList.contains("active")) ?? boxes[0];
  scrollDesk(first);
}

/** Bring a region to the middle of the desk, without moving the rest of the page. */
function scrollDesk(element) {
  const desk = byId("desk");
  const middle = element ? element.offsetTop + element.offsetHeight / 2 : 0;
  const top = Math.max(0, middle - desk.clientHeight / 2);
  desk.scrollTo({ top, left: 0, behavior: calm() ? "auto" : "smooth" });
}

function turn(step) {
  if (shown) show(shown.page_id + step);
}

async function known(kept, id, path) {
  if (!kept.has(id)) kept.set(id, await call("GET", path));
  return kept.get(id);
}
