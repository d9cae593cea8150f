"""A page as JSON: every door names it by the same keys."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from indexer.base.layout import LayoutSource
from indexer.base.pages import FractionBox, PageWords, fraction_box
from indexer.catalog.document_records import Document, Page
from indexer.layout.export.page_content import (
    FormField,
    PageBlock,
    PageNote,
    PageTable,
    page_content,
)


class PageBody(BaseModel):
    """Which page this is; `time_s`: of a picture of a video, the second at which it is shown."""

    page_id: int
    document_id: str
    document: str
    page_number: int
    page_label: str
    time_s: float | None = None


class PageResponse(PageBody):
    """One page, and how large it is."""

    width_pt: float
    height_pt: float
    image_width_px: int
    image_height_px: int
    vectors: int
    text_source: str


class DocumentPagesResponse(BaseModel):
    """Pages of a document by number, without those that were left out; `next_cursor` continues the list."""

    document_id: str
    document: str
    collection: str
    pages: list[PageResponse]
    next_cursor: str | None


class WordBody(BaseModel):
    """A word; words with the same `line` stand on one line."""

    text: str
    box: FractionBox
    line: int


class PageTextResponse(PageBody):
    """`source` is `text` (the PDF's text layer), `ocr` (read from the image) or `none`.

    `blocks` are what the words belong to, in reading order; `tables`, `fields` and `notes` say more of some.
    `layout` is where they come from: `model`, `lines`, or `none` for a page that was read before there were
    layouts (its blocks are paragraphs, until `pagesight reread`).
    """

    source: str
    text: str
    words: list[WordBody]
    layout: LayoutSource
    blocks: tuple[PageBlock, ...]
    tables: tuple[PageTable, ...]
    fields: tuple[FormField, ...]
    notes: tuple[PageNote, ...]


def page_fields(page: Page, document: Document) -> dict[str, Any]:
    """The fields of a PageBody."""
    return {
        "page_id": page.id,
        "document_id": document.id,
        "document": document.name,
        "page_number": page.page_number,
        "page_label": page.label,
        "time_s": page.time_s,
    }


def page_body(page: Page, document: Document) -> PageResponse:
    return PageResponse(
        **page_fields(page, document),
        width_pt=page.width_pt,
        height_pt=page.height_pt,
        image_width_px=page.image_width_px,
        image_height_px=page.image_height_px,
        vectors=page.n_vectors,
        text_source=page.text_source,
    )


def page_text_body(page: Page, document: Document, words: PageWords) -> PageTextResponse:
    content = page_content(words)
    return PageTextResponse(
        **page_fields(page, document),
        source=words.source,
        text=words.text(),
        words=[
            WordBody(text=text, box=fraction_box(box), line=int(line))
            for text, box, line in zip(words.texts, words.boxes, words.lines, strict=True)
        ],
        layout=content.layout,
        blocks=content.blocks,
        tables=content.tables,
        fields=content.fields,
        notes=content.notes,
    )
