"""A page as the service answers with it: its words, blocks and tables, and where it was looked at."""

from __future__ import annotations

from dataclasses import dataclass

from pagesight_client.records import Box


@dataclass(frozen=True, kw_only=True)
class PageReference:
    """Which page this is."""

    page_id: int
    document_id: str
    document: str
    page_number: int
    page_label: str
    time_s: float | None = None


@dataclass(frozen=True, kw_only=True)
class Page(PageReference):
    """One page, and how large it is."""

    width_pt: float
    height_pt: float
    image_width_px: int
    image_height_px: int
    vectors: int
    text_source: str


@dataclass(frozen=True, kw_only=True)
class Word:
    """A word; words with the same `line` stand on one line."""

    text: str
    box: Box
    line: int


@dataclass(frozen=True, kw_only=True)
class Block:
    """A block of a page: the words `start` to `stop`. `level` is that of a title (1) or heading.

    `kind` is `title`, `heading`, `text`, `list_item`, `table`, `picture`, `caption`, `formula`, `footnote`,
    `page_header`, `page_footer`, `field` or `note`; `about` is the position of the block that a caption or a
    note belongs to.
    """

    kind: str
    text: str
    box: Box
    start: int
    stop: int
    level: int | None
    about: int | None


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A cell of a table, from `row` and `column`; `is_head` names columns, `is_row_head` its row."""

    row: int
    column: int
    n_rows: int
    n_columns: int
    is_head: bool
    is_row_head: bool
    text: str
    box: Box
    start: int
    stop: int


@dataclass(frozen=True, kw_only=True)
class Table:
    """The table that is block number `block`; `heads` are those of its columns on the page before."""

    block: int
    n_rows: int
    n_columns: int
    heads: tuple[str, ...]
    cells: tuple[Cell, ...]
    other_text: str


@dataclass(frozen=True, kw_only=True)
class FormField:
    """The form field that is block number `block`; `is_ticked` is None where nothing can be ticked."""

    block: int
    label: str
    value: str
    is_ticked: bool | None


@dataclass(frozen=True, kw_only=True)
class Note:
    """The note on a page that is block number `block`; `about`: of the block that it belongs to."""

    block: int
    author: str
    text: str
    about: int | None


@dataclass(frozen=True, kw_only=True)
class PageText(PageReference):
    """`source` is `text` (the PDF's text layer), `ocr` (read from the image) or `none`.

    `blocks` are in reading order. `layout` is where they come from: `model`, `lines`, or `none` for a page
    that was read before there were layouts, whose blocks are paragraphs.
    """

    source: str
    text: str
    words: tuple[Word, ...]
    layout: str = "none"
    blocks: tuple[Block, ...] = ()
    tables: tuple[Table, ...] = ()
    fields: tuple[FormField, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, kw_only=True)
class QueryToken:
    """One token of a query; `content` says whether it carries the question's words."""

    n: int
    text: str
    content: bool
    score: float


@dataclass(frozen=True, kw_only=True)
class HeatMap(PageReference):
    """Where on a page a query looks: `rows` x `columns` cells, row by row from the top left."""

    query: str
    tokens: tuple[QueryToken, ...]
    token: int | None
    combine: str
    score: float
    low: float | None
    high: float | None
    rows: int
    columns: int
    grid: tuple[tuple[float | None, ...], ...]
