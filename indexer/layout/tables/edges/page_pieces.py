"""The pieces of an upright page by rows, with the regions they are in: what a table may grow by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from indexer.base.layout import BlockKind, PageBox
from indexer.base.regions import Region
from indexer.layout.cut import rows_of
from indexer.layout.drafts import DraftWord, Piece, box_around
from indexer.layout.holding import NO_REGION, owners_of
from indexer.layout.pieces import pieces_of

NO_PART_OF_TABLE = frozenset(
    {
        BlockKind.TITLE,
        BlockKind.CAPTION,
        BlockKind.FOOTNOTE,
        BlockKind.PAGE_HEADER,
        BlockKind.PAGE_FOOTER,
        BlockKind.LIST_ITEM,
        BlockKind.PICTURE,
        BlockKind.TABLE,
    }
)


@dataclass(slots=True)
class PagePieces:
    """Rows of pieces from top to bottom, and which region each word is in.

    taken_words  those that went into a table: the region they were in loses them
    """

    words: Sequence[DraftWord]
    rows: list[list[Piece]]
    regions: Sequence[Region]
    owners: NDArray[np.int64]
    taken_words: set[int] = field(default_factory=set)

    @classmethod
    def of_page(
        cls, words: Sequence[DraftWord], frames: NDArray[np.float64], regions: Sequence[Region]
    ) -> PagePieces:
        pieces = pieces_of(words, frames, range(len(words)), [NO_REGION] * len(words))
        rows = rows_of(np.stack([piece.frame for piece in pieces])) if pieces else []
        owners = owners_of([word.box for word in words], [region.box for region in regions])
        return cls(words, [[pieces[i] for i in row] for row in rows], regions, owners)

    @property
    def word_height(self) -> float:
        """The usual height of a word."""
        return float(np.median([word.box[3] - word.box[1] for word in self.words]))

    def regions_of(self, members: Sequence[int]) -> list[Region]:
        """Return the regions that words are in."""
        numbers = set(self.owners[members].tolist()) - {NO_REGION}
        return [self.regions[number] for number in numbers]

    def box(self, piece: Piece) -> PageBox:
        return box_around(self.words[i].box for i in piece.words)

    def are_free(self, members: Sequence[int], kinds: frozenset[BlockKind]) -> bool:
        """Say whether no table took any of these words, and they are in no region of these kinds."""
        return not (
            self.taken_words.intersection(members)
            or kinds.intersection(region.kind for region in self.regions_of(members))
        )

    def regions_left(self, grown_regions: Sequence[Region]) -> tuple[Region, ...]:
        """Return the regions; those that lost words to a table shrink, or go."""
        regions = [self._shrunk(number, region) for number, region in enumerate(grown_regions)]
        return tuple(region for region in regions if region is not None)

    def without(self, words: set[int]) -> tuple[Region, ...]:
        """Return the regions of the page without words that are of a table now."""
        self.taken_words |= words
        return self.regions_left(self.regions)

    def _shrunk(self, number: int, region: Region) -> Region | None:
        own = np.flatnonzero(self.owners == number).tolist()
        left = [i for i in own if i not in self.taken_words]
        if region.kind == BlockKind.TABLE or len(left) == len(own):
            return region
        return replace(region, box=box_around(self.words[i].box for i in left)) if left else None


def with_grown_tables(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    regions: Sequence[Region],
    grow: Callable[[PagePieces, Region], Region],
) -> tuple[Region, ...]:
    """Return the regions, each table as `grow` makes it; those that lose words to a table shrink, or go."""
    if not any(region.kind == BlockKind.TABLE for region in regions):
        return tuple(regions)
    page = PagePieces.of_page(words, frames, regions)
    return page.regions_left(
        [grow(page, region) if region.kind == BlockKind.TABLE else region for region in regions]
    )


def columns_of(region: Region) -> list[tuple[int, int]]:
    """Return where each column of a table begins and ends; [] where one has no cell of its own."""
    n_columns = max((cell.column + cell.n_columns for cell in region.cells), default=0)
    columns: list[tuple[int, int]] = []
    for column in range(n_columns):
        own = [c.box for c in region.cells if c.column == column and c.n_columns == 1]
        if not own:
            return []
        columns.append((min(b[0] for b in own), max(b[2] for b in own)))
    return columns
