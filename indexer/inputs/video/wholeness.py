"""Tell a video that was cut off, as by a download that broke, by the lengths that its parts state."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

_SEGMENT = 0x18538067  # of Matroska: what holds all else
_MOST_BOXES = 100_000


def is_cut_short(path: str, media_type: str) -> bool:
    """Whether the last part of the file is to go on behind its end."""
    with Path(path).open("rb") as file:
        n_bytes = file.seek(0, 2)
        file.seek(0)
        if media_type in ("video/mp4", "video/quicktime"):
            return _end_of_boxes(file, n_bytes) > n_bytes
        return _end_of_segment(file) > n_bytes


def _end_of_boxes(file: BinaryIO, n_bytes: int) -> int:
    """Return where the last box ends, which begins within the file. Of length 0 it ends with the file."""
    end = 0
    for _ in range(_MOST_BOXES):
        file.seek(end)
        head = file.read(16)
        if len(head) < 8:
            break
        (length,) = struct.unpack_from(">I", head)
        if length == 1 and len(head) == 16:
            (length,) = struct.unpack_from(">Q", head, 8)
        if length < 8:
            return n_bytes
        end += length
    return end


def _end_of_segment(file: BinaryIO) -> int:
    """Return where the segment ends; 0 where the file does not say it, as of a recording that goes on."""
    _number(file, keeps_mark=True)
    head_bytes = _number(file)
    if head_bytes is None:
        return 0
    file.seek(head_bytes, 1)
    is_segment = _number(file, keeps_mark=True) == _SEGMENT
    n_bytes = _number(file)
    return file.tell() + n_bytes if is_segment and n_bytes is not None else 0


def _number(file: BinaryIO, *, keeps_mark: bool = False) -> int | None:
    """Read a number of EBML, whose first bits say how long it is (RFC 8794); None: it is not known."""
    first = file.read(1)
    if not first or not first[0]:
        return None
    n_bytes = 9 - first[0].bit_length()
    number = int.from_bytes(first + file.read(n_bytes - 1))
    n_bits = 7 * n_bytes
    if keeps_mark:
        return number
    number &= (1 << n_bits) - 1
    return None if number == (1 << n_bits) - 1 else number
