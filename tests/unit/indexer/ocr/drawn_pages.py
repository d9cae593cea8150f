"""Pages drawn for tests of OCR, with the words a text layer would give for them."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from indexer.base.pages import FractionBox, PageWords, RenderedPage, boxes_from_fractions

A4_PX = (700, 990)


def words_of(
    *lines: list[tuple[str, FractionBox]], source: str = "text", first_line: int = 0
) -> PageWords:
    """Words with page-fraction boxes, one list for each line."""
    flat = [(word, box, n) for n, line in enumerate(lines, first_line) for word, box in line]
    return PageWords(
        texts=tuple(word for word, _, _ in flat),
        boxes=boxes_from_fractions(np.array([box for _, box, _ in flat]).reshape(-1, 4)),
        lines=np.array([n for _, _, n in flat], np.int32),
        source=source,
    )


def printed(*texts: str, top_px: int = 40, font_px: int = 18) -> tuple[Image.Image, PageWords]:
    """A white page with one line for each text, and the words a text layer would give for it."""
    image = Image.new("RGB", A4_PX, "white")
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(font_px)
    lines = []
    for row, text in enumerate(texts):
        x, y = 40.0, top_px + 1.6 * font_px * row
        line = []
        for word in text.split():
            draw.text((x, y), word, fill="black", font=font)
            x1 = x + draw.textlength(word, font=font)
            bottom = y + 1.2 * font_px
            line.append((word, (x / A4_PX[0], y / A4_PX[1], x1 / A4_PX[0], bottom / A4_PX[1])))
            x = x1 + 0.3 * font_px
        lines.append(line)
    return image, words_of(*lines)


def page_of(image: Image.Image, words: PageWords | None = None, **facts: float) -> RenderedPage:
    """A page of A4 as the rasterizer gives it."""
    layer = words if words is not None else PageWords()
    return RenderedPage(1, "1", 595.0, 842.0, image, layer, **facts)  # type: ignore[arg-type]
