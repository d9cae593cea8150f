"""Files that a PDF carries, in the child: portfolios, attachments of the document, attachments of pages.

A name tree, a list of associated files, an annotation: each leads to a file specification, and one stream may
be reached by several. Only what is embedded counts; a specification may name a file elsewhere, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

from indexer.inputs.kind import CarriedFile
from indexer.inputs.pdf.attempts import Failure, attempt

MAX_NAME_CHARACTERS = 1000
_FILE_KEYS = ("UF", "F", "Unix", "DOS", "Mac")  # ISO 32000-2, table 43


class _EmbeddedFile(NamedTuple):
    name: str
    stream: Any


def carries_files(document: Any) -> bool:
    """Say whether the document carries any file."""
    return next(embedded_files(document), None) is not None


def is_portfolio(document: Any) -> bool:
    """Say whether the document is a cover for the files that it carries (ISO 32000-2, 12.3.5)."""
    from pymupdf import mupdf

    return bool(mupdf.pdf_is_dict(mupdf.pdf_dict_gets(_root(document), "Collection")))


def embedded_files(document: Any) -> Iterator[CarriedFile]:
    """Yield the files in order, each stream once."""
    from pymupdf import mupdf

    numbers: set[int] = set()
    for specification in _specifications(document):
        file = attempt(partial(_embedded_file, specification))
        if isinstance(file, Failure) or file is None:
            continue
        number = mupdf.pdf_to_num(file.stream)
        if number not in numbers:
            numbers.add(number)
            yield CarriedFile(re.split(r"[/\\]", file.name)[-1], partial(_content, file))


def _specifications(document: Any) -> Iterator[Any]:
    import pymupdf
    from pymupdf import mupdf

    root = _root(document)
    tree = attempt(
        partial(
            mupdf.pdf_load_name_tree,
            pymupdf._as_pdf_document(document),
            mupdf.pdf_new_name("EmbeddedFiles"),
        )
    )
    if not isinstance(tree, Failure):
        for i in range(mupdf.pdf_dict_len(tree)):
            yield mupdf.pdf_dict_get_val(tree, i)
    associated_files = mupdf.pdf_dict_gets(root, "AF")
    for i in range(mupdf.pdf_array_len(associated_files)):
        yield mupdf.pdf_array_get(associated_files, i)
    for number in range(document.page_count):
        annotations = attempt(partial(document.page_annot_xrefs, number))
        for xref, kind, _ in [] if isinstance(annotations, Failure) else annotations:
            if kind == pymupdf.PDF_ANNOT_FILE_ATTACHMENT:
                pdf = pymupdf._as_pdf_document(document)
                annotation = mupdf.pdf_new_indirect(pdf, xref, 0)
                yield mupdf.pdf_dict_gets(annotation, "FS")


def _embedded_file(specification: Any) -> _EmbeddedFile | None:
    from pymupdf import mupdf

    streams = mupdf.pdf_dict_gets(specification, "EF")
    for key in _FILE_KEYS:
        stream = mupdf.pdf_dict_gets(streams, key)
        if mupdf.pdf_is_stream(stream):
            return _EmbeddedFile(_name(specification), stream)
    return None


def _name(specification: Any) -> str:
    from pymupdf import mupdf

    for key in (*_FILE_KEYS, "Desc"):
        text = attempt(partial(mupdf.pdf_to_text_string, mupdf.pdf_dict_gets(specification, key)))
        if isinstance(text, str) and text.strip():
            return text.encode("utf-8", "replace").decode()[:MAX_NAME_CHARACTERS]
    return ""


def _content(file: _EmbeddedFile, max_bytes: int) -> bytes:
    """Return the whole file; MuPDF refuses compression bombs, and memory is limited besides."""
    import pymupdf
    from pymupdf import mupdf

    return bytes(pymupdf.JM_BinFromBuffer(mupdf.pdf_load_stream(file.stream)))


def _root(document: Any) -> Any:
    import pymupdf
    from pymupdf import mupdf

    trailer = mupdf.pdf_trailer(pymupdf._as_pdf_document(document))
    return mupdf.pdf_dict_gets(trailer, "Root")
