"""Name what the parts of the assembly hand to each other: words without an order, blocks without a place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.base.layout import BlockKind, PageBox
from indexer.base.regions import RegionCell

Rows = list[list[int]]  # positions of words, row by row


class DraftWord(NamedTuple):
    """A word of the page or of a form; `position` among the page's own words, None of one that was added."""

    text: str
    box: PageBox
    line: int
    marks: int = 0
    position: int | None = None


class Piece(NamedTuple):
    """Words of one line that stand close together, and their frame on the upright page, in points."""

    words: list[int]
    frame: NDArray[np.float64]


@dataclass(slots=True)
class CellDraft:
    """A cell and the rows of its words; `is_row_head` as in `Cell`."""

    cell: RegionCell
    rows: Rows = field(default_factory=list)
    is_row_head: bool = False


@dataclass(slots=True)
class BlockDraft:
    """A block and the rows of its words, which are those of its cells if it has any.

    units    frames by which it takes its place among the others, in points
    about    the block that a caption or a note belongs to
    part_of  the block that took this one in
    """

    kind: BlockKind
    box: PageBox
    rows: Rows = field(default_factory=list)
    cells: list[CellDraft] = field(default_factory=list)
    units: list[NDArray[np.float64]] = field(default_factory=list)
    n_label_words: int | None = None
    is_ticked: bool | None = None
    author: str = ""
    about: BlockDraft | None = None
    part_of: BlockDraft | None = None

    def take_in(self, part: BlockDraft) -> None:
        """Cover another block too, which is a part of this one from now on; its words are the caller's."""
        self.box = box_around([self.box, part.box])
        self.units = [*self.units, *part.units]
        part.part_of = self

    @property
    def whole(self) -> BlockDraft:
        """The block of the page that this one is, or has become a part of."""
        block = self
        while block.part_of is not None:
            block = block.part_of
        return block


def block_of_pieces(kind: BlockKind, box: PageBox, lines: Sequence[Sequence[Piece]]) -> BlockDraft:
    """Return the block that lines of pieces are, each of them a unit."""
    return BlockDraft(
        kind,
        box,
        [[i for piece in line for i in piece.words] for line in lines],
        units=[frame_around([piece.frame for piece in line]) for line in lines],
    )


def field_of(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    label: Sequence[int],
    value: Sequence[int],
    *,
    is_below: bool = False,
) -> BlockDraft:
    """Return the field of a form that a label is, with the words of its value, if it has any.

    is_below  the value stands below the label: the field has its place where the label is
    """
    members = [*label, *value]
    return BlockDraft(
        BlockKind.FIELD,
        box_around(words[i].box for i in members),
        [members],
        units=[frame_around([frames[i] for i in (label if is_below else members)])],
        n_label_words=len(label),
    )


def cells_by_row(cells: Iterable[CellDraft]) -> dict[int, list[CellDraft]]:
    """Return the cells of each row of a table by its number, all in the order in which they come."""
    by_row: dict[int, list[CellDraft]] = {}
    for draft in cells:
        by_row.setdefault(draft.cell.row, []).append(draft)
    return by_row


def n_head_rows(cells: Sequence[CellDraft]) -> int:
    """Return how many rows of a table are heads of its columns, from the first on."""
    rows = {
        row
        for d in cells
        if d.cell.is_head
        for row in range(d.cell.row, d.cell.row + d.cell.n_rows)
    }
    return next(number for number in range(len(rows) + 1) if number not in rows)


def box_around(boxes: Iterable[PageBox]) -> PageBox:
    """Return the smallest box around boxes, one or more."""
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return min(x0), min(y0), max(x1), max(y1)


def text_of(words: Sequence[DraftWord], draft: CellDraft) -> str:
    """Return the words of a cell, a space between two."""
    return " ".join(words[i].text for i in words_of_rows(draft.rows))


def words_of_rows(rows: Rows) -> Iterator[int]:
    """Yield the words of rows in order."""
    for row in rows:
        yield from row


def frame_around(frames: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return the smallest frame (4,) around frames, one or more."""
    if len(frames) == 1:
        return frames[0]
    corners = np.array(frames)
    around: NDArray[np.float64] = corners.min(axis=0)
    around[2:] = corners[:, 2:].max(axis=0)
    return around
