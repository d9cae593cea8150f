"""Page images as agents take them: JPEG, no longer than vision models read."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, UnidentifiedImageError

from indexer.base.errors import DamagedFile
from indexer.base.pages import FractionBox

_QUALITY = 82


def jpeg_of(webp: bytes, max_px: int, region: FractionBox | None = None) -> bytes:
    """A page image, or one box of it, with at most `max_px` on its longest edge. Raises DamagedFile."""
    try:
        with Image.open(BytesIO(webp), formats=["WEBP"]) as stored:
            image = stored.convert("RGB")
    except (UnidentifiedImageError, OSError) as error:
        raise DamagedFile("a page image is damaged: run `pagesight verify --repair`") from error
    if region is not None:
        image = image.crop(_pixels(region, image.width, image.height))
    image.thumbnail((max_px, max_px), Image.Resampling.LANCZOS, reducing_gap=3.0)
    out = BytesIO()
    image.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def _pixels(region: FractionBox, width: int, height: int) -> tuple[int, int, int, int]:
    """The box in pixels, at least one of them wide and high."""
    x0, x1 = sorted((region[0], region[2]))
    y0, y1 = sorted((region[1], region[3]))
    left, top = min(int(x0 * width), width - 1), min(int(y0 * height), height - 1)
    return left, top, max(round(x1 * width), left + 1), max(round(y1 * height), top + 1)
