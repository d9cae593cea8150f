"""TIFF files that lie, written field by field."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping

from PIL import Image

from tests.support.kind_files import image_bytes
from tests.support.liars import Liars

_AT = 8  # of the first directory
# Of a grey picture of 16 x 16 pixels in one strip.
_WIDTH, _HEIGHT, _BITS, _CODING, _INK, _STRIP_AT, _SAMPLES, _ROWS, _STRIP_BYTES = (
    256, 257, 258, 259, 262, 273, 277, 278, 279,
)  # fmt: skip
_TILE_WIDTH, _TILE_HEIGHT, _TILE_AT, _TILE_BYTES = 322, 323, 324, 325
_DATA_AT = 400


def tiff(
    fields: Mapping[int, int | None] | None = None, data: bytes = bytes(256), following: int = 0
) -> bytes:
    """Return a TIFF in which some fields are others than they should be; None: left out."""
    own: dict[int, int | None] = {
        _WIDTH: 16, _HEIGHT: 16, _BITS: 8, _CODING: 1, _INK: 1, _STRIP_AT: _DATA_AT, _SAMPLES: 1,
        _ROWS: 16, _STRIP_BYTES: len(data),
    }  # fmt: skip
    entries = {tag: value for tag, value in (own | dict(fields or {})).items() if value is not None}
    body = struct.pack("<H", len(entries))
    for tag, value in sorted(entries.items()):
        body += struct.pack("<HHII", tag, 4, 1, value)
    body += struct.pack("<I", following)
    return (b"II*\0" + struct.pack("<I", _AT) + body).ljust(_DATA_AT, b"\0") + data


def _frames(n: int) -> bytes:
    frames = [Image.new("1", (1, 1))] * n
    return image_bytes(frames[0], "TIFF", save_all=True, append_images=frames[1:])


def liars(url: str) -> Liars:
    """Return TIFF files."""
    swelling = zlib.compress(bytes(40_000_000))
    tiled = {_STRIP_AT: None, _ROWS: None, _STRIP_BYTES: None, _TILE_AT: _DATA_AT, _TILE_BYTES: 256}
    files = {
        "more frames than pages may be": (_frames(60), "too_many_pages"),
        "a frame that names itself as the next": (tiff(following=_AT), "indexed_with_warnings"),
        "a next frame beyond its end": (tiff(following=10**6), "indexed_with_warnings"),
        "50,000 px a side": (tiff({_WIDTH: 50_000, _HEIGHT: 50_000}), "too_large"),
        "2^32 px a side": (tiff({_WIDTH: 2**32 - 1, _HEIGHT: 2**32 - 1}), "too_large"),
        "no width": (tiff({_WIDTH: 0}), "corrupt"),
        "no width field": (tiff({_WIDTH: None}), "corrupt"),
        "pixels beyond its end": (tiff({_STRIP_AT: 10**6}), "corrupt"),
        "pixels without a place": (tiff({_STRIP_AT: None}), "corrupt"),
        "half its pixels": (tiff(data=bytes(100)), "corrupt"),
        "64 bits a sample": (tiff({_BITS: 64}), "corrupt"),
        "a thousand samples": (tiff({_SAMPLES: 1000}), "corrupt"),
        "a coding that does not exist": (tiff({_CODING: 9999}), "corrupt"),
        "LZW of noise": (tiff({_CODING: 5}, bytes(range(256))), "corrupt"),
        "deflate of noise": (tiff({_CODING: 8}, bytes(range(256))), "corrupt"),
        "JPEG of noise": (tiff({_CODING: 7}, bytes(range(256))), "corrupt"),
        "fax of noise": (tiff({_CODING: 4, _BITS: 1}, bytes(range(256))), "corrupt"),
        "pixels that swell": (tiff({_CODING: 8}, swelling), "indexed_with_warnings"),
        "tiles of 50,000 px": (
            tiff(tiled | {_TILE_WIDTH: 50_000, _TILE_HEIGHT: 50_000}), "corrupt",
        ),
        "a head alone": (tiff()[:8], "corrupt"),
        "a directory beyond its end": (b"II*\0" + struct.pack("<I", 10**8), "corrupt"),
    }  # fmt: skip
    return {name: ("a.tif", data, verdict) for name, (data, verdict) in files.items()}
