"""Frames on the pipe from the rasterizer's child to its parent.

A frame is ``magic, header length, body length, header, body``: lengths are uint32 little endian,
the header is JSON in UTF-8, the body raw bytes. The child writes; the parent reads, believes
nothing and allocates no more than an honest frame needs. Standard library only, so that the child
starts fast.

RasterizerFault            never leaves the package
├── FrameTimeout           no whole frame within the wall time
├── EndOfFrames            the pipe was closed
├── BadFrame               bytes that an honest child does not write
└── ChildDied              the process is gone (`process.py`)
"""

from __future__ import annotations

import json
import os
import select
import struct
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

MAX_WORDS = 50_000  # of one page; more than this cannot be read on a page image
MAX_WORD_CHARACTERS = 256
MAX_LABEL_CHARACTERS = 64
MAX_PICTURES = 64  # of one page that are told of: the largest
MAX_PAGE_CHARACTERS = 1_000_000
MAX_REGIONS = 2_000  # of one page
MAX_CELLS = 20_000
MAX_FIELDS = 5_000
MAX_REMARKS = 2_000
MAX_RULES = 5_000
MAX_TICK_BOXES = 500
MAX_FIELD_CHARACTERS = 10_000  # of a label, a value, a remark
CHUNK_BYTES = 512 * 1024  # of a file that a document carries
WORD_BYTES = 21  # in the body: a box of four float32, a line number of int32, a byte of marks
MAX_HEADER_BYTES = 16 * 1024 * 1024  # all characters of a page at 4 bytes, quotes and commas

_MAGIC = b"psf1"
_PREFIX = struct.Struct("<4sII")


class RasterizerFault(Exception):
    """Root of the faults between parent and child."""


class FrameTimeout(RasterizerFault):
    """No whole frame came within the wall time."""


class EndOfFrames(RasterizerFault):
    """The pipe was closed before a whole frame came."""


class BadFrame(RasterizerFault):
    """The bytes are not a frame of an honest child."""


class SceneRules(NamedTuple):
    """Which pictures of a video are pages: the settings of those names."""

    fps: float = 1.0
    min_frames: int = 4
    max_frames: int = 240
    scene_change: float = 0.02
    least_change: float = 0.0002


class RenderRequest(NamedTuple):
    """What the child is to render and within which limits, as one JSON object.

    first_page counts from 1; the three pixel settings and `layout` are those of ``IndexerSettings``.
    With max_attachments above 0 no page is rendered: the files that the document carries are sent.
    facts_only  nothing is opened: only what the file says of itself is sent
    parts      of the first page, which alone are rendered where there are some: box in fractions of the page
                (x0, y0, x1, y1), width and height in px, whether in colour
    scenes     of a video; a list of its values once it was sent
    """

    media_type: str
    first_page: int
    page_dpi: int
    max_page_px: int
    max_side_px: int
    max_pages: int
    page_cpu_s: float
    memory_bytes: int
    layout: str = "auto"
    max_attachments: int = 0
    max_attached_bytes: int = 0
    parts: Sequence[Sequence[float]] = ()
    facts_only: bool = False
    scenes: SceneRules = SceneRules()


class Frame(NamedTuple):
    header: dict[str, Any]
    body: bytearray


def write_frame(fd: int, header: dict[str, Any], parts: Sequence[bytes] = ()) -> None:
    """Write one frame; ``parts`` are the pieces of its body."""
    header_json = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    prefix = _PREFIX.pack(_MAGIC, len(header_json), sum(map(len, parts)))
    for part in (prefix + header_json, *parts):
        unwritten = memoryview(part)
        while unwritten:
            unwritten = unwritten[os.write(fd, unwritten) :]


class FrameReader:
    """Reads frames from a pipe whose writer may be broken, slow or hostile."""

    def __init__(self, fd: int, max_body_bytes: int) -> None:
        self._fd = fd
        self._max_body_bytes = max_body_bytes
        self._poll = select.poll()
        self._poll.register(fd, select.POLLIN)

    def read(self, timeout_s: float) -> Frame:
        """Read the next frame, whole within ``timeout_s``.

        Raises FrameTimeout, EndOfFrames or BadFrame.
        """
        deadline = time.monotonic() + timeout_s
        prefix = self._exactly(_PREFIX.size, deadline)
        magic, header_bytes, body_bytes = _PREFIX.unpack(prefix)
        if magic != _MAGIC:
            raise BadFrame("not a frame")
        if header_bytes > MAX_HEADER_BYTES or body_bytes > self._max_body_bytes:
            raise BadFrame("a frame larger than any page")
        header = _parse(self._exactly(header_bytes, deadline))
        return Frame(header, self._exactly(body_bytes, deadline))

    def _exactly(self, n_bytes: int, deadline: float) -> bytearray:
        buffer = bytearray(n_bytes)
        missing = memoryview(buffer)
        while missing:
            left_ms = (deadline - time.monotonic()) * 1000
            if left_ms <= 0 or not self._poll.poll(left_ms):
                raise FrameTimeout
            n_read = os.readv(self._fd, [missing])
            if n_read == 0:
                raise EndOfFrames
            missing = missing[n_read:]
        return buffer


def _parse(header_json: bytearray) -> dict[str, Any]:
    try:
        header = json.loads(header_json)
    except (ValueError, RecursionError) as error:
        raise BadFrame("a header that is not JSON") from error
    if not isinstance(header, dict):
        raise BadFrame("a header that is not an object")
    return header
