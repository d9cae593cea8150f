"""Files that a PDF carries, in the child: portfolios, attachments of the document, attachments of pages.

A name tree, a list of associated files, an annotation: each leads to a file specification, and one stream may
be reached by several. Only what is embedded counts; a specification may name a file elsewhere, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

from indexer.inputs.pdf.attempts import Failure, attempt
from indexer.inputs.sandbox import confinement
from indexer.inputs.sandbox.frames import CHUNK_BYTES, RenderRequest, write_frame

MAX_NAME_CHARACTERS = 1000
_MAGIC_WITHIN_BYTES = 1024  # as `opening.py` looks for it
_FILE_KEYS = ("UF", "F", "Unix", "DOS", "Mac")  # ISO 32000-2, table 43


class EmbeddedFile(NamedTuple):
    """A file by its name, and the stream that holds it."""

    name: str
    stream: Any


def carries_files(document: Any) -> bool:
    """Say whether the document carries any file."""
    return next(embedded_files(document), None) is not None


def is_portfolio(document: Any) -> bool:
    """Say whether the document is a cover for the files that it carries (ISO 32000-2, 12.3.5)."""
    from pymupdf import mupdf

    return bool(mupdf.pdf_is_dict(mupdf.pdf_dict_gets(_root(document), "Collection")))


def send_files(out: int, document: Any, request: RenderRequest) -> None:
    """Write every file as a frame that tells of it and, where it is a PDF, frames of its bytes."""
    bytes_left = request.max_attached_bytes
    n_more = 0
    for position, file in enumerate(embedded_files(document)):
        if position >= request.max_attachments:
            n_more += 1
            continue
        confinement.allow_cpu(request.page_cpu_s)
        content = attempt(partial(_content, file))
        header: dict[str, Any] = {"kind": "attachment", "name": file.name}
        if isinstance(content, Failure):
            write_frame(
                out, header | {"problem": content.reason[:200], "n_bytes": 0, "sent": False}
            )
            continue
        is_pdf = b"%PDF-" in content[:_MAGIC_WITHIN_BYTES]
        is_sent = is_pdf and len(content) <= bytes_left
        header |= {"problem": "", "n_bytes": len(content), "is_pdf": is_pdf, "sent": is_sent}
        write_frame(out, header)
        for start in range(0, len(content) if is_sent else 0, CHUNK_BYTES):
            write_frame(out, {"kind": "bytes"}, [content[start : start + CHUNK_BYTES]])
        bytes_left -= len(content) if is_sent else 0
    write_frame(out, {"kind": "end", "n_more": n_more})


def embedded_files(document: Any) -> Iterator[EmbeddedFile]:
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
            yield file


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


def _embedded_file(specification: Any) -> EmbeddedFile | None:
    from pymupdf import mupdf

    streams = mupdf.pdf_dict_gets(specification, "EF")
    for key in _FILE_KEYS:
        stream = mupdf.pdf_dict_gets(streams, key)
        if mupdf.pdf_is_stream(stream):
            return EmbeddedFile(_name(specification), stream)
    return None


def _name(specification: Any) -> str:
    from pymupdf import mupdf

    for key in (*_FILE_KEYS, "Desc"):
        text = attempt(partial(mupdf.pdf_to_text_string, mupdf.pdf_dict_gets(specification, key)))
        if isinstance(text, str) and text.strip():
            return text.encode("utf-8", "replace").decode()[:MAX_NAME_CHARACTERS]
    return ""


def _content(file: EmbeddedFile) -> bytes:
    """Return the whole file; MuPDF refuses compression bombs, and memory is limited besides."""
    import pymupdf
    from pymupdf import mupdf

    return bytes(pymupdf.JM_BinFromBuffer(mupdf.pdf_load_stream(file.stream)))


def _root(document: Any) -> Any:
    import pymupdf
    from pymupdf import mupdf

    trailer = mupdf.pdf_trailer(pymupdf._as_pdf_document(document))
    return mupdf.pdf_dict_gets(trailer, "Root")
