// How large the page stands on the desk, and which part of it is in sight.

import { calm } from "../frame/dom.js";

const STEP = 1.25;
const LEAST = 0.3; // of the width of the desk
const MOST = 5;
const REGION_WIDTH = 0.92; // share of the desk that a region may fill
const REGION_HEIGHT = 0.6;
const REGION_MOST = 3.5; // as large as small print needs to be
const NARROW_PX = 600; // where a region as wide as the page is enlarged, too, and shown from its beginning
const NARROW_LEAST = 1.8;
const NARROW_MOST = 2.3; // a cell is seen with its neighbours

/** modes: "fit", "width", "region"; after a step it is "free". `onSize(width_px)` is called when the sheet changes. */
export function createZoom({ desk, sheet, onSize, onMode }) {
  let mode = "width";
  let factor = 1; // of the desk's width, in the mode "free"
  let ratio = 0.7; // width by height of the page
  let region = null; // [x0, y0, x1, y1] of the active mark

  new ResizeObserver(() => apply()).observe(desk);
  desk.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    step(event.deltaY < 0 ? 1 : -1, Math.sqrt(STEP));
  }, { passive: false });
  desk.addEventListener("dblclick", (event) => {
    if (event.target.closest(".word")) return; // there it selects the word
    set(mode === "width" && region ? "region" : "width");
  });

  function room() {
    const style = getComputedStyle(desk);
    const width = desk.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    const height = desk.clientHeight - parseFloat(style.paddingTop) - parseFloat(style.paddingBottom);
    return { width, height };
  }

  function width() {
    const space = room();
    const whole = Math.min(space.width, space.height * ratio);
    if (mode === "fit") return whole;
    if (mode === "free") return space.width * factor;
    if (mode === "width" || !region) return space.width;
    const [x0, y0, x1, y1] = region;
    const byWidth = (space.width * REGION_WIDTH) / Math.max(x1 - x0, 0.01);
    const byHeight = (space.height * REGION_HEIGHT * ratio) / Math.max(y1 - y0, 0.01);
    const widest = space.width * (space.width < NARROW_PX ? NARROW_MOST : REGION_MOST);
    const narrowest = space.width < NARROW_PX ? space.width * NARROW_LEAST : whole;
    return Math.min(Math.max(Math.min(byWidth, byHeight), narrowest), widest);
  }

  /** Lay the sheet out anew; what was in the middle stays there. */
  function apply() {
    if (!desk.clientWidth) return; // nobody sees it
    const before = sheet.offsetWidth || 1;
    const middleX = (desk.scrollLeft + desk.clientWidth / 2 - sheet.offsetLeft) / before;
    const middleY = (desk.scrollTop + desk.clientHeight / 2 - sheet.offsetTop) / before;
    const after = Math.max(width(), 40);
    sheet.style.width = `${after}px`;
    desk.scrollLeft = middleX * after + sheet.offsetLeft - desk.clientWidth / 2;
    desk.scrollTop = middleY * after + sheet.offsetTop - desk.clientHeight / 2;
    onSize(after);
  }

  function set(name) {
    mode = name;
    apply();
    if (name === "region") reveal("auto");
    onMode(mode);
  }

  function step(direction, by = STEP) {
    const now = sheet.offsetWidth / Math.max(room().width, 1);
    factor = Math.min(Math.max(now * (direction > 0 ? by : 1 / by), LEAST), MOST);
    set("free");
  }

  /** Bring the region to the middle of the desk, without moving the rest of the page. */
  function reveal(behavior = calm() ? "auto" : "smooth") {
    if (!region) {
      desk.scrollTo({ top: 0, left: 0, behavior: "auto" });
      return;
    }
    const [x0, y0, x1, y1] = region;
    const wide = sheet.offsetWidth;
    const high = sheet.offsetHeight;
    const isWider = (x1 - x0) * wide > desk.clientWidth;
    const centre = isWider ? x0 * wide + desk.clientWidth / 2 - 8 : ((x0 + x1) / 2) * wide;
    desk.scrollTo({
      left: sheet.offsetLeft + centre - desk.clientWidth / 2,
      top: sheet.offsetTop + ((y0 + y1) / 2) * high - desk.clientHeight / 2,
      behavior,
    });
  }

  return {
    set,
    step,
    apply,
    reveal,
    mode: () => mode,
    isNarrow: () => desk.clientWidth > 0 && desk.clientWidth < NARROW_PX && matchMedia("(max-width: 58rem)").matches,
    /** Another page, or other boxes of it to be in sight. */
    about(pageRatio, boxes) {
      ratio = pageRatio;
      region = around(boxes);
      sheet.style.aspectRatio = String(ratio);
      apply();
    },
  };
}

/** The smallest box around all; null around none. */
function around(boxes) {
  if (!boxes.length) return null;
  const [starts, ends] = [Math.min, Math.max].map((choose, side) =>
    [0, 1].map((axis) => choose(...boxes.map((box) => box[axis + 2 * side]))));
  return [...starts, ...ends];
}
