"""Part a line above a table at the ends of its columns: typed heads stand no more than a space apart."""

from __future__ import annotations

from collections.abc import Sequence

from indexer.base.layout import PageBox
from indexer.base.regions import Region
from indexer.layout.drafts import Piece, box_around
from indexer.layout.tables.edges.page_pieces import NO_PART_OF_TABLE, PagePieces
from indexer.layout.tables.heads.flush_heads import parts_ending_at

_SAME_END = 0.0025 * 65535  # of the page
_MIN_ROWS = 3
_MIN_COLUMNS = 3

Row = list[tuple[int, PageBox, list[int]]]  # column, box and words of each cell


def flush_row(
    page: PagePieces, pieces: Sequence[Piece], region: Region, columns: Sequence[tuple[int, int]]
) -> Row | None:
    """Return the heads of all columns but the first that a line is: a word ends where each of them does."""
    members = sorted((i for p in pieces for i in p.words), key=lambda i: page.words[i].box[0])
    if len(columns) < _MIN_COLUMNS or not page.are_free(members, NO_PART_OF_TABLE):
        return None
    ends: list[int] = []
    for column in columns[1:]:
        end = _end_of(page, region, column)
        if end is None:
            return None
        ends.append(end)
    rights = [page.words[i].box[2] for i in members]
    parts = parts_ending_at(members, rights, ends, _SAME_END)
    if parts is None:
        return None
    return [
        (column, box_around(page.words[i].box for i in own), own)
        for column, own in enumerate(parts, 1)
    ]


def _end_of(page: PagePieces, region: Region, column: tuple[int, int]) -> int | None:
    """Return where all figures of a column end; None where they do not, or where it has names."""
    cells = [
        [i for p in row for i in p.words if _is_inside(page.words[i].box, region.box, column)]
        for row in page.rows
    ]
    filled_cells = [own for own in cells if own]
    ends = [max(page.words[i].box[2] for i in own) for own in filled_cells]
    if (
        len(ends) < _MIN_ROWS
        or max(ends) - min(ends) > _SAME_END
        or any(c.isalpha() for own in filled_cells for i in own for c in page.words[i].text)
    ):
        return None
    return max(ends)


def _is_inside(box: PageBox, table: PageBox, column: tuple[int, int]) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return column[0] <= x <= column[1] and table[1] <= y <= table[3]
