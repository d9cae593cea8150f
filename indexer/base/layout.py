"""What the words of a page belong to: blocks in reading order, cells of tables, fields of forms.

Words and blocks are in one order: a block is the words start..stop of its page, and so is a cell. A box is
(x0, y0, x1, y1), origin top left, in 1/65535 of the page's width and height, as the words have it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

VERSION = 1  # of the stored form

PageBox = tuple[int, int, int, int]


class BlockKind(StrEnum):
    """What a block is on its page."""

    TITLE = "title"
    HEADING = "heading"
    TEXT = "text"
    LIST_ITEM = "list_item"
    TABLE = "table"
    PICTURE = "picture"
    CAPTION = "caption"
    FORMULA = "formula"
    FOOTNOTE = "footnote"
    PAGE_HEADER = "page_header"
    PAGE_FOOTER = "page_footer"
    FIELD = "field"
    NOTE = "note"


class LayoutSource(StrEnum):
    """Where a layout comes from."""

    NONE = "none"  # the page was stored before there were layouts
    LINES = "lines"  # from the positions of the words alone
    MODEL = "model"  # from the layout model


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table: words start..stop of the page, none where it is empty.

    row, column        its first row and column, from 0
    n_rows, n_columns  how many it spans
    is_head            it names a column, or a group of columns
    is_row_head        it names its row, or a group of rows; one that spans the table, the rows below it;
                       one behind values, what is right of it: label, value, label, value
    """

    row: int
    column: int
    start: int
    stop: int
    box: PageBox
    n_rows: int = 1
    n_columns: int = 1
    is_head: bool = False
    is_row_head: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """A block of a page: words start..stop.

    cells       of a table, row by row; their words are those of the block
    heads       of a table that goes on from the page before: the heads of its columns, as they stand there
    label_stop  of a form field: start..label_stop is its label, label_stop..stop its value
    is_ticked   of a form field that is a check box or a button
    about       position of the block that a caption or a note belongs to
    author      who wrote a note
    """

    kind: BlockKind
    start: int
    stop: int
    box: PageBox
    cells: tuple[Cell, ...] = ()
    heads: tuple[str, ...] = ()
    label_stop: int | None = None
    is_ticked: bool | None = None
    about: int | None = None
    author: str = ""

    def __post_init__(self) -> None:
        spans = [(cell.start, cell.stop) for cell in self.cells]
        if any(b[0] < a[1] for a, b in pairwise(spans)) or any(a > b for a, b in spans):
            raise ValueError("the words of a table's cells must follow each other")
        if spans and not (self.start <= spans[0][0] and spans[-1][1] <= self.stop):
            raise ValueError("the words of a cell must be words of its table")

    @property
    def n_rows(self) -> int:
        return max((cell.row + cell.n_rows for cell in self.cells), default=0)

    @property
    def n_columns(self) -> int:
        return max((cell.column + cell.n_columns for cell in self.cells), default=0)


@dataclass(frozen=True, slots=True)
class PageLayout:
    """The blocks of a page in reading order; together they hold every word once. Empty: not known."""

    blocks: tuple[Block, ...] = ()
    source: LayoutSource = LayoutSource.NONE

    def __post_init__(self) -> None:
        if any(a.stop != b.start for a, b in pairwise(self.blocks)):
            raise ValueError("the words of blocks must follow each other")
        if self.blocks and self.blocks[0].start != 0:
            raise ValueError("the first block must begin with the first word")

    def __bool__(self) -> bool:
        return bool(self.blocks)

    @property
    def n_words(self) -> int:
        return self.blocks[-1].stop if self.blocks else 0

    def block_of(self, position: int) -> Block | None:
        """Return the block that the word at `position` belongs to; None where the layout is not known."""
        return next((block for block in self.blocks if block.start <= position < block.stop), None)

    def select(self, mask: NDArray[np.bool_]) -> PageLayout:
        """Return the layout of the words for which `mask` (W,) is true; blocks and cells stay, also empty."""
        new_place = np.concatenate([[0], np.cumsum(mask)]).tolist()
        return replace(self, blocks=tuple(_at_new_place(block, new_place) for block in self.blocks))

    def to_json(self) -> dict[str, Any]:
        """Return the stored form."""
        blocks = [_without_defaults(block) for block in self.blocks]
        return {"version": VERSION, "source": self.source.value, "blocks": blocks}

    @classmethod
    def from_json(cls, body: dict[str, Any] | None) -> PageLayout:
        """Read the stored form; one of another version counts as not known."""
        if body is None or body["version"] != VERSION:
            return cls()
        return cls(tuple(map(_block_of, body["blocks"])), LayoutSource(body["source"]))


# `asdict` copies each value deeply, and takes ten times as long.
_BLOCK_FIELDS = tuple(field.name for field in fields(Block))
_CELL_FIELDS = tuple(field.name for field in fields(Cell))


def _at_new_place(block: Block, new_place: Sequence[int]) -> Block:
    cells = tuple(
        replace(cell, start=new_place[cell.start], stop=new_place[cell.stop])
        for cell in block.cells
    )
    label_stop = None if block.label_stop is None else new_place[block.label_stop]
    start, stop = new_place[block.start], new_place[block.stop]
    return replace(block, start=start, stop=stop, cells=cells, label_stop=label_stop)


def _without_defaults(block: Block) -> dict[str, Any]:
    """Return the fields of a block; a cell as a list, which is a third as long."""
    values = {name: getattr(block, name) for name in _BLOCK_FIELDS}
    values["cells"] = [[getattr(cell, name) for name in _CELL_FIELDS] for cell in block.cells]
    always = ("kind", "start", "stop", "box")
    return {name: v for name, v in values.items() if name in always or v not in ([], (), None, "")}


def _block_of(body: dict[str, Any]) -> Block:
    return Block(
        **body
        | {
            "kind": BlockKind(body["kind"]),
            "box": tuple(body["box"]),
            "cells": tuple(map(_cell_of, body.get("cells", ()))),
            "heads": tuple(body.get("heads", ())),
        }
    )


def _cell_of(fields: Sequence[Any]) -> Cell:
    row, column, start, stop, box, *spans_and_kinds = fields
    return Cell(row, column, start, stop, tuple(box), *spans_and_kinds)
