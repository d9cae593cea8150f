"""Lay out text that has no pages of its own, in the child: on A4, nothing of it beyond the margin."""

from __future__ import annotations

import html
from typing import Any

WIDTH_PT, HEIGHT_PT = 595, 842
_FONT_PT = 11
_CSS = """
@page { margin: 48pt 44pt }
body { overflow-wrap: break-word }
pre { white-space: pre-wrap; overflow-wrap: break-word }
"""


def laid_out(content: bytes, file_type: str) -> Any:
    """Return an open document of PyMuPDF that has pages; nothing outside of its bytes is looked at."""
    import pymupdf
    from pymupdf import mupdf

    mupdf.fz_set_user_css(_CSS)
    document = pymupdf.open(stream=content, filetype=file_type)
    document.layout(width=WIDTH_PT, height=HEIGHT_PT, fontsize=_FONT_PT)
    return document


def pages_of(body: str) -> Any:
    """Return an open document of the body of an HTML page that we have written."""
    return laid_out(f"<html><body>{body}</body></html>".encode("utf-8", "replace"), "html")


def as_typed(text: str) -> str:
    """Return HTML that shows text line by line as it was typed; a form feed begins a page."""
    return "".join(
        f'<div style="page-break-before:{"always" if number else "auto"}">'
        f'<pre style="font-size:10pt">{html.escape(part)}</pre></div>'
        for number, part in enumerate(printable_characters(text).split("\f"))
    )


def printable_characters(text: str) -> str:
    """Return text without control characters, which are no markup either."""
    return "".join(c for c in text if c in "\n\t\f" or (c >= " " and c not in "\x7f\ufffe\uffff"))
