"""Write words and blocks that are in order as a page's words with their layout."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indexer.base.layout import Block, Cell, LayoutSource, PageLayout
from indexer.base.pages import PageWords
from indexer.base.word_marks import ALL, BROKEN, GLUED
from indexer.layout.drafts import BlockDraft, CellDraft, DraftWord, Rows


class _Writer:
    """Collects the positions of words in their new order, and the numbers of their lines."""

    def __init__(self) -> None:
        self.order: list[int] = []
        self.lines: list[int] = []
        self._line = -1

    def write(self, rows: Rows) -> None:
        """Write rows, each a line of its own."""
        for row in rows:
            self._line += 1
            self.order += row
            self.lines += [self._line] * len(row)

    def write_cells(self, drafts: Sequence[CellDraft]) -> tuple[Cell, ...]:
        """Write cells, those of one row of the table on one line."""
        cells: list[Cell] = []
        row = -1
        for draft in drafts:
            cell = draft.cell
            if cell.row != row:
                row = cell.row
                self._line += 1
            start = len(self.order)
            for words in draft.rows:
                self.order += words
                self.lines += [self._line] * len(words)
            cells.append(
                Cell(
                    cell.row,
                    cell.column,
                    start,
                    len(self.order),
                    cell.box,
                    cell.n_rows,
                    cell.n_columns,
                    cell.is_head,
                    draft.is_row_head,
                )
            )
        return tuple(cells)


def written(
    words: Sequence[DraftWord],
    drafts: Sequence[BlockDraft],
    page_words: PageWords,
    source: LayoutSource,
) -> PageWords:
    """Return the words of a page in the order of its blocks."""
    writer = _Writer()
    places = {id(draft): place for place, draft in enumerate(drafts)}
    blocks: list[Block] = []
    for draft in drafts:
        start = len(writer.order)
        cells = writer.write_cells(draft.cells)
        writer.write(draft.rows)
        blocks.append(
            Block(
                draft.kind,
                start,
                len(writer.order),
                draft.box,
                cells,
                label_stop=None if draft.n_label_words is None else start + draft.n_label_words,
                is_ticked=draft.is_ticked,
                about=None if draft.about is None else places[id(draft.about)],
                author=draft.author,
            )
        )
    ordered = [words[i] for i in writer.order]
    return PageWords(
        texts=tuple(word.text for word in ordered),
        boxes=np.array([word.box for word in ordered], np.uint16).reshape(-1, 4),
        lines=np.array(writer.lines, np.int32),
        source=page_words.source if len(page_words) else "text" if ordered else "none",
        marks=_marks(ordered),
        layout=PageLayout(tuple(blocks), source),
    )


def _marks(words: Sequence[DraftWord]) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    """Return the marks of words without those that are about a neighbour which is not there any more."""
    marks = np.array([word.marks for word in words], np.uint8)
    for i, word in enumerate(words):
        before = words[i - 1].position if i else None
        behind = words[i + 1].position if i + 1 < len(words) else None
        if word.position is None or before is None or before + 1 != word.position:
            marks[i] &= ALL & ~GLUED
        if word.position is None or behind is None or behind - 1 != word.position:
            marks[i] &= ALL & ~BROKEN
    return marks
