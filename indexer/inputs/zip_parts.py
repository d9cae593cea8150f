"""Read small parts of a ZIP archive, or change some, in the child."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable

_MOST_BYTES = 1024**2
_FAULTS = (
    KeyError, OSError, ValueError, RuntimeError, NotImplementedError, EOFError, zipfile.BadZipFile,
    zlib.error,
)  # fmt: skip


def read_part(path: str, name: str) -> bytes:
    """Return the first megabyte of a part; nothing where there is none, or it cannot be unpacked."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open(name) as part:
            return part.read(_MOST_BYTES)
    except _FAULTS:
        return b""


def with_parts_changed(
    content: bytes, endings: tuple[str, ...], most_bytes: int, change: Callable[[bytes], bytes]
) -> bytes:
    """Return an archive with parts of these names changed; itself where none is, or it cannot be unpacked.

    most_bytes  of all its parts, unpacked: one with more stays as it is
    """
    changes: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if sum(part.file_size for part in parts) > most_bytes:
                return content
            for part in parts:
                if part.filename.lower().endswith(endings):
                    before = archive.read(part)
                    after = change(before)
                    if after != before:
                        changes[part.filename] = after
            return _archive_with(archive, changes) if changes else content
    except _FAULTS:
        return content


def _archive_with(archive: zipfile.ZipFile, changes: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as changed_archive:
        for part in archive.infolist():
            changed_archive.writestr(part, changes.get(part.filename) or archive.read(part))
    return file.getvalue()
