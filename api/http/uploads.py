"""Files out of a multipart body, written to disk and counted while they stream in.

The framework's own form parser would first spool the whole body somewhere else.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from fastapi import HTTPException, Request
from pydantic import TypeAdapter, ValidationError
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from api.base.errors import InvalidUpload, QuotaReached
from indexer.base.disk_errors import storage_error
from indexer.base.document_properties import DocumentProperties, properties_of
from indexer.inputs.names import document_name
from indexer.inputs.sources import Source

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

MAX_NAME_BYTES = 255
MAX_FIELD_BYTES = 64 * 1024  # of a form field that is no file
MAX_FIELDS = 100
_TAGS, _METADATA = "tags", "metadata"  # the form fields that are read
_ENTRIES = TypeAdapter(dict[str, str])
_FRAMING_BYTES = 256 * 1024  # part headers and the like, which no quota counts


def clean_name(client_name: str) -> str:
    """A file name as data: no folders, no control characters, at most 255 bytes of UTF-8."""
    last = re.split(r"[/\\]", client_name)[-1]
    name = document_name(last)
    if name.strip(". ") == "":
        return "unnamed"
    stem, dot, suffix = name.rpartition(".")
    ending = (dot + suffix).encode() if stem and len(suffix) <= 8 else b""
    whole = name.encode()
    if len(whole) <= MAX_NAME_BYTES:
        return name
    stem_bytes = whole[: MAX_NAME_BYTES - len(ending)]
    return stem_bytes.decode(errors="ignore") + ending.decode()


async def receive_files(
    request: Request,
    folder: Path,
    max_file_bytes: int,
    max_files: int,
    n_bytes_left: int | None = None,
) -> list[Source]:
    """Every file of the request's body, below `folder`, with its cleaned name.

    The form fields `tags`, each with one or several, and `metadata`, a JSON object, are of all of them.

    n_bytes_left  of the caller's quota; None: it has none

    Raises InvalidUpload, InvalidProperties, QuotaReached, StorageError, and HTTPException: 413 (too
    large), 408 (too slow).
    """
    kind, options = parse_options_header(request.headers.get("content-type"))
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise InvalidUpload("send the files as multipart/form-data, for example `curl -F files=@A`")
    files = _Files(folder, max_file_bytes, max_files)
    try:
        parser = MultipartParser(options[b"boundary"], files.callbacks())
        n_bytes = 0
        async for chunk in request.stream():
            n_bytes += len(chunk)
            if n_bytes_left is not None and n_bytes > n_bytes_left + _FRAMING_BYTES:
                raise QuotaReached(
                    "the upload is larger than what the quota of this key leaves today"
                )
            if files.ended and chunk.strip():
                raise InvalidUpload("the multipart body goes on after its end")
            await run_in_threadpool(parser.write, chunk)
        parser.finalize()
    except FormParserError as error:
        raise InvalidUpload(f"the multipart body cannot be read: {error}") from error
    except ClientDisconnect as error:
        raise InvalidUpload("the upload broke off") from error
    except OSError as error:
        raise storage_error(Path("an upload"), error) from error
    finally:
        files.close()
    return files.complete()


def _told_apart(sources: list[Source]) -> list[Source]:
    """Number files of one name, which came without their folders: they are no versions of each other."""
    counts: Counter[str] = Counter()
    sources_apart = []
    for source in sources:
        counts[source.name] += 1
        name = source.name
        if counts[name] > 1:
            stem, dot, suffix = name.rpartition(".")
            number = f" ({counts[name]})"
            name = f"{stem}{number}{dot}{suffix}" if stem else f"{name}{number}"
        sources_apart.append(replace(source, name=name))
    return sources_apart


def _properties(tags: Sequence[bytes], metadata: Sequence[bytes]) -> DocumentProperties:
    """Read the form fields of an upload. Raises InvalidUpload, InvalidProperties."""
    entries: dict[str, str] = {}
    for field in metadata:
        try:
            entries |= _ENTRIES.validate_json(field or b"{}")
        except ValidationError as error:
            raise InvalidUpload(
                'the form field `metadata` must be a JSON object of texts, as {"year": "2026"}'
            ) from error
    try:
        lists = [field.decode().split(",") for field in tags]
    except UnicodeDecodeError as error:
        raise InvalidUpload("the form field `tags` is no UTF-8") from error
    return properties_of((tag for tags in lists for tag in tags if tag.strip()), entries)


class _Files:
    """What the multipart parser calls: each file part goes to a file of its own."""

    def __init__(self, folder: Path, max_file_bytes: int, max_files: int) -> None:
        self._folder = folder
        self._max_file_bytes = max_file_bytes
        self._max_files = max_files
        self._sources: list[Source] = []
        self._file: BinaryIO | None = None
        self._digest = hashlib.sha256()
        self._n_fields = 0
        self._fields: dict[str, list[bytes]] = {_TAGS: [], _METADATA: []}
        self._field: list[bytes] = []  # the values of the form field that comes in
        self._n_bytes = 0
        self._header = b""
        self._value = b""
        self._disposition = b""
        self.ended = False

    def callbacks(self) -> MultipartCallbacks:
        return {
            "on_part_begin": self._begin_part,
            "on_header_field": self._add_header,
            "on_header_value": self._add_value,
            "on_header_end": self._end_header,
            "on_headers_finished": self._open_part,
            "on_part_data": self._add_data,
            "on_part_end": self.close,
            "on_end": self._end,
        }

    def complete(self) -> list[Source]:
        """The files, once the body has ended properly. Raises InvalidUpload, InvalidProperties."""
        if not self.ended:
            raise InvalidUpload("the multipart body ends in the middle: upload it again")
        if not self._sources:
            raise InvalidUpload("no file is in the body: add at least one with a file name")
        properties = _properties(self._fields[_TAGS], self._fields[_METADATA])
        return [replace(source, properties=properties) for source in _told_apart(self._sources)]

    def close(self) -> None:
        if self._file is not None:
            file, self._file = self._file, None
            file.close()
            self._sources[-1] = replace(self._sources[-1], sha256=self._digest.hexdigest())

    def _begin_part(self) -> None:
        self._n_bytes = 0
        self._disposition = self._header = self._value = b""

    def _add_header(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _add_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = self._value
        self._header = self._value = b""

    def _open_part(self) -> None:
        options = parse_options_header(self._disposition)[1]
        file_name = options.get(b"filename")
        if not file_name:  # a browser sends an empty name for a file field that was left empty
            self._n_fields += 1
            if self._n_fields > MAX_FIELDS:
                raise HTTPException(413, f"more than {MAX_FIELDS} form fields besides the files")
            name = options.get(b"name", b"").decode(errors="replace")
            self._field = self._fields.get(name, [])
            self._field.append(b"")
            return
        if len(self._sources) == self._max_files:
            raise HTTPException(413, f"more than {self._max_files} files: upload them in parts")
        path = self._folder / str(len(self._sources))
        self._sources.append(Source(path, clean_name(file_name.decode(errors="replace"))))
        self._file, self._digest = path.open("xb"), hashlib.sha256()

    def _add_data(self, data: bytes, start: int, end: int) -> None:
        self._n_bytes += end - start
        if self._file is None:
            if self._n_bytes > MAX_FIELD_BYTES:
                raise HTTPException(413, f"a form field has more than {MAX_FIELD_BYTES:,} bytes")
            self._field[-1] += data[start:end]
            return
        if self._n_bytes > self._max_file_bytes:
            raise HTTPException(
                413,
                f"{self._sources[-1].name!r} has more than {self._max_file_bytes:,} bytes: "
                "split it, or raise PAGESIGHT_MAX_FILE_BYTES",
            )
        self._file.write(data[start:end])
        self._digest.update(data[start:end])

    def _end(self) -> None:
        self.ended = True
