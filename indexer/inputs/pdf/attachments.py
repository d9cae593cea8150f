"""Take the files out of a file: its child reads them, the parent writes down what may become a document."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from indexer.base.disk_errors import storage_error
from indexer.base.settings import IndexerSettings
from indexer.inputs.names import document_name
from indexer.inputs.pdf.opening import OpenFile, read_page_count
from indexer.inputs.pdf.refusals import printable_line
from indexer.inputs.sandbox.frames import BadFrame, Frame, RasterizerFault
from indexer.inputs.sandbox.process import RasterizerProcess

MAX_NAME_BYTES = 255


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that another one carries.

    path         where it was written, when it can be read and is not too much
    is_readable  it is of a kind that is read
    problem      why its bytes could not be taken out
    """

    name: str
    n_bytes: int
    is_readable: bool = False
    path: Path | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class AttachmentLimits:
    """What may come out of one document, all that it carries taken together."""

    n_files: int
    n_bytes: int


@dataclass(frozen=True, slots=True)
class TakenFiles:
    """The files in the order in which the file names them.

    n_more  files that were not looked at, as there are too many
    fault   why not all could be read; empty: all were
    """

    files: tuple[Attachment, ...]
    n_more: int = 0
    fault: str = ""


def take_attachments(
    file: OpenFile, settings: IndexerSettings, folder: Path, limits: AttachmentLimits
) -> TakenFiles:
    """Write those files that a file carries into a folder which can be read, and tell what else it carries.

    Raises DocumentRejected, Unreadable, and StorageError when they cannot be written.
    """
    child = RasterizerProcess(
        settings, file.fd, file.read_as, 1, attachments=(limits.n_files, limits.n_bytes)
    )
    with closing(child):
        read_page_count(child.next_frame().header, file.form, settings)
        return _Taking(child, folder, limits).all_files()


class _Taking:
    """The frames of one child. It is not trusted: what it sends is counted here."""

    def __init__(self, child: RasterizerProcess, folder: Path, limits: AttachmentLimits) -> None:
        self._child = child
        self._folder = folder
        self._limits = limits
        self._bytes_left = limits.n_bytes

    def all_files(self) -> TakenFiles:
        files: list[Attachment] = []
        try:
            while True:
                header = self._child.next_frame().header
                if header.get("kind") == "end":
                    return TakenFiles(tuple(files), _count(header.get("n_more")))
                if len(files) >= self._limits.n_files:
                    raise BadFrame("more files than were asked for")
                files.append(self._take(header))
        except RasterizerFault as fault:
            return TakenFiles(tuple(files), fault=printable_line(fault))

    def _take(self, header: dict[str, Any]) -> Attachment:
        if header.get("kind") != "attachment" or not isinstance(header.get("name"), str):
            raise BadFrame("no file of the document")
        file = Attachment(
            name=_clean(header["name"]),
            n_bytes=_count(header.get("n_bytes")),
            is_readable=header.get("is_readable") is True,
            problem=printable_line(header.get("problem") or ""),
        )
        if header.get("sent") is not True:
            return file
        if not file.is_readable or file.n_bytes > self._bytes_left:
            raise BadFrame("a file that is too large")
        self._bytes_left -= file.n_bytes
        path = self._folder / uuid4().hex
        try:
            with path.open("xb") as target:
                for body in self._bodies(file.n_bytes):
                    target.write(body)
        except OSError as error:
            raise storage_error(path, error) from error
        return replace(file, path=path)

    def _bodies(self, n_bytes: int) -> Iterator[bytearray]:
        while n_bytes > 0:
            frame: Frame = self._child.next_frame()
            if frame.header.get("kind") != "bytes" or not 0 < len(frame.body) <= n_bytes:
                raise BadFrame("bytes that do not fit their file")
            n_bytes -= len(frame.body)
            yield frame.body


def _clean(name: str) -> str:
    """Return a file name as data, below the file that carries it; one that says nothing is `unnamed`."""
    parts = [part for part in name.replace("\\", "/").split("/") if part.strip(". ")]
    clean = document_name("/".join(parts))
    return clean.encode()[:MAX_NAME_BYTES].decode(errors="ignore") or "unnamed"


def _count(value: object) -> int:
    if type(value) is not int or value < 0:
        raise BadFrame("a number that is none")
    return value
