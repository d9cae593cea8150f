"""Know the marks and numbers that items of lists and sections begin with."""

from __future__ import annotations

import re

_MARKER = re.compile(r"[•‣◦▪●○■□–—*·\-]|\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,4})[.)]")
_SECTION = re.compile(r"(?:\d{1,3}\.)+\d{1,3}\.?|§+")


def is_marker(text: str) -> bool:
    """Say whether a word is the mark or number of an item."""
    return _MARKER.fullmatch(text) is not None


def is_section_number(text: str) -> bool:
    """Say whether a word is the number of a section, such as 4.2.1; a figure may look the same."""
    return _SECTION.fullmatch(text) is not None
