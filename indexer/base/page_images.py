"""Encode page images as they are stored (WebP), open them, and turn them into JPEG for other programs.

A stored page image holds a small one, in a chunk of its own that other readers pass over: lists of pages show
dozens of them, and to make one takes the decoding of the whole.

Pillow is imported at the first image: light programs import this module, too.
"""

from __future__ import annotations

from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING

from indexer.base.errors import DamagedFile
from indexer.base.pages import FractionBox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL.Image import Image

SMALL_WIDTH_PX = 320
_SMALL_QUALITY = 70
_SMALL_CHUNK = b"PSsm"
_WEBP_QUALITY = 80
_WEBP_EFFORT = 0  # 0..6: a third of the CPU time of Pillow's default 4 for a fifth more bytes
_RIFF_BYTES = 12  # "RIFF", how many bytes follow, "WEBP"
_EXCERPT_QUALITY = 82
_MODEL_QUALITY = 90  # small type stays legible


def encode_page_image(image: Image) -> bytes:
    """Encode a page image as it is stored: WebP."""
    out = BytesIO()
    image.save(out, "WEBP", quality=_WEBP_QUALITY, method=_WEBP_EFFORT)
    return out.getvalue()


def encode_stored_image(image: Image) -> bytes:
    """Encode a page image as it is stored: WebP, a small one within where it is wider."""
    from PIL.Image import Resampling

    if image.width <= SMALL_WIDTH_PX:
        return encode_page_image(image)
    size = SMALL_WIDTH_PX, max(1, round(image.height * SMALL_WIDTH_PX / image.width))
    small = BytesIO()
    image.resize(size, Resampling.HAMMING, reducing_gap=1.1).save(
        small, "WEBP", quality=_SMALL_QUALITY, method=_WEBP_EFFORT
    )
    chunks = encode_page_image(image)[_RIFF_BYTES:]
    if not chunks.startswith(
        b"VP8X"
    ):  # the simple form of WebP, which has no place for other chunks
        extents = b"".join((edge - 1).to_bytes(3, "little") for edge in image.size)
        chunks = _chunk(b"VP8X", bytes(4) + extents) + chunks
    body = b"WEBP" + chunks + _chunk(_SMALL_CHUNK, small.getvalue())
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def small_image_within(data: bytes) -> bytes | None:
    """Return the small image, SMALL_WIDTH_PX wide, of a stored page image; None for one without.

    It is not looked at, but for its place: what is stored was compared with its sum when it was read.
    """
    at = _RIFF_BYTES
    while at + 8 <= len(data):
        n_bytes = int.from_bytes(data[at + 4 : at + 8], "little")
        if data[at : at + 4] == _SMALL_CHUNK:
            return data[at + 8 : at + 8 + n_bytes]
        at += 8 + n_bytes + n_bytes % 2
    return None


def open_page_image(data: bytes, width_px: int | None = None) -> Image:
    """Open a stored page image, `width_px` wide where it is wider. Raises DamagedFile."""
    from PIL.Image import Resampling

    with _stored_image(data) as image:
        if width_px is None or width_px >= image.width:
            image.load()
            return image
        height = max(1, round(image.height * width_px / image.width))
        return image.resize((width_px, height), Resampling.LANCZOS, reducing_gap=3.0)


def jpeg_excerpt(data: bytes, max_edge_px: int, region: FractionBox | None = None) -> bytes:
    """Return a stored page image, or one region of it, as JPEG. Raises DamagedFile.

    max_edge_px  longest edge of the JPEG
    """
    from PIL.Image import Resampling

    image = open_excerpt(data, region)
    image.thumbnail((max_edge_px, max_edge_px), Resampling.LANCZOS, reducing_gap=3.0)
    return jpeg_of(image)


def open_excerpt(data: bytes, region: FractionBox | None = None) -> Image:
    """Open a stored page image, or one region of it, in RGB. Raises DamagedFile."""
    with _stored_image(data) as webp:
        image = webp.convert("RGB")
    return image if region is None else image.crop(_region_px(region, image.width, image.height))


def jpeg_of(image: Image) -> bytes:
    """Encode an image for programs that read no WebP."""
    return _jpeg(image, _EXCERPT_QUALITY)


def jpeg_for_model(data: bytes, max_pixels: int) -> bytes:
    """Return any image as JPEG, which every answer server reads; scaled down to `max_pixels` in all."""
    from PIL import Image

    with Image.open(BytesIO(data)) as picture:
        page = picture.convert("RGB")
    scale = (max_pixels / (page.width * page.height)) ** 0.5
    if scale < 1:
        size = (max(int(page.width * scale), 1), max(int(page.height * scale), 1))
        page = page.resize(size, Image.Resampling.LANCZOS)
    return _jpeg(page, _MODEL_QUALITY)


@contextmanager
def _stored_image(data: bytes) -> Iterator[Image]:
    """Open WebP; a decoder's error inside the block becomes DamagedFile."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(BytesIO(data), formats=["WEBP"]) as image:
            yield image
    except (UnidentifiedImageError, OSError) as error:
        raise DamagedFile("a page image is damaged: run `pagesight verify --repair`") from error


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + len(data).to_bytes(4, "little") + data + bytes(len(data) % 2)


def _jpeg(image: Image, quality: int) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def _region_px(region: FractionBox, width: int, height: int) -> tuple[int, int, int, int]:
    """Return a region in pixels, at least one of them wide and high."""
    x0, x1 = sorted((region[0], region[2]))
    y0, y1 = sorted((region[1], region[3]))
    left, top = min(int(x0 * width), width - 1), min(int(y0 * height), height - 1)
    return left, top, max(round(x1 * width), left + 1), max(round(y1 * height), top + 1)
