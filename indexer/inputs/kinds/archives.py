"""ZIP archives: their pages list what is in them, the files are documents of their own.

What an archive says of its files is not believed: bytes are counted while they are unpacked, a name is data
and never a path.
"""

from __future__ import annotations

import html
import io
from collections.abc import Iterator
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from indexer.inputs.cut_archives import with_directory
from indexer.inputs.kind import CarriedFile, FileLook, MediaType, OpenedFile, UnfitFile
from indexer.inputs.sandbox.frames import RenderRequest

if TYPE_CHECKING:
    from zipfile import ZipFile, ZipInfo

MEDIA_TYPES = (
    MediaType(
        "application/zip",
        "ZIP archive",
        (".zip",),
        repair="fetch the whole file",
    ),
)
_MOST_ENTRIES = 20_000
_LISTED = 2_000
_LISTED_CHARACTERS = 500  # of a name: one of 60,000 letters takes minutes to be laid out
_LITTER = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")


def media_type_of(look: FileLook) -> str | None:
    """Tell an archive by its first record; kinds that are archives inside are asked before."""
    return "application/zip" if look.start.startswith((b"PK\x03\x04", b"PK\x05\x06")) else None


def open_file(path: str, media_type: str, request: RenderRequest) -> OpenedFile:
    """List an archive. Raises UnfitFile for one of too many files, or of none."""
    import zipfile

    from indexer.inputs.pdf.reflowed import pages_of

    facts: dict[str, Any] = {"carries_files": True}
    try:
        if zipfile.is_zipfile(path):
            archive = zipfile.ZipFile(path)
        else:
            archive = zipfile.ZipFile(io.BytesIO(with_directory(Path(path).read_bytes())))
            facts["warning"] = "is cut off: what is missing of it was not read"
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise UnfitFile("corrupt", f"is no whole archive ({error})") from error
    entries = [
        entry for entry in archive.infolist() if not entry.is_dir() and not _is_litter(entry)
    ]
    if len(entries) > _MOST_ENTRIES:
        raise UnfitFile("too_large", f"holds {len(entries)} files, more than {_MOST_ENTRIES}")
    if not entries:
        raise UnfitFile("corrupt", "is an archive without a whole file")
    rows = "".join(
        f"<tr><td>{html.escape(name[:_LISTED_CHARACTERS])}</td><td>{n_bytes:,} bytes</td></tr>"
        for name, n_bytes in ((entry.filename, entry.file_size) for entry in entries[:_LISTED])
    )
    rest = f"<p>and {len(entries) - _LISTED} more</p>" if len(entries) > _LISTED else ""
    document = pages_of([f"<h1>{len(entries)} files</h1><table>{rows}</table>{rest}"])
    return OpenedFile(document, facts, partial(_files_of, archive, entries))


def _is_litter(entry: ZipInfo) -> bool:
    return any(part in _LITTER for part in PurePosixPath(entry.filename).parts)


def _files_of(archive: ZipFile, entries: list[Any]) -> Iterator[CarriedFile]:
    for entry in entries:
        yield CarriedFile(entry.filename, partial(_content, archive, entry))


def _content(archive: ZipFile, entry: ZipInfo, max_bytes: int) -> bytes:
    """Unpack one file, no further than it may go. Raises UnfitFile where it is locked or too large."""
    if entry.flag_bits & 1:
        raise UnfitFile("password", "it is protected by a password")
    with archive.open(entry) as file:
        content = file.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise UnfitFile("too_large", "unpacked it is more than PAGESIGHT_MAX_FILE_BYTES allows")
    return content
