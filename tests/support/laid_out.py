"""Pages with a layout that no document has to be drawn for: blocks of text, tables, fields, notes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from indexer.base.layout import Block, BlockKind, Cell, LayoutSource, PageBox, PageLayout
from indexer.base.pages import PageWords

LINE = 200  # height of a word, of 65535
Place = tuple[int, int, list[tuple[str, int]]]


class PageDraft:
    """A page that grows block by block; each block begins below the last."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.boxes: list[PageBox] = []
        self.lines: list[int] = []
        self.blocks: list[Block] = []
        self.top = 1000

    def add_line(self, text: str, height: int = LINE, left: int = 3000) -> None:
        """Put the words of a line on the page."""
        line = self.lines[-1] + 1 if self.lines else 0
        for i, word in enumerate(text.split()):
            x = min(left + 2500 * i, 60000)
            self.texts.append(word)
            self.boxes.append((x, self.top, x + 2000, self.top + height))
            self.lines.append(line)
        self.top += height + 40

    def add_block(self, kind: BlockKind, start: int, **more: Any) -> None:
        """Close a block of the words since `start`."""
        top = self.boxes[start][1] if start < len(self.texts) else self.top
        box = (3000, top, 62000, max(self.top, top + 100))
        self.blocks.append(Block(kind, start, len(self.texts), box, **more))
        self.top += 2 * LINE


Part = Callable[[PageDraft], None]


def page_of(*parts: Part) -> PageWords:
    """Return the words of a page with these blocks, in order."""
    draft = PageDraft()
    for part in parts:
        part(draft)
    return PageWords(
        tuple(draft.texts),
        np.array(draft.boxes, np.uint16).reshape(-1, 4),
        np.array(draft.lines, np.int32),
        "text",
        layout=PageLayout(tuple(draft.blocks), LayoutSource.MODEL),
    )


def block(kind: BlockKind, text: str = "", *, height: int = LINE, **more: Any) -> Part:
    """A block of lines."""

    def add(draft: PageDraft) -> None:
        start = len(draft.texts)
        for line in text.splitlines():
            draft.add_line(line, height)
        draft.add_block(kind, start, **more)

    return add


def field(label: str, value: str = "", is_ticked: bool | None = None) -> Part:
    """A field of a form."""

    def add(draft: PageDraft) -> None:
        start = len(draft.texts)
        draft.add_line(f"{label} {value}")
        label_stop = start + len(label.split())
        draft.add_block(BlockKind.FIELD, start, label_stop=label_stop, is_ticked=is_ticked)

    return add


def table(cells: Sequence[tuple[int, int, str, dict[str, Any]]], **more: Any) -> Part:
    """A table of (row, column, text, what else is known of the cell)."""

    def add(draft: PageDraft) -> None:
        start = len(draft.texts)
        placed = []
        for row, column, text, kinds in cells:
            first = len(draft.texts)
            draft.add_line(text, left=3000 + 6000 * column)
            box = (3000 + 6000 * column, draft.top - LINE, 8000 + 6000 * column, draft.top)
            placed.append(Cell(row, column, first, len(draft.texts), box, **kinds))
        draft.add_block(BlockKind.TABLE, start, cells=tuple(placed), **more)

    return add


def plain_table(*rows: Sequence[str], n_heads: int = 1) -> Part:
    """A table without spans, whose first rows are heads."""
    return table(
        [
            (i, j, text, {"is_head": i < n_heads})
            for i, row in enumerate(rows)
            for j, text in enumerate(row)
        ]
    )
