"""Opens stored page images and makes them narrower."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, UnidentifiedImageError

from indexer.base.errors import DamagedFile


def open_page_image(data: bytes, width_px: int | None = None) -> Image.Image:
    """Return a stored page image (WebP), scaled down to `width_px` where it is wider. Raises DamagedFile."""
    try:
        with Image.open(BytesIO(data), formats=["WEBP"]) as image:
            if width_px is None or width_px >= image.width:
                image.load()
                return image
            height = max(1, round(image.height * width_px / image.width))
            return image.resize((width_px, height), Image.Resampling.LANCZOS, reducing_gap=3.0)
    except (UnidentifiedImageError, OSError) as error:
        raise DamagedFile("a page image is damaged: run `pagesight verify --repair`") from error
