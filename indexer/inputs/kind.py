"""What a kind of file is: its media types, how its bytes are told, how its child opens it.

A kind is one module of `kinds/` with the names of `Kind`, and one line of `registry.py`. The parent imports
it as the child does: standard library only, up to the functions that run in the child.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any, NamedTuple, Protocol

from indexer.inputs.sandbox.frames import RenderRequest
from indexer.inputs.zip_directory import zip_names

LOOK_BYTES = 4096


@dataclass(frozen=True, slots=True)
class MediaType:
    """One format of a kind.

    name     as in `Content-Type`
    title    as a person is told of it: "is no PDF or PNG image"
    endings  of file names, lower case, with their dot; the first is the usual one
    is_marked  its bytes begin like those of no other format. Text and HTML do not: a server's error page that
             was stored under the name of what was asked for is none of the documents of that name
    program  that prints its files to PDF, where it is on the PATH; "" for none
    needs_program  they cannot be read without it
    module  of Python that they cannot be read without; "" for none
    extra   of pagesight that installs it
    has_parts  parts of a page can be rendered by themselves, without reading the whole file anew
    repair  what a person does with a file of it that cannot be read
    unlock  by what a person removes its protection
    """

    name: str
    title: str
    endings: tuple[str, ...]
    is_marked: bool = True
    program: str = ""
    needs_program: bool = False
    module: str = ""
    extra: str = ""
    has_parts: bool = True
    repair: str = "print it to a new PDF"
    unlock: str = "in the program that it was made with"


def ending_of(name: str) -> str:
    """Return the ending of a file's name, lower case, with its dot; "" for none."""
    return PurePosixPath(name.lower()).suffix


class FileLook:
    """What tells the kind of a file: its bytes, and the ending of its name where bytes fit several kinds.

    start   its first 4,096 bytes
    ending  of its name, lower case, with the dot; "" for none
    """

    def __init__(self, bytes_at: Callable[[int, int], bytes], n_bytes: int, name: str) -> None:
        """`bytes_at(offset, n)` returns at most n bytes from there."""
        self._bytes_at = bytes_at
        self.n_bytes = n_bytes
        self.start = bytes_at(0, LOOK_BYTES)
        self.ending = ending_of(name)

    @classmethod
    def of_descriptor(cls, fd: int, name: str) -> FileLook:
        """Look at an open file. Raises OSError."""
        return cls(lambda at, n: os.pread(fd, n, at), os.fstat(fd).st_size, name)

    @classmethod
    def of_bytes(cls, data: bytes, name: str) -> FileLook:
        """Look at a file that is in memory."""
        return cls(lambda at, n: data[at : at + n], len(data), name)

    def read(self, offset: int, n_bytes: int) -> bytes:
        """Return some of its bytes."""
        return self._bytes_at(offset, n_bytes)

    def end(self, n_bytes: int) -> bytes:
        """Return its last bytes."""
        return self._bytes_at(max(0, self.n_bytes - n_bytes), n_bytes)

    @cached_property
    def zip_names(self) -> frozenset[str]:
        """Names of the entries of a ZIP archive, the first of many; none where it is no archive."""
        return (
            zip_names(self._bytes_at, self.n_bytes) if self.start.startswith(b"PK") else frozenset()
        )


def named_form(look: FileLook, forms: Iterable[MediaType]) -> str | None:
    """Return which of some forms of ZIP archives a file says to be whose directory is cut off."""
    is_cut_off = look.start.startswith(b"PK\x03\x04") and not look.zip_names
    return next((f.name for f in forms if is_cut_off and look.ending in f.endings), None)


class CarriedFile(NamedTuple):
    """A file inside of another: its name with its folders, and what loads at most so many bytes of it."""

    name: str
    content: Callable[[int], bytes]


def _no_files() -> Iterable[CarriedFile]:
    return ()


def _ready(on_step: Callable[[], None]) -> None:
    """Do nothing: most files are open at once."""


def _no_time(page_number: int) -> float | None:
    return None


def _is_never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A file that is open in the child.

    document  of PyMuPDF, or what has its `page_count`, `load_page`, `is_pdf`, `is_repaired`, `needs_pass`
    facts     for the first frame, besides the number of pages; `warning` is one of the document's
    files     yields the files that it carries
    prepare   reads what its pages depend on, where that takes long; it calls its argument at every step, each
              of which may take as much CPU as a page
    time_of   returns the second of the file at which a page is shown; None for what is no video
    is_cut_short  returns whether a part of the page that was loaded last is missing
    """

    document: Any
    facts: dict[str, Any] = field(default_factory=dict)
    files: Callable[[], Iterable[CarriedFile]] = _no_files
    prepare: Callable[[Callable[[], None]], None] = _ready
    time_of: Callable[[int], float | None] = _no_time
    is_cut_short: Callable[[], bool] = _is_never


class Kind(Protocol):
    """What the module of a kind has."""

    @property
    def MEDIA_TYPES(self) -> tuple[MediaType, ...]:  # noqa: N802 - a constant of the module
        """The formats of this kind."""

    @staticmethod
    def media_type_of(look: FileLook) -> str | None:
        """Return the media type of a file of this kind, None for one of another; in the parent."""

    @staticmethod
    def open_file(path: str, media_type: str, request: RenderRequest) -> OpenedFile:
        """Open the file in the child; what is raised refuses it. ``UnfitFile`` names the verdict."""


class UnfitFile(Exception):
    """Says in the child that a file is refused for what it is.

    cause  a verdict: `too_large`, `too_many_pages`, `password`, `unsupported`, `corrupt`, or what is missing:
           `needs_libreoffice`, `needs_av`, `needs_pillow_heif`
    """

    def __init__(self, cause: str, reason: str) -> None:
        super().__init__(reason)
        self.cause = cause
