"""Tell text from other bytes, and decode it: standard library only, for parent and child."""

from __future__ import annotations

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_DECLARED = re.compile(
    rb"(?:charset|encoding)\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE
)
_DECLARED_WITHIN_BYTES = 2048
_MOST_HIGH = 0.4  # of the bytes of a text in an old encoding


def is_text(start: bytes) -> bool:
    """Say whether a file that begins with these bytes is text, in Unicode or in an old encoding."""
    if not start.strip():
        return False
    if any(start.startswith(mark) for mark, _ in _MARKS):
        return True
    if _NO_TEXT.search(start):
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return sum(byte >= 0x80 for byte in start) <= _MOST_HIGH * len(start)
    return True


def decoded_text(content: bytes, *, declared: bool = False) -> str:
    """Return the text: by its byte order mark, by what it declares, as UTF-8, or as Windows-1252.

    declared  look for what markup says of its own encoding
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    if declared and (match := _DECLARED.search(content[:_DECLARED_WITHIN_BYTES])):
        try:
            return content.decode(match[1].decode(), "replace")
        except LookupError:
            pass
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")
