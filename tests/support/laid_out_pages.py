"""Pages with a layout, block by block, as a test writes them down."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indexer.base.layout import Block, BlockKind, Cell, LayoutSource, PageLayout
from indexer.base.pages import PageWords

LINE = 1200  # box units
LETTER = 500
COLUMN = 14_000
MARGIN = 4000


class Sheet:
    """A page that blocks are put on, from the top down."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._boxes: list[tuple[int, int, int, int]] = []
        self._lines: list[int] = []
        self._blocks: list[Block] = []
        self._line = 1

    def put(self, kind: BlockKind, text: str, **fields: object) -> Sheet:
        """Put a block of text; each line of `text` is a line of the page."""
        start = len(self._texts)
        for line in text.split("\n"):
            self._write(line, MARGIN)
            self._line += 1
        self._add(kind, start, **fields)
        return self

    def field(self, label: str, value: str, is_ticked: bool | None = None) -> Sheet:
        """Put a form field: its label, and its value on the same line."""
        start = len(self._texts)
        self._write(label, MARGIN)
        label_stop = len(self._texts)
        self._write(value, MARGIN + 2 * COLUMN)
        self._line += 1
        self._add(BlockKind.FIELD, start, label_stop=label_stop, is_ticked=is_ticked)
        return self

    def table(
        self,
        rows: Sequence[Sequence[str | None]],
        *,
        n_head_rows: int = 1,
        n_label_columns: int = 1,
        heads: Sequence[str] = (),
    ) -> Sheet:
        """Put a table. A cell that is None belongs to the one at its left (a spanning cell)."""
        start = len(self._texts)
        cells = []
        for i, row in enumerate(rows):
            for j, text in enumerate(row):
                if text is None:
                    continue
                n_columns = 1
                while j + n_columns < len(row) and row[j + n_columns] is None:
                    n_columns += 1
                first = len(self._texts)
                self._write(text, MARGIN + j * COLUMN)
                cells.append(
                    Cell(
                        row=i,
                        column=j,
                        start=first,
                        stop=len(self._texts),
                        box=(MARGIN + j * COLUMN, self._line * LINE, MARGIN + (j + 1) * COLUMN, 0),
                        n_columns=n_columns,
                        is_head=i < n_head_rows,
                        is_row_head=i >= n_head_rows and j < n_label_columns,
                    )
                )
            self._line += 1
        self._add(BlockKind.TABLE, start, cells=tuple(cells), heads=tuple(heads))
        return self

    def words(self) -> PageWords:
        return PageWords(
            tuple(self._texts),
            np.array(self._boxes, np.uint16).reshape(-1, 4),
            np.array(self._lines, np.int32),
            "text",
            layout=PageLayout(tuple(self._blocks), LayoutSource.MODEL),
        )

    def _write(self, line: str, x: int) -> None:
        y = self._line * LINE
        for text in line.split():
            self._texts.append(text)
            self._boxes.append((x, y, x + LETTER * len(text), y + LINE * 3 // 4))
            self._lines.append(self._line)
            x += LETTER * (len(text) + 1)

    def _add(self, kind: BlockKind, start: int, **fields: object) -> None:
        y = self._line * LINE
        block = Block(kind, start, len(self._texts), (MARGIN, y, 60_000, y), **fields)  # type: ignore[arg-type]
        self._blocks.append(block)
        self._line += 1
