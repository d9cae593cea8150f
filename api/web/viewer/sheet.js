// On a small screen the viewer is a sheet that comes from below; elsewhere it stands in its pane.

const NARROW = matchMedia("(max-width: 58rem)"); // as in viewer.css
const SWIPE_PX = 60;

/** asSheet: whether the viewer leaves the page on a small screen. `onSwipe(step)`: 1 is the next proof. */
export function createSheet({ dialog, desk, close }, { asSheet, onOpen, onSwipe, onClose }) {
  NARROW.addEventListener("change", settle);
  close.addEventListener("click", () => {
    if (dialog.matches(":modal")) dialog.close();
    else onClose();
  });
  dialog.addEventListener("close", onClose);
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog && dialog.matches(":modal")) dialog.close(); // beside the sheet
  });
  let touch = null;
  dialog.addEventListener("touchstart", (event) => {
    const { clientX, clientY } = event.touches[0];
    touch = event.touches.length === 1 ? { x: clientX, y: clientY, left: desk.scrollLeft } : null;
  }, { passive: true });
  dialog.addEventListener("touchend", (event) => {
    if (!touch) return;
    const { clientX, clientY } = event.changedTouches[0];
    const [dx, dy] = [clientX - touch.x, clientY - touch.y];
    const isScrolled = Math.abs(desk.scrollLeft - touch.left) > 8; // a part of the page was brought into sight
    touch = null;
    if (Math.abs(dx) < SWIPE_PX || Math.abs(dx) < 2 * Math.abs(dy) || isScrolled) return;
    const isForward = getComputedStyle(dialog).direction === "rtl" ? dx > 0 : dx < 0;
    onSwipe(isForward ? 1 : -1);
  }, { passive: true });
  settle();

  function isSheet() {
    return asSheet && NARROW.matches;
  }

  /** Stand in the pane, or be away until `open` is called. */
  function settle() {
    if (isSheet()) {
      if (!dialog.matches(":modal")) dialog.removeAttribute("open");
      dialog.removeAttribute("role");
    } else {
      if (dialog.matches(":modal")) dialog.close();
      dialog.setAttribute("open", "");
      dialog.setAttribute("role", "region");
    }
  }

  return {
    isSheet,
    isShown: () => dialog.open,
    /** Bring the viewer into sight; closing it gives the focus back to where it was. */
    open() {
      if (isSheet() && !dialog.open) {
        dialog.showModal();
        onOpen();
      }
    },
    dismiss() {
      if (dialog.matches(":modal")) dialog.close();
    },
    end() {
      NARROW.removeEventListener("change", settle);
      if (dialog.matches(":modal")) dialog.close();
    },
  };
}
