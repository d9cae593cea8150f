"""What a file says of itself, in the child: title, authors, date, keywords. Standard library only.

All of it is what a stranger wrote; the parent checks it (`stated_properties.py`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from functools import partial
from typing import Any

from indexer.inputs.pdf.attempts import Failure, attempt
from indexer.inputs.pdf.xfa.small_xml import Element, read_xml

_MOST_BYTES = 1024**2  # of one XML
_PDF_DATE = re.compile(r"(?:D:)?(\d{4})(\d\d)?(\d\d)?")
_BETWEEN_KEYWORDS = re.compile(r"[,;]")

Stated = dict[str, Any]  # title, authors, date, tags; what is not said is left out


def of_document(document: Any) -> Stated:
    """Return what a document of PyMuPDF says: the information of a PDF, then its XMP where that is silent."""
    metadata: Mapping[str, str] = document.metadata or {}
    info = _without_empty(
        title=metadata.get("title"),
        authors=[metadata.get("author") or ""],
        date=_pdf_date(metadata.get("creationDate") or metadata.get("modDate") or ""),
        tags=split_keywords(metadata.get("keywords") or ""),
    )
    xmp = attempt(lambda: document.get_xml_metadata() if document.is_pdf else "")
    if isinstance(xmp, Failure) or not xmp:
        return info
    return (
        of_xml(
            xmp.encode("utf-8", "replace"), dates=("CreateDate", "ModifyDate"), tags=("subject",)
        )
        | info
    )


def of_xml(data: bytes, *, dates: Collection[str], tags: Collection[str]) -> Stated:
    """Return what an XML says in the words of Dublin Core and its relatives; nothing where it is broken.

    dates, tags  elements, or attributes, that hold them; the first of the dates counts
    """
    root = attempt(partial(read_xml, data)) if len(data) <= _MOST_BYTES else None
    if not isinstance(root, Element):
        return {}
    texts: dict[str, list[str]] = {}
    for element in _elements(root):
        items = [child for child in _elements(element) if child.name == "li"] or [element]
        texts.setdefault(element.name, []).extend(item.all_text() for item in items)
        for name, value in element.attributes.items():
            texts.setdefault(name, []).append(value)
    return _without_empty(
        title=next(iter(texts.get("title", ())), None),
        authors=texts.get("creator") or texts.get("initial-creator") or [],
        date=next((texts[name][0] for name in dates if name in texts), None),
        tags=[
            word for name in tags for text in texts.get(name, ()) for word in split_keywords(text)
        ],
    )


def split_keywords(text: str) -> list[str]:
    """Return the keywords of a list as programs write it."""
    return _BETWEEN_KEYWORDS.split(text)


def _elements(root: Element) -> Iterable[Element]:
    stack = [root]
    while stack:
        element = stack.pop()
        yield element
        stack += reversed(element.children)


def _without_empty(**facts: Any) -> Stated:
    return {name: value for name, value in facts.items() if value and value != [""]}


def _pdf_date(text: str) -> str | None:
    match = _PDF_DATE.match(text.strip())
    return "-".join(part for part in match.groups() if part) if match else None
