"""Names of documents: data that any file system may have made, shown to people and asked for by them."""

from __future__ import annotations

import unicodedata

_BIDI_CONTROLS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def document_name(raw: str) -> str:
    """Return a file's name or path as it is stored: in NFC, on one line, without control characters.

    Bytes that are no UTF-8, as old shares and archives have them, become `\\xe9`: every name can be printed,
    sent as JSON and typed into a filter.
    """
    readable = "".join(map(_readable, raw))
    return unicodedata.normalize("NFC", "".join(filter(_is_visible, readable))).strip()


def same_name(name: str) -> str:
    """Return what two spellings of a name have in common: names of before may be stored in NFD."""
    return unicodedata.normalize("NFC", name)


def spellings_of(name: str) -> set[str]:
    """Return the ways in which a name may be stored: as it is, in NFC, in NFD."""
    return {name, unicodedata.normalize("NFC", name), unicodedata.normalize("NFD", name)}


def _readable(character: str) -> str:
    if "\udc80" <= character <= "\udcff":  # how Python reads a byte of a name that is no UTF-8
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character


def _is_visible(character: str) -> bool:
    return (
        unicodedata.category(character) not in ("Cc", "Cs", "Zl", "Zp")
        and unicodedata.bidirectional(character) not in _BIDI_CONTROLS
    )
