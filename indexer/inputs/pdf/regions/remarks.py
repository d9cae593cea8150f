"""Read what people have written onto a page, in the child: sticky notes, comments, text boxes."""

from __future__ import annotations

from functools import partial
from typing import Any

from indexer.inputs.pdf.attempts import Failure, attempt
from indexer.inputs.sandbox.frames import MAX_FIELD_CHARACTERS, MAX_REMARKS

# Numbers of PyMuPDF (PDF_ANNOT_...), and flags of ISO 32000, table 167.
_FREE_TEXT = 2
_MARKUP = (8, 9, 10, 11)  # highlight, underline, squiggly, strike-out
_COMMENTED = (0, _FREE_TEXT, 3, 4, 5, 6, 7, *_MARKUP, 13, 14, 15)  # shapes, stamp, caret, ink
_HIDDEN, _NO_VIEW = 2, 32


def remarks_of(document: Any, page: Any) -> list[dict[str, Any]]:
    """Return the remarks that have a text; boxes are points of the displayed page."""
    remarks: list[dict[str, Any]] = []
    for annotation in page.annots():
        remark = attempt(partial(_remark, document, page, annotation))
        if remark is not None and not isinstance(remark, Failure):
            remarks.append(remark)
        if len(remarks) == MAX_REMARKS:
            break
    return remarks


def _remark(document: Any, page: Any, annotation: Any) -> dict[str, Any] | None:
    kind = annotation.type[0]
    if kind not in _COMMENTED or annotation.flags & (_HIDDEN | _NO_VIEW):
        return None
    if document.xref_get_key(annotation.xref, "StateModel")[0] != "null":
        return None  # `Accepted set by ...`: the state of a review, not a text
    text = _text(annotation.info.get("content"))
    if not text:
        return None
    about = None
    if kind in _MARKUP and annotation.vertices:
        about = _around([point * page.rotation_matrix for point in _points(annotation.vertices)])
    return {
        "box": tuple((annotation.rect * page.rotation_matrix).normalize()),
        "text": text,
        "author": " ".join(_text(annotation.info.get("title")).split()),
        "about": about,
        "is_drawn": kind == _FREE_TEXT,
    }


def _points(vertices: Any) -> list[Any]:
    import pymupdf

    return [pymupdf.Point(vertex) for vertex in vertices]


def _around(points: list[Any]) -> tuple[float, float, float, float]:
    xs, ys = [point.x for point in points], [point.y for point in points]
    return min(xs), min(ys), max(xs), max(ys)


def _text(raw: object) -> str:
    """Return a text for a frame, with its line breaks; no NULs, no lone surrogates."""
    if not isinstance(raw, str):
        return ""
    lines = [" ".join(line.split()) for line in raw.replace("\0", " ").splitlines()]
    text = "\n".join(line for line in lines if line)
    return text.encode("utf-8", "ignore").decode()[:MAX_FIELD_CHARACTERS].strip()
