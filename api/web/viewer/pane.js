// The width of the pane in which a viewer stands: dragged, or moved by arrow keys, and kept for the next visit.
// A view that has a pane lays it out with the class `with-viewer`, which viewer.css knows.

const KEPT = "pagesight.pane"; // share of the window
const LEAST = 0.25;
const MOST = 0.75;
const STEP = 0.03;

export function createPane(handle) {
  let share = kept();
  if (share) apply(share);

  handle.setAttribute("aria-valuemin", String(LEAST * 100));
  handle.setAttribute("aria-valuemax", String(MOST * 100));
  handle.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    handle.setPointerCapture(event.pointerId);
    handle.addEventListener("pointermove", drag);
    handle.addEventListener("pointerup", () => {
      handle.removeEventListener("pointermove", drag);
      keep();
    }, { once: true });
  });
  handle.addEventListener("keydown", (event) => {
    const direction = { ArrowLeft: 1, ArrowRight: -1 }[event.key];
    if (!direction) return;
    event.preventDefault();
    const sense = isMirrored() ? -direction : direction;
    apply(Math.min(Math.max((share ?? now()) + sense * STEP, LEAST), MOST));
    keep();
  });
  handle.addEventListener("dblclick", () => {
    share = null;
    document.documentElement.style.removeProperty("--viewer-width");
    keep();
  });
  handle.setAttribute("aria-valuenow", String(Math.round((share ?? 0.5) * 100)));

  function drag(event) {
    const pane = handle.parentElement.getBoundingClientRect();
    const width = isMirrored() ? event.clientX - pane.left : pane.right - event.clientX;
    apply(Math.min(Math.max(width / innerWidth, LEAST), MOST));
  }

  function apply(value) {
    share = value;
    document.documentElement.style.setProperty("--viewer-width", `${(share * 100).toFixed(2)}vw`);
    handle.setAttribute("aria-valuenow", String(Math.round(share * 100)));
  }

  const now = () => handle.parentElement.offsetWidth / innerWidth;
  const isMirrored = () => getComputedStyle(handle).direction === "rtl";

  function keep() {
    try {
      if (share) localStorage.setItem(KEPT, String(share));
      else localStorage.removeItem(KEPT);
    } catch {
      // A browser that keeps nothing begins with the usual width.
    }
  }
}

function kept() {
  try {
    const share = Number(localStorage.getItem(KEPT));
    return share >= LEAST && share <= MOST ? share : null;
  } catch {
    return null;
  }
}
