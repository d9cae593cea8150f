"""A table as a grid of texts: what spans several places stands in each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from indexer.layout.export.page_content import PageTable, TableCell

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableGrid:
    """`heads` has a text for each column, of all rows of heads; empty where no column has a name."""

    heads: Row
    rows: tuple[Row, ...]


def n_head_rows(table: PageTable) -> int:
    """Return how many rows at the top hold heads of columns, and nothing else."""
    head_places = {
        (cell.row + i, cell.column + j)
        for cell in table.cells
        if cell.is_head
        for i, j in _span(cell)
    }
    other_rows = {
        cell.row for cell in table.cells if not cell.is_head and not _is_corner(cell) and cell.text
    }
    rows_with_heads = {row for row, _ in head_places}
    return len(
        list(
            takewhile(
                lambda row: row in rows_with_heads and row not in other_rows, range(table.n_rows)
            )
        )
    )


def grid_of(table: PageTable) -> TableGrid:
    """Return the table with the text of each cell in every place that it covers."""
    texts = [[""] * table.n_columns for _ in range(table.n_rows)]
    for cell in table.cells:
        for i, j in _span(cell):
            texts[cell.row + i][cell.column + j] = cell.text
    n_heads = n_head_rows(table)
    rows = tuple(tuple(row) for row in texts[n_heads:])
    if n_heads:
        columns = zip(*texts[:n_heads], strict=True)
        return TableGrid(tuple(map(_joined_head, columns)), rows)
    return TableGrid(_heads_of_before(table), rows)


def _heads_of_before(table: PageTable) -> Row:
    """Return the heads that stand on a page before, one for each column."""
    if not any(table.heads):
        return ()
    padding = ("",) * max(table.n_columns - len(table.heads), 0)
    return (*table.heads, *padding)[: table.n_columns]


def _joined_head(texts: Sequence[str]) -> str:
    """Return the name of a column out of rows of heads: `2024 / Q1`."""
    parts = list(dict.fromkeys(text for text in texts if text))
    return " / ".join(parts)


def _span(cell: TableCell) -> list[tuple[int, int]]:
    return [(i, j) for i in range(cell.n_rows) for j in range(cell.n_columns)]


def _is_corner(cell: TableCell) -> bool:
    """Say whether it names the rows' own names: it stands above them, among the heads."""
    return cell.is_row_head and cell.row == 0
