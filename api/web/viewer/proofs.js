// The marks of a question, on whatever pages: turning back to a page shows them again.

/**
 * Marks are {pageId, box, name, active, light}; a proof is what `j` and `k` stop at: the marks of one page that
 * share a name. Proofs stand in the order in which their marks were given.
 */
export function createProofs() {
  let marks = [];
  let active = null; // {pageId, name} of the proof in view

  const on = (pageId) => marks.filter((mark) => mark.pageId === pageId);
  const isOf = (mark, proof) => proof !== null && mark.pageId === proof.pageId && mark.name === proof.name;

  function stops() {
    const proofs = [];
    for (const mark of marks) {
      const isAlone = !mark.light || on(mark.pageId).every((other) => other.light);
      if (isAlone && !proofs.some((proof) => isOf(mark, proof))) proofs.push({ pageId: mark.pageId, name: mark.name });
    }
    return proofs;
  }

  const position = () => stops().findIndex((proof) => isOf(proof, active));

  return {
    stops,
    position,
    activate: (proof) => (active = proof),
    has: (pageId) => on(pageId).length > 0,
    clear() {
      marks = [];
      active = null;
    },
    /** Take the marks of `pageId`, and of the pages that marks name themselves, in the place of those they had. */
    put(pageId, newMarks) {
      const marksToAdd = newMarks.map((mark) => ({ name: "", pageId, ...mark }));
      const pages = new Set([pageId, ...marksToAdd.map((mark) => mark.pageId)]);
      marks = [...marks.filter((mark) => !pages.has(mark.pageId)), ...marksToAdd];
      const own = on(pageId);
      active = own.find((mark) => mark.active) ?? own.find((mark) => !mark.light) ?? own[0] ?? null;
    },
    /** The marks of a page as they are drawn now. */
    of: (pageId) => on(pageId).map((mark) => ({ ...mark, active: !mark.light && isOf(mark, active) })),
    /** The proof `step` places behind the one in view; null at the end. */
    beside(step) {
      const proofs = stops();
      const at = position();
      if (at < 0) return proofs[step > 0 ? 0 : proofs.length - 1] ?? null;
      return proofs[at + step] ?? null;
    },
  };
}
