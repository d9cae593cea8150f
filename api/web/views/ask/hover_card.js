// The proof of a marker, shown while the pointer or the focus is on it.

import { proofCard } from "../../proofs/cards.js";

const PATIENCE_MS = 300; // a pointer that only passes by opens nothing
const APART_PX = 8;

export function createHoverCard(card, signal) {
  let waiting = null;
  let owner = null; // the marker whose proof is shown

  function show(marker, citation) {
    if (!marker.isConnected) return;
    owner = marker;
    const proof = proofCard(citation);
    proof.tabIndex = -1; // what it leads to is where the marker leads
    card.replaceChildren(proof);
    if (!card.matches(":popover-open")) card.showPopover();
    place(marker);
  }

  function place(marker) {
    const target = marker.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = card;
    const left = Math.min(Math.max(APART_PX, target.left - width / 3), innerWidth - width - APART_PX);
    const isRoomAbove = target.top - height - APART_PX > 0;
    card.style.left = `${left}px`;
    card.style.top = `${isRoomAbove ? target.top - height - APART_PX : target.bottom + APART_PX}px`;
  }

  function hide() {
    clearTimeout(waiting);
    owner = null;
    if (card.matches(":popover-open")) card.hidePopover();
  }

  function bind(marker, citation) {
    const wait = (patienceMs) => {
      clearTimeout(waiting);
      waiting = setTimeout(() => show(marker, citation), patienceMs);
    };
    marker.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && wait(PATIENCE_MS));
    marker.addEventListener("pointerleave", hide);
    marker.addEventListener("focus", () => marker.matches(":focus-visible") && wait(0));
    marker.addEventListener("blur", hide);
  }

  new ResizeObserver(() => owner && place(owner)).observe(card);
  addEventListener("scroll", hide, { signal, passive: true });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && owner) {
      hide();
      event.preventDefault(); // the first Escape closes the card, the next one stops the answer
    }
  }, { signal, capture: true });
  return { bind, hide };
}
