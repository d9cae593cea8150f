// Keys of the viewer, wherever the focus is, except where a person types.

const TYPES = "input:not([type=range]), textarea, select, [contenteditable]";

/** commands: {next, previous, nextProof, previousProof, full, larger, smaller, fit}; returns what ends it. */
export function listenToKeys(commands, isShown) {
  function press(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !isShown()) return;
    if (event.target.closest?.(TYPES)) return;
    const modal = document.querySelector("dialog:modal");
    if (modal && !modal.classList.contains("viewer-dialog")) return;
    const command = commands[commandOf(event)];
    if (!command) return;
    event.preventDefault();
    command();
  }
  document.addEventListener("keydown", press);
  return () => document.removeEventListener("keydown", press);
}

function commandOf({ key, target }) {
  const isForward = getComputedStyle(document.documentElement).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
  if (key === "ArrowLeft" || key === "ArrowRight") {
    if (target.closest?.("[role=separator], [type=range], [role=radiogroup]")) return null;
    return key === isForward ? "next" : "previous";
  }
  const names = { j: "nextProof", k: "previousProof", f: "full", "+": "larger", "-": "smaller", 0: "fit", PageDown: "next", PageUp: "previous" };
  return names[key] ?? null;
}
