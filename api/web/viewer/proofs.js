// The marks of a question, by page: turning back to a page shows them again.

/**
 * Marks are {box, name, active, light} with a `pageId`; a proof is what `j` and `k` stop at: the marks of one
 * page that share a name.
 */
export function createProofs() {
  const marksOf = new Map(); // page id -> marks, in the order in which the pages were named
  let active = null; // {pageId, name} of the proof in view

  function stops() {
    const proofs = [];
    for (const [pageId, marks] of marksOf) {
      for (const { name = "", light } of marks) {
        if (light && marks.some((mark) => !mark.light)) continue;
        if (!proofs.some((proof) => proof.pageId === pageId && proof.name === name)) proofs.push({ pageId, name });
      }
    }
    return proofs;
  }

  const same = (proof, other) => proof !== null && proof.pageId === other.pageId && proof.name === other.name;

  return {
    stops,
    active: () => active,
    activate: (proof) => (active = proof),
    has: (pageId) => (marksOf.get(pageId) ?? []).length > 0,
    clear() {
      marksOf.clear();
      active = null;
    },
    /** Take the marks of `pageId`, and of the pages that marks name themselves. */
    put(pageId, marks) {
      const touched = new Set([pageId, ...marks.map((mark) => mark.pageId ?? pageId)]);
      for (const id of touched) {
        const own = marks.filter((mark) => (mark.pageId ?? pageId) === id);
        if (own.length) marksOf.set(id, own);
        else marksOf.delete(id);
      }
      const own = marksOf.get(pageId) ?? [];
      const first = own.find((mark) => mark.active) ?? own.find((mark) => !mark.light) ?? own[0];
      active = first ? { pageId, name: first.name ?? "" } : null;
    },
    /** The marks of a page as they are drawn now. */
    of(pageId) {
      return (marksOf.get(pageId) ?? []).map((mark) => ({
        ...mark,
        active: !mark.light && same(active, { pageId, name: mark.name ?? "" }),
      }));
    },
    /** The proof `step` places behind the one in view; null at the end. */
    beside(step) {
      const proofs = stops();
      const at = proofs.findIndex((proof) => same(active, proof));
      if (at < 0) return proofs[step > 0 ? 0 : proofs.length - 1] ?? null;
      return proofs[at + step] ?? null;
    },
    position: () => stops().findIndex((proof) => same(active, proof)),
  };
}
