"""Lay out the pages of one document, one after another: a table may go on over several."""

from __future__ import annotations

from dataclasses import replace

from indexer.base.layout import Block, BlockKind, PageLayout
from indexer.base.pages import BOX_SCALE, PageWords, RenderedPage
from indexer.layout.assembly import assemble
from indexer.layout.line_breaks import Vocabulary
from indexer.layout.running_heads import RunningHeads

_TOP = 0.25  # of the page: a table that goes on begins above this
_SAME_EDGE = 0.03  # of the page's width
_FURNITURE = (BlockKind.PAGE_HEADER, BlockKind.PAGE_FOOTER, BlockKind.FOOTNOTE, BlockKind.NOTE)


class DocumentLayout:
    """Gives the pages of a document their layout; for one thread at a time, in the order of the pages."""

    def __init__(self) -> None:
        self._vocabulary = Vocabulary()
        self._running_heads = RunningHeads()
        self._last: tuple[int, Block, tuple[str, ...]] | None = None

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
            heads = self._heads_of(page.page_number, body[0])
            if heads != body[0].heads:
                with_heads = replace(body[0], heads=heads)
                blocks = tuple(with_heads if block is body[0] else block for block in blocks)
                words = replace(words, layout=PageLayout(blocks, words.layout.source))
        self._last = _last_table(page.page_number, words)
        return replace(page, words=words)

    def _heads_of(self, page_number: int, table: Block) -> tuple[str, ...]:
        """Return the heads of the page before, where a table without its own goes on."""
        if self._last is None or any(cell.is_head for cell in table.cells):
            return ()
        number, above, heads = self._last
        if number + 1 != page_number or table.box[1] > _TOP * BOX_SCALE:
            return ()
        return heads if table.n_columns == above.n_columns and _same_columns(above, table) else ()


def _last_table(page_number: int, words: PageWords) -> tuple[int, Block, tuple[str, ...]] | None:
    """Return the table at the end of a page, and the heads of its columns."""
    body = [block for block in words.layout.blocks if block.kind not in _FURNITURE]
    if not body or body[-1].kind != BlockKind.TABLE:
        return None
    table = body[-1]
    heads = table.heads or column_heads(words, table)
    return (page_number, table, heads) if any(heads) else None


def column_heads(words: PageWords, table: Block) -> tuple[str, ...]:
    """Return the head of each column: those above each other joined, a group's before its column's."""
    heads: list[list[str]] = [[] for _ in range(table.n_columns)]
    for cell in table.cells:
        text = words.quote(cell.start, cell.stop)
        if cell.is_head and text:
            for column in range(cell.column, cell.column + cell.n_columns):
                heads[column].append(text)
    return tuple(" ".join(texts) for texts in heads)


def _same_columns(a: Block, b: Block) -> bool:
    """Say whether the columns of two tables begin at the same places."""
    return all(
        x is None or y is None or abs(x - y) <= _SAME_EDGE * BOX_SCALE
        for x, y in zip(_left_edges(a), _left_edges(b), strict=True)
    )


def _left_edges(table: Block) -> list[int | None]:
    edges: list[int | None] = [None] * table.n_columns
    for cell in table.cells:
        if cell.n_columns == 1:
            edge = edges[cell.column]
            edges[cell.column] = cell.box[0] if edge is None else min(edge, cell.box[0])
    return edges
