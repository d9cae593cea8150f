"""A document in one of three formats, page by page: a long one never stands in memory as a whole."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from indexer.base.page_names import page_name
from indexer.layout.export.html import as_html, page_html
from indexer.layout.export.markdown import page_markdown
from indexer.layout.export.markdown_escapes import inline
from indexer.layout.export.page_content import PageContent

_UNREADABLE = "This page could not be read."
_STYLE = (
    "body{max-width:50rem;margin:2rem auto;font-family:sans-serif}table{border-collapse:collapse}"
    "td,th{border:1px solid #999;padding:.2rem .5rem;text-align:left}.page{border-top:1px solid #999}"
    "header,footer,.page>:first-child{color:#666}"
)


class ExportFormat(StrEnum):
    """How a document leaves the program."""

    MARKDOWN = "markdown"
    HTML = "html"
    JSON = "json"

    @property
    def media_type(self) -> str:
        return "application/json" if self is ExportFormat.JSON else f"text/{self.value}"

    @property
    def suffix(self) -> str:
        return ".md" if self is ExportFormat.MARKDOWN else f".{self.value}"


@dataclass(frozen=True, slots=True)
class ExportPage:
    """A page of the document. `content` is None for one that could not be read when it was indexed.

    source  of its words: `text`, `ocr` or `none`
    time_s  of a picture of a video, the second at which it is shown
    """

    page_number: int
    label: str = ""
    page_id: int | None = None
    width_pt: float = 0.0
    height_pt: float = 0.0
    source: str = "none"
    content: PageContent | None = None
    time_s: float | None = None


def export_pieces(
    format_: ExportFormat, document_id: str, name: str, pages: Iterable[ExportPage]
) -> Iterator[str]:
    """Yield the document in pieces. Running heads and feet are left out of Markdown only."""
    match format_:
        case ExportFormat.MARKDOWN:
            return _markdown_pieces(pages)
        case ExportFormat.HTML:
            return _html_pieces(name, pages)
        case ExportFormat.JSON:
            return _json_pieces(document_id, name, pages)


def _markdown_pieces(pages: Iterable[ExportPage]) -> Iterator[str]:
    for i, page in enumerate(pages):
        title = f"*{inline(page_name(page.page_number, page.label, time_s=page.time_s))}*"
        text = page_markdown(page.content) if page.content else f"*{_UNREADABLE}*"
        yield ("\n---\n\n" if i else "") + title + "\n" + (f"\n{text}\n" if text else "")


def _html_pieces(name: str, pages: Iterable[ExportPage]) -> Iterator[str]:
    yield (
        f'<!doctype html>\n<html>\n<head>\n<meta charset="utf-8">\n<title>{as_html(name)}</title>\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n"
    )
    for page in pages:
        title = as_html(page_name(page.page_number, page.label, time_s=page.time_s))
        elements = page_html(page.content) if page.content else f"<p>{_UNREADABLE}</p>"
        yield (
            f'<section class="page" id="page-{page.page_number}" data-label="{as_html(page.label)}">\n'
            f"<div>{title}</div>\n{elements}\n</section>\n"
        )
    yield "</body>\n</html>\n"


def _json_pieces(document_id: str, name: str, pages: Iterable[ExportPage]) -> Iterator[str]:
    head = json.dumps({"document_id": document_id, "document": name}, ensure_ascii=False)
    yield head[:-1] + ', "pages": ['
    missing_pages: list[int] = []
    is_first = True
    for page in pages:
        if page.content is None:
            missing_pages.append(page.page_number)
            continue
        yield ("\n" if is_first else ",\n") + json.dumps(_page_body(page), ensure_ascii=False)
        is_first = False
    yield f'\n], "missing_pages": {json.dumps(missing_pages)}}}\n'


def _page_body(page: ExportPage) -> dict[str, Any]:
    assert page.content is not None, "pages that could not be read are only named"
    return {
        "page_id": page.page_id,
        "page_number": page.page_number,
        "page_label": page.label,
        "time_s": page.time_s,
        "width_pt": page.width_pt,
        "height_pt": page.height_pt,
        "source": page.source,
        **asdict(page.content),
    }
