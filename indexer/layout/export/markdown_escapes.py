"""Text of a page as Markdown that shows it as it is: nothing in it becomes markup.

CommonMark and GitHub's tables, https://spec.commonmark.org, https://github.github.com/gfm. Only what would be
markup where it stands is escaped, for people and models read the source, too: `snake_case`, `a < b`, `[1]`.
"""

from __future__ import annotations

import re

_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_ALWAYS = re.compile(r"[\\`*~]")
_EDGE_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_LINK = re.compile(r"\](?=[(\[:])")
_BLOCK_START = re.compile(r"^(?:#(?=#{0,5}(?:\s|$))|[-+](?=\s|$)|-(?=[-\s]*$)|=(?==*\s*$)|>|\|)")
_NUMBER_START = re.compile(r"^(\d{1,9})(?=[.)](?:\s|$))")
_CLOSING_HASHES = re.compile(r"(?:(?<=\s)|^)#(?=#*$)")


def inline(text: str) -> str:
    """Return text as part of a line that has begun."""
    text = _CONTROLS.sub(" ", text)
    text = _ALWAYS.sub(r"\\\g<0>", text)
    text = _EDGE_UNDERSCORE.sub(r"\\_", text)
    text = _ENTITY.sub("&amp;", text)
    text = _TAG.sub("&lt;", text)
    return _LINK.sub(r"\\]", text)


def paragraph(text: str) -> str:
    """Return text as a line of its own, or behind the mark of a list or a quotation."""
    text = _BLOCK_START.sub(r"\\\g<0>", inline(text).strip())
    return _NUMBER_START.sub(r"\1\\", text)


def heading(text: str) -> str:
    """Return text as it stands behind the # of a heading."""
    return _CLOSING_HASHES.sub(r"\\#", inline(text).strip())


def cell(text: str) -> str:
    """Return text as it stands in a cell of a table."""
    return inline(text).strip().replace("|", "\\|")
