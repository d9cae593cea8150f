"""What stands on a page, in reading order: the form that leaves the program. All exports are made of it.

A box is (x0, y0, x1, y1) in page fractions 0..1, origin top left. `start` and `stop` count the words of the
page: a block, or a cell, is the words start..stop.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from indexer.base.layout import Block, BlockKind, Cell, LayoutSource
from indexer.base.pages import FractionBox, PageWords, fraction_box
from indexer.layout.export.heading_levels import heading_levels
from indexer.layout.export.line_paragraphs import line_paragraphs


@dataclass(frozen=True, slots=True)
class PageBlock:
    """A block of a page; its `text` has parted words whole, and line ends only in a table or a picture.

    `level` is that of a title (1) or heading, else null. `about` is the position of the block that a caption
    or a note belongs to; null: it stands alone.
    """

    kind: BlockKind
    text: str
    box: FractionBox
    start: int
    stop: int
    level: int | None
    about: int | None


@dataclass(frozen=True, slots=True)
class TableCell:
    """A cell of a table; it begins in `row` and `column`, from 0, and spans `n_rows` and `n_columns`.

    `is_head`: it names a column, or a group of columns; `is_row_head`: it names its row.
    """

    row: int
    column: int
    n_rows: int
    n_columns: int
    is_head: bool
    is_row_head: bool
    text: str
    box: FractionBox
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class PageTable:
    """A table: the block at position `block`. `heads`: of its columns, where they stand on a page before.

    `other_text` are its words that stand in no cell.
    """

    block: int
    n_rows: int
    n_columns: int
    heads: tuple[str, ...]
    cells: tuple[TableCell, ...]
    other_text: str


@dataclass(frozen=True, slots=True)
class FormField:
    """A field of a form: the block at position `block`. `is_ticked`: null where nothing can be ticked."""

    block: int
    label: str
    value: str
    is_ticked: bool | None


@dataclass(frozen=True, slots=True)
class PageNote:
    """A note or comment that somebody put on the page: the block at position `block`."""

    block: int
    author: str
    text: str
    about: int | None


@dataclass(frozen=True, slots=True)
class PageContent:
    """The blocks of a page in reading order, and what more is known of some.

    `layout` says where they come from: `model`, `lines`, or `none` for a page that was read before there were
    layouts: its blocks are paragraphs.
    """

    layout: LayoutSource
    blocks: tuple[PageBlock, ...]
    tables: tuple[PageTable, ...]
    fields: tuple[FormField, ...]
    notes: tuple[PageNote, ...]


def page_content(words: PageWords) -> PageContent:
    """Return what stands on the page that has these words."""
    blocks = words.layout.blocks or line_paragraphs(words)
    return PageContent(
        layout=words.layout.source,
        blocks=_page_blocks(words, blocks),
        tables=tuple(
            _table(words, i, block)
            for i, block in enumerate(blocks)
            if block.kind is BlockKind.TABLE and block.cells
        ),
        fields=tuple(
            _field(words, i, block)
            for i, block in enumerate(blocks)
            if block.kind is BlockKind.FIELD
        ),
        notes=tuple(
            PageNote(i, block.author, words.quote(block.start, block.stop), block.about)
            for i, block in enumerate(blocks)
            if block.kind is BlockKind.NOTE
        ),
    )


def _page_blocks(words: PageWords, blocks: Sequence[Block]) -> tuple[PageBlock, ...]:
    levels = heading_levels(words, blocks)
    return tuple(
        PageBlock(
            kind=block.kind,
            text=_text(words, block),
            box=fraction_box(block.box),
            start=block.start,
            stop=block.stop,
            level=level,
            about=block.about,
        )
        for block, level in zip(blocks, levels, strict=True)
    )


def _text(words: PageWords, block: Block) -> str:
    if block.kind in (BlockKind.TABLE, BlockKind.PICTURE):
        return words.text(block.start, block.stop)
    return words.quote(block.start, block.stop)


def _table(words: PageWords, position: int, block: Block) -> PageTable:
    cells = tuple(_cell(words, cell) for cell in block.cells)
    stops = [block.start, *(cell.stop for cell in block.cells)]
    starts = [*(cell.start for cell in block.cells), block.stop]
    gaps = [words.quote(*gap) for gap in zip(stops, starts, strict=True)]
    return PageTable(
        block=position,
        n_rows=block.n_rows,
        n_columns=block.n_columns,
        heads=block.heads,
        cells=cells,
        other_text=" ".join(text for text in gaps if text),
    )


def _cell(words: PageWords, cell: Cell) -> TableCell:
    return TableCell(
        row=cell.row,
        column=cell.column,
        n_rows=cell.n_rows,
        n_columns=cell.n_columns,
        is_head=cell.is_head,
        is_row_head=cell.is_row_head,
        text=words.quote(cell.start, cell.stop),
        box=fraction_box(cell.box),
        start=cell.start,
        stop=cell.stop,
    )


def _field(words: PageWords, position: int, block: Block) -> FormField:
    label_stop = block.start if block.label_stop is None else block.label_stop
    return FormField(
        block=position,
        label=words.quote(block.start, label_stop),
        value=words.quote(label_stop, block.stop),
        is_ticked=block.is_ticked,
    )
