"""Write words and blocks that are in order as a page's words with their layout."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from indexer.base.layout import Block, Cell, PageLayout
from indexer.base.pages import PageWords, RenderedPage
from indexer.base.word_marks import ALL, BOLD, BROKEN, GLUED
from indexer.layout.drafts import BlockDraft, CellDraft, DraftWord, Rows
from indexer.layout.line_breaks import Vocabulary, marks_of_parts
from indexer.layout.placed_words import PlacedWord


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


def write_page(
    words: Sequence[DraftWord],
    drafts: Sequence[BlockDraft],
    page: RenderedPage,
    frames: NDArray[np.float64],
    vocabulary: Vocabulary,
) -> PageWords:
    """Return the words of a page in the order of its blocks.

    frames      (W, 4) of `words`, in points of the upright page
    vocabulary  of the document's pages before; the words of this one are added
    """
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
                about=None if draft.about is None else places[id(draft.about.whole)],
                author=draft.author,
            )
        )
    words_in_order = [words[i] for i in writer.order]
    return PageWords(
        texts=tuple(word.text for word in words_in_order),
        boxes=np.array([word.box for word in words_in_order], np.uint16).reshape(-1, 4),
        lines=np.array(writer.lines, np.int32),
        source=page.words.source if len(page.words) else "text" if words_in_order else "none",
        marks=_marks(
            _placed_words(words, frames, writer), words_in_order, page.words.source, vocabulary
        ),
        layout=PageLayout(tuple(blocks), page.regions.source),
    )


def _placed_words(
    words: Sequence[DraftWord], frames: NDArray[np.float64], writer: _Writer
) -> list[PlacedWord]:
    boxes = list(map(tuple, frames.tolist()))
    return [
        PlacedWord(words[i].text, boxes[i], (0, 0), line, words[i].marks)
        for i, line in zip(writer.order, writer.lines, strict=True)
    ]


def _marks(
    placed_words: Sequence[PlacedWord],
    words: Sequence[DraftWord],
    source: str,
    vocabulary: Vocabulary,
) -> NDArray[np.uint8]:
    """Return the marks of words: those about a neighbour go with it, and new neighbours may be one word."""
    vocabulary.add(word.text for word in placed_words)
    marks = [word.marks & ~BOLD for word in words]
    if marks:
        marks[0] &= ALL & ~GLUED
        marks[-1] &= ALL & ~BROKEN
    for i, (word, behind) in enumerate(pairwise(words)):
        were_neighbours = (
            word.position is not None
            and behind.position is not None
            and word.position + 1 == behind.position
        )
        if not were_neighbours:
            marks[i] &= ALL & ~BROKEN
            marks[i + 1] &= ALL & ~GLUED
        if not were_neighbours or source == "ocr":
            mark, mark_behind = marks_of_parts(placed_words[i], placed_words[i + 1], vocabulary)
            marks[i] |= mark
            marks[i + 1] |= mark_behind
    return np.array(marks, np.uint8)
