"""Lay out text that has no pages of its own, in the child: on A4, nothing of it beyond the margin."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import Any

WIDTH_PT, HEIGHT_PT = 595, 842
_FONT_PT = 11
_LONGEST_WORD = 2000  # to lay out one takes the square of its length
_LETTER = r"(?>&#?\w{1,31};|[^ \t\r\n\f<])"  # of markup; a blank that does not break is one
_TAG_OR_WORD = re.compile(rf"<[^<>]*>|{_LETTER}++")
_LONG_WORD = re.compile(rf"{_LETTER}{{{_LONGEST_WORD}}}")
_PICTURE_INSIDE = "(data:"  # of Markdown
# The end of a line before one that begins with a label: `Date: 14 October`, `**Place:** ground floor`.
_BEFORE_LABEL = re.compile(
    r"(?<=\S)[ \t]*\n(?=[*_]{0,2}[A-Z][\w-]*(?: [\w/%.-]+){0,3}[*_]{0,2}:[*_]{0,2} \S)"
)
_CSS = """
@page { margin: 48pt 44pt }
body { overflow-wrap: break-word }
td, th { overflow-wrap: normal }
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


def pages_of(bodies: Sequence[str]) -> Any:
    """Return an open document of HTML that we have written, each body on a page of its own or more."""
    *first_bodies, last_body = bodies
    parts = [f'<div style="page-break-after:always">{body}</div>' for body in first_bodies]
    content = f"<html><body>{''.join(parts)}{last_body}</body></html>"
    return laid_out(content.encode("utf-8", "replace"), "html")


def as_typed(text: str) -> str:
    """Return HTML that shows text line by line as it was typed."""
    lines = in_shorter_words(html.escape(printable_characters(text)))
    return f'<pre style="font-size:10pt">{lines}</pre>'


def in_shorter_words(markup: str) -> str:
    """Return HTML or Markdown with a blank in words that are too long to be laid out in time."""
    return _TAG_OR_WORD.sub(_with_blanks, markup)


def _with_blanks(tag_or_word: re.Match[str]) -> str:
    word = tag_or_word[0]
    if len(word) <= _LONGEST_WORD or word.startswith("<") or _PICTURE_INSIDE in word:
        return word
    return _LONG_WORD.sub(r"\g<0> ", word)


def with_labels_on_lines(markdown: str) -> str:
    """Return Markdown in which a line that begins with a label stays a line: a paragraph would join them."""
    return _BEFORE_LABEL.sub("  \n", markdown)


def printable_characters(text: str) -> str:
    """Return text without control characters, which are no markup either."""
    return "".join(c for c in text if c in "\n\t\f" or (c >= " " and c not in "\x7f\ufffe\uffff"))
