"""Pictures that lie."""

from __future__ import annotations

import struct
import zlib

from tests.support.kind_files import image_bytes, picture_of
from tests.support.liars import Liars

_PICTURE = picture_of("x", size=(200, 100))
_PNG, _JPEG, _GIF, _BMP, _WEBP = (
    image_bytes(_PICTURE, form) for form in ("PNG", "JPEG", "GIF", "BMP", "WEBP")
)
_HEAD_BYTES = 33  # of a PNG: its mark and its first chunk


def chunk(name: bytes, data: bytes) -> bytes:
    """Return a chunk of a PNG."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_of_size(width_px: int, height_px: int, rest: bytes = _PNG[_HEAD_BYTES:]) -> bytes:
    """Return a PNG whose head says a size for which it has no pixels."""
    head = struct.pack(">II5B", width_px, height_px, 8, 2, 0, 0, 0)
    return _PNG[:8] + chunk(b"IHDR", head) + rest


def _jpeg_of_size(width_px: int, height_px: int) -> bytes:
    at = _JPEG.index(b"\xff\xc0") + 5
    return _JPEG[:at] + struct.pack(">HH", height_px, width_px) + _JPEG[at + 4 :]


def _with_chunk(name: bytes, data: bytes) -> bytes:
    return _PNG[:_HEAD_BYTES] + chunk(name, data) + _PNG[_HEAD_BYTES:]


def liars(url: str) -> Liars:
    """Return pictures other than TIFF."""
    bomb = zlib.compress(bytes(40_000_000))
    black = png_of_size(14_000, 14_000, chunk(b"IDAT", bomb) + chunk(b"IEND", b""))
    return {
        "50,000 px a side": ("a.png", png_of_size(50_000, 50_000), "too_large"),
        "2^31 px a side": ("a.png", png_of_size(2**31 - 1, 2**31 - 1), "too_large"),
        "no width": ("a.png", png_of_size(0, 10), "corrupt"),
        "a PNG without its pixels": ("a.png", _PNG[:60], "corrupt"),
        "a head alone": ("a.png", _PNG[:_HEAD_BYTES], "corrupt"),
        "a wrong checksum": ("a.png", _PNG[:29] + b"abcd" + _PNG[33:], "corrupt"),
        "pixels that swell": ("a.png", black, "corrupt"),
        "text that swells": ("a.png", _with_chunk(b"zTXt", b"k\0\0" + bomb), "corrupt"),
        "a profile that swells": ("a.png", _with_chunk(b"iCCP", b"k\0\0" + bomb), "corrupt"),
        "a million pictures": (
            "a.png", _with_chunk(b"acTL", struct.pack(">II", 10**6, 0)), "indexed",
        ),
        "65,500 px a side": ("a.jpg", _jpeg_of_size(65_500, 65_500), "too_large"),
        "a JPEG of no size": ("a.jpg", _jpeg_of_size(0, 0), "corrupt"),
        "half a JPEG": ("a.jpg", _JPEG[: len(_JPEG) // 2], "indexed_with_warnings"),
        "a JPEG of noise": ("a.jpg", b"\xff\xd8\xff" + bytes(range(256)) * 8, "corrupt"),
        "a PNG named JPEG": ("a.jpg", _PNG, "indexed"),
        "a GIF of 65,535 px": ("a.gif", _GIF[:6] + b"\xff\xff\xff\xff" + _GIF[10:], "too_large"),
        "half a GIF": ("a.gif", _GIF[: len(_GIF) // 2], "corrupt"),
        "a WebP of 16,384 px": (
            "a.webp",
            _WEBP[:12] + b"VP8X\x0a\0\0\0" + bytes(4) + b"\xff\x3f\0" * 2,
            "corrupt",
        ),
        "half a WebP": ("a.webp", _WEBP[: len(_WEBP) // 2], "corrupt"),
        "a BMP of 2^31 px": ("a.bmp", _BMP[:18] + b"\xff\xff\xff\x7f" * 2 + _BMP[26:], "too_large"),
        "a BMP of nothing": ("a.bmp", _BMP[:40], "corrupt"),
    }  # fmt: skip
