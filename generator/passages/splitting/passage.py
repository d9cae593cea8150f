"""What a passage is: words of a page that can be quoted, and what stands around them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.passages.splitting.tables import Table
from indexer.base.layout import BlockKind
from indexer.base.pages import Boxes, PageWords, enclosing
from indexer.base.word_marks import BROKEN, GLUED


class Context(NamedTuple):
    """What stands around a passage, verbatim; empty where there is none.

    heading  above it
    header   of its columns, where the page has no layout
    beside   the lead of its list, the caption of its picture, the author of a note
    """

    heading: str = ""
    header: str = ""
    beside: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Passage:
    """Words start..stop of a page.

    quote    the words joined by single spaces
    box      (4,) uint16, around all of them
    parts    (L, 4) uint16, around those of each line it stands on
    context  what stands above it and belongs to it
    leads    it is a heading, a column header or ends in a colon: it says little without what follows
    kind     of the block that it is of
    table, row  the table and the row of it that it is; None elsewhere
    field    words of the value of a form field, as start and stop; None elsewhere
    label    of the field, as it stands there
    is_ticked  of a check box
    """

    start: int
    stop: int
    quote: str
    box: NDArray[np.uint16]
    parts: Boxes
    context: Context
    leads: bool = False
    kind: BlockKind = BlockKind.TEXT
    table: Table | None = None
    row: int = 0
    field: tuple[int, int] | None = None
    label: str = ""
    is_ticked: bool | None = None

    @property
    def surroundings(self) -> str:
        """What gives it its meaning, as one text: heading, lead, caption; of a row label and heads."""
        parts = [*self.context]
        if self.table is not None:
            heads = map(self.table.head, self.table.values_of(self.row))
            parts += [self.table.caption, self.table.label(self.row), *heads]
        return " ".join(filter(None, dict.fromkeys(parts)))


def make_passage(
    words: PageWords, start: int, stop: int, context: Context, leads: bool = False, **fields: Any
) -> Passage:
    """Return words start..stop as a passage; `fields` are further ones of `Passage`."""
    own = words.boxes[start:stop]
    edges = [0, *(np.flatnonzero(np.diff(words.lines[start:stop])) + 1).tolist(), stop - start]
    parts = [enclosing(own[a:b]) for a, b in pairwise(edges)]
    quote = words.quote(start, stop)
    return Passage(start, stop, quote, enclosing(own), np.stack(parts), context, leads, **fields)


def of_whole_words(
    words: PageWords, ranges: Iterable[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """Yield the ranges, none of which ends before a footnote mark or within a parted word."""
    first = -1
    for start, stop in ranges:
        first = start if first < 0 else first
        while stop < len(words) and goes_on(words, stop):
            stop += 1
        if stop > first:
            yield first, stop
        first = stop


def goes_on(words: PageWords, position: int) -> bool:
    """Say whether the word at `position` belongs to the one before it."""
    if position == len(words):
        return False
    return bool(words.marks[position] & GLUED or words.marks[position - 1] & BROKEN)
