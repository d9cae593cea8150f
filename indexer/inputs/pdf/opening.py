"""Refuse a file before its first page: by its size, then by what the child says of it."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexer.base.disk_errors import may_pass, unreadable
from indexer.base.document_properties import DocumentProperties
from indexer.base.errors import PagesightError
from indexer.base.settings import IndexerSettings
from indexer.inputs.kind import MediaType
from indexer.inputs.pdf import refusals
from indexer.inputs.sandbox.frames import BadFrame


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A file that is open for reading, whose kind is known; whoever opened it closes ``fd``.

    path     by which it can be opened again, as long as `keeper` lives
    form     its media type
    own_properties  what it says of itself, where that is known; a print says it of the printing
    read_as  the media type of the bytes that the child reads: those of a print of it, perhaps
    """

    path: Path
    fd: int
    form: MediaType
    read_as: str
    keeper: object = None
    own_properties: DocumentProperties | None = None


def open_file(path: Path, settings: IndexerSettings) -> int:
    """Open a regular file that is neither empty nor too large, and return its descriptor.

    Raises DocumentRejected, and Unreadable when it is not the file's fault.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # a FIFO must not block us
    except OSError as error:
        raise _no_reading(path, error) from error
    try:
        _inspect(fd, settings)
    except OSError as error:
        os.close(fd)
        raise _no_reading(path, error) from error
    except BaseException:
        os.close(fd)
        raise
    return fd


def _no_reading(path: Path, error: OSError) -> PagesightError:
    return unreadable(path, error) if may_pass(error) else refusals.unreadable(error)


def _inspect(fd: int, settings: IndexerSettings) -> None:
    status = os.fstat(fd)
    if not stat.S_ISREG(status.st_mode):
        raise refusals.unsupported_kind("is not a regular file")
    if status.st_size == 0:
        raise refusals.empty()
    if status.st_size > settings.max_file_bytes:
        raise refusals.too_large(status.st_size, settings)


def read_page_count(header: dict[str, Any], form: MediaType, settings: IndexerSettings) -> int:
    """Return the number of pages of the document whose first frame has ``header``.

    Raises DocumentRejected, or BadFrame where the frame is not a first one.
    """
    kind, n_pages = header.get("kind"), header.get("n_pages")
    reason = refusals.printable_line(header.get("reason"))
    if kind == "broken":
        raise refusals.not_tried(f"PyMuPDF cannot be imported ({reason})", "install pymupdf")
    if kind == "unreadable" and header.get("cause") == "memory":
        raise refusals.out_of_memory("to be opened", settings)
    if kind == "unreadable":
        raise refusals.refused_by_child(str(header.get("cause")), reason, form)
    if kind != "opened" or not isinstance(n_pages, int):
        raise BadFrame("a first frame that opens nothing")
    if header.get("locked"):
        raise refusals.password(form)
    if n_pages < 1 and header.get("repaired"):
        raise refusals.cut_off("no page of it is left", form)
    if n_pages < 1:
        raise refusals.corrupt("has no pages", form)
    if n_pages > settings.max_pages:
        raise refusals.too_many_pages(n_pages, settings)
    return n_pages
