"""Lay out the pages of one document, one after another: a table may go on over several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from indexer.base.layout import Block, BlockKind, Cell, PageLayout
from indexer.base.pages import BOX_SCALE, PageWords, RenderedPage
from indexer.layout.assembly import assemble
from indexer.layout.line_breaks import Vocabulary
from indexer.layout.running_heads import RunningHeads

_TOP = 0.25  # of the page: a table that goes on begins above this
_SAME_EDGE = 0.03  # of the page's width
_MIN_ROWS = 2  # of a table of which the first row is no head, after all
_FURNITURE = (BlockKind.PAGE_HEADER, BlockKind.PAGE_FOOTER, BlockKind.FOOTNOTE, BlockKind.NOTE)


class _Edges(NamedTuple):
    """Where the columns of a table begin: their cells, which may be anywhere in a gap, and their words."""

    of_cells: list[int | None]
    of_words: list[int | None]


class _LastTable(NamedTuple):
    """The table at the end of a page, the heads of its columns, and where those begin."""

    page_number: int
    table: Block
    heads: tuple[str, ...]
    edges: _Edges


class DocumentLayout:
    """Gives the pages of a document their layout; for one thread at a time, in the order of the pages."""

    def __init__(self) -> None:
        self._vocabulary = Vocabulary()
        self._running_heads = RunningHeads()
        self._last: _LastTable | None = None

    def lay_out(self, page: RenderedPage) -> RenderedPage:
        """Return a page whose words are in reading order, with their layout."""
        return self._go_on(page, assemble(page, self._vocabulary))

    def lay_out_again(self, page: RenderedPage) -> RenderedPage:
        """Return a page that was laid out in another document, or in another place of this one."""
        self._vocabulary.add(page.words.texts)
        return self._go_on(page, page.words)

    def _go_on(self, page: RenderedPage, words: PageWords) -> RenderedPage:
        """Return the page with the heads of a table that began before it, and remember its last table."""
        blocks = self._running_heads.headings_of(words)
        words = replace(words, layout=PageLayout(blocks, words.layout.source))
        body = [block for block in blocks if block.kind not in _FURNITURE]
        if body and body[0].kind == BlockKind.TABLE:
            table = self._continued_table(page.page_number, words, body[0])
            if table != body[0]:
                blocks = tuple(table if block is body[0] else block for block in blocks)
                words = replace(words, layout=PageLayout(blocks, words.layout.source))
        self._last = _last_table(page.page_number, words)
        return replace(page, words=words)

    def _continued_table(self, page_number: int, words: PageWords, table: Block) -> Block:
        """Return the first table of a page with the heads of the page before, where it goes on from there.

        Its first row then is no head, unless it says the same again.
        """
        table = replace(table, heads=())
        if self._last is None:
            return table
        number, above, heads, edges = self._last
        if (
            number + 1 != page_number
            or table.box[1] > _TOP * BOX_SCALE
            or table.n_columns != above.n_columns
            or not _same_columns(edges, _left_edges(words, table))
        ):
            return table
        if not any(cell.is_head for cell in table.cells):
            return replace(table, heads=heads)
        is_first_row = all(
            cell.row == 0 and cell.n_columns == 1 for cell in table.cells if cell.is_head
        )
        if not is_first_row or column_heads(words, table) == heads or table.n_rows < _MIN_ROWS:
            return table
        return replace(table, heads=heads, cells=_without_heads(table.cells))


def _without_heads(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """Return cells with none as head; those of the first row name it where those below name theirs."""
    naming_columns = {cell.column for cell in cells if cell.is_row_head and not cell.is_head}
    return tuple(
        replace(cell, is_head=False, is_row_head=cell.column in naming_columns)
        if cell.is_head
        else cell
        for cell in cells
    )


def _last_table(page_number: int, words: PageWords) -> _LastTable | None:
    body = [block for block in words.layout.blocks if block.kind not in _FURNITURE]
    if not body or body[-1].kind != BlockKind.TABLE:
        return None
    table = body[-1]
    heads = table.heads or column_heads(words, table)
    return _LastTable(page_number, table, heads, _left_edges(words, table)) if any(heads) else None


def column_heads(words: PageWords, table: Block) -> tuple[str, ...]:
    """Return the head of each column: those above each other joined, a group's before its column's."""
    heads: list[list[str]] = [[] for _ in range(table.n_columns)]
    for cell in table.cells:
        text = words.quote(cell.start, cell.stop)
        if cell.is_head and text:
            for column in range(cell.column, cell.column + cell.n_columns):
                heads[column].append(text)
    return tuple(" ".join(texts) for texts in heads)


def _same_columns(a: _Edges, b: _Edges) -> bool:
    """Say whether the columns of two tables begin at the same places."""
    return any(
        all(
            x is None or y is None or abs(x - y) <= _SAME_EDGE * BOX_SCALE
            for x, y in zip(first, second, strict=True)
        )
        for first, second in zip(a, b, strict=True)
    )


def _left_edges(words: PageWords, table: Block) -> _Edges:
    edges = _Edges([None] * table.n_columns, [None] * table.n_columns)
    for cell in table.cells:
        if cell.n_columns == 1:
            lefts = [cell.box[0]]
            if cell.start < cell.stop:
                lefts.append(int(words.boxes[cell.start : cell.stop, 0].min()))
            for of_kind, left in zip(edges, lefts, strict=False):
                edge = of_kind[cell.column]
                of_kind[cell.column] = left if edge is None else min(edge, left)
    return edges
