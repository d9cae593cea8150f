"""Send the files that a file carries, in the child."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from indexer.inputs.kind import CarriedFile, FileLook
from indexer.inputs.pdf.attempts import Failure, attempt
from indexer.inputs.registry import media_type_of
from indexer.inputs.sandbox import confinement
from indexer.inputs.sandbox.frames import CHUNK_BYTES, RenderRequest, write_frame

_MEMORY_SHARE = 0.25  # of the child's memory that one file may fill


def send_files(out: int, files: Iterable[CarriedFile], request: RenderRequest) -> None:
    """Write every file as a frame that tells of it and, where it can be read, frames of its bytes."""
    bytes_left = request.max_attached_bytes
    most_bytes = int(_MEMORY_SHARE * request.memory_bytes)
    n_more = 0
    for position, file in enumerate(files):
        if position >= request.max_attachments:
            n_more += 1
            continue
        confinement.allow_cpu(request.page_cpu_s)
        content = attempt(partial(file.content, min(bytes_left, most_bytes)))
        header: dict[str, Any] = {"kind": "attachment", "name": file.name}
        if isinstance(content, Failure):
            write_frame(
                out, header | {"problem": content.reason[:200], "n_bytes": 0, "sent": False}
            )
            continue
        is_readable = media_type_of(FileLook.of_bytes(content, file.name)) is not None
        is_sent = is_readable and len(content) <= bytes_left
        header |= {
            "problem": "",
            "n_bytes": len(content),
            "is_readable": is_readable,
            "sent": is_sent,
        }
        write_frame(out, header)
        for start in range(0, len(content) if is_sent else 0, CHUNK_BYTES):
            write_frame(out, {"kind": "bytes"}, [content[start : start + CHUNK_BYTES]])
        bytes_left -= len(content) if is_sent else 0
    write_frame(out, {"kind": "end", "n_more": n_more})
