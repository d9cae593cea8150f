"""Parts a table of pairs beside each other, label and value, label and value: each is read as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from generator.passages.splitting.tables import Table
from indexer.base.layout import Block, Cell
from indexer.base.pages import PageWords


def tables_beside(words: PageWords, block: Block, caption: str) -> list[Table]:
    """Return the tables that a block is, from left to right: one, unless names of rows stand behind values.

    What spans columns of several of them, such as the name of a group of rows, is in each of those.
    """
    edges = [0, *_columns_of_names_beside(block), block.n_columns]
    return [
        Table(words, replace(block, cells=_cells(block, first, stop), heads=block.heads[first:stop]), caption)
        for first, stop in pairwise(edges)
    ]  # fmt: skip


def _columns_of_names_beside(block: Block) -> list[int]:
    """Return the columns in which most cells name what is right of them, and that stand behind values."""
    by_column: dict[int, list[Cell]] = {}
    for cell in block.cells:
        if not cell.is_head and cell.stop > cell.start and cell.n_columns < block.n_columns:
            by_column.setdefault(cell.column, []).append(cell)
    named_columns = {column for column, cells in by_column.items() if _are_names(cells)}
    return [c for c in sorted(named_columns) if c - 1 not in named_columns and c > 0]


def _are_names(cells: Sequence[Cell]) -> bool:
    return 2 * sum(cell.is_row_head for cell in cells) > len(cells)


def _cells(block: Block, first: int, stop: int) -> tuple[Cell, ...]:
    """Return the cells that cover columns first..stop, with their columns counted from the first one."""
    return tuple(
        replace(
            cell,
            column=max(cell.column, first) - first,
            n_columns=min(cell.column + cell.n_columns, stop) - max(cell.column, first),
        )
        for cell in block.cells
        if cell.column < stop and cell.column + cell.n_columns > first
    )
