"""Find the words inside of a box."""

from __future__ import annotations

from collections.abc import Sequence

from indexer.base.layout import PageBox
from indexer.layout.drafts import DraftWord


def words_inside(words: Sequence[DraftWord], box: PageBox, used_words: set[int]) -> list[int]:
    """Return the positions of the page's own words that are not taken and have their centre in `box`."""
    x0, y0, x1, y1 = box
    return [
        i
        for i, word in enumerate(words)
        if word.position is not None
        and i not in used_words
        and x0 <= (word.box[0] + word.box[2]) / 2 <= x1
        and y0 <= (word.box[1] + word.box[3]) / 2 <= y1
    ]
