"""What an answer says where nothing supports one: what is missing, and what comes nearest."""

from __future__ import annotations

from collections.abc import Sequence

from generator.answering.quoting import proof_of
from generator.passages.support import Quotation, ReadPage
from generator.prompts import REFUSAL

_MAX_NAMED = 3


def not_found(
    pages: Sequence[ReadPage],
    missing: Sequence[str] = (),
    lacks: str = "",
    nearest: Quotation | None = None,
) -> str:
    """Return what to say when nothing supports an answer: what is missing, what is the nearest.

    missing  names, codes and numbers that no page has
    lacks    what else the pages lack, as a clause
    nearest  the passage to look at; None: the best page
    """
    if not pages:
        return f"{REFUSAL}: there is no page to read."
    hit = nearest.page.hit if nearest else pages[0].hit
    place = f"The nearest is {hit.page.name} of {hit.document.title}"
    if missing:
        refusal = f"{REFUSAL}: none of these pages names {in_words(missing)}."
    else:
        refusal = f"{REFUSAL}: {lacks}." if lacks else f"{REFUSAL} in these pages."
    if nearest is None:
        return f"{refusal} {place}."
    return f"{refusal}\n\n{place}:\n{proof_of(nearest, None)}"


def in_words(words: Sequence[str]) -> str:
    """Return the first few words as a person lists what is not there: `a, b or c`."""
    *first, last = words[:_MAX_NAMED]
    return f"{', '.join(first)} or {last}" if first else last
