"""Turns page images into JPEG: not every answer server reads WebP."""

from __future__ import annotations

import io

_QUALITY = 90  # small type stays legible


def as_jpeg(image: bytes, max_pixels: int) -> bytes:
    """Encode any image as JPEG, scaled down to `max_pixels` where it has more."""
    from PIL import Image

    with Image.open(io.BytesIO(image)) as source:
        page = source.convert("RGB")
    scale = (max_pixels / (page.width * page.height)) ** 0.5
    if scale < 1:
        size = (max(int(page.width * scale), 1), max(int(page.height * scale), 1))
        page = page.resize(size, Image.Resampling.LANCZOS)
    out = io.BytesIO()
    page.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()
