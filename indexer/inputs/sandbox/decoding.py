"""Decode page frames. The child is not trusted: every size and number is checked here.

Dimension key: W words.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.base import word_marks
from indexer.base.page_names import clock_time
from indexer.base.pages import PagePicture, PageWords, RenderedPage, boxes_from_fractions
from indexer.base.settings import IndexerSettings
from indexer.inputs.sandbox.frames import (
    MAX_LABEL_CHARACTERS,
    MAX_PICTURES,
    MAX_WORDS,
    WORD_BYTES,
    BadFrame,
    Frame,
)

_MAX_SIZE_PT = 1e9
_MOST_S = 1e6


def decode_page(frame: Frame, page_number: int, settings: IndexerSettings) -> RenderedPage:
    """Return the page that ``frame`` carries. Raises BadFrame when the child may not send it."""
    from PIL import Image

    header = frame.header
    label = header.get("label")
    if not isinstance(label, str) or not 0 < len(label) <= MAX_LABEL_CHARACTERS:
        raise BadFrame("a page without a label")
    width_pt, height_pt = _pair(header, "size_pt", (int, float))
    width_px, height_px = _pair(header, "size_px", int)
    coverage = header.get("coverage")
    if not isinstance(coverage, int | float) or not 0 <= coverage <= 1:
        raise BadFrame("an impossible share of images")
    if not (0 < width_pt < _MAX_SIZE_PT and 0 < height_pt < _MAX_SIZE_PT):
        raise BadFrame("an impossible page size")
    if not _within_caps(width_px, height_px, settings):
        raise BadFrame("an image larger than allowed")
    n_pixel_bytes = 3 * width_px * height_px
    if len(frame.body) < n_pixel_bytes:
        raise BadFrame("fewer pixels than its header says")
    time_s = _time_s(header.get("time_s"))
    words = _decode_words(header.get("texts"), memoryview(frame.body)[n_pixel_bytes:])
    pixels = memoryview(frame.body)[:n_pixel_bytes]
    return RenderedPage(
        page_number=page_number,
        label=_utf8(label) if time_s is None else clock_time(time_s),
        width_pt=float(width_pt),
        height_pt=float(height_pt),
        image=Image.frombytes("RGB", (width_px, height_px), pixels),
        words=words,
        image_coverage=float(coverage),
        pictures=_decode_pictures(header.get("pictures")),
        invisible_text=_share(header.get("invisible")),
        time_s=time_s,
    )


def _time_s(value: Any) -> float | None:
    if value is None:
        return None
    if not isinstance(value, int | float) or not 0 <= value < _MOST_S:
        raise BadFrame("an impossible time")
    return round(float(value), 3)


def _share(value: Any) -> float:
    if not isinstance(value, int | float) or not 0 <= value <= 1:
        raise BadFrame("an impossible share of letters")
    return float(value)


def _decode_pictures(pictures: Any) -> tuple[PagePicture, ...]:
    """Decode boxes in fractions of the page, each with pixels per inch."""
    if not isinstance(pictures, list) or len(pictures) > MAX_PICTURES:
        raise BadFrame("no list of pictures")
    page_pictures: list[PagePicture] = []
    for picture in pictures:
        if not (
            isinstance(picture, list)
            and len(picture) == 5
            and all(isinstance(part, int | float) and math.isfinite(part) for part in picture)
        ):
            raise BadFrame("a picture without a place")
        x0, y0, x1, y1, dpi = map(float, picture)
        if not (0 <= x0 <= x1 <= 1 and 0 <= y0 <= y1 <= 1 and dpi > 0):
            raise BadFrame("an impossible picture")
        page_pictures.append(PagePicture((x0, y0, x1, y1), dpi))
    return tuple(page_pictures)


def _within_caps(width_px: int, height_px: int, settings: IndexerSettings) -> bool:
    return (
        1 <= width_px <= settings.max_side_px
        and 1 <= height_px <= settings.max_side_px
        and width_px * height_px <= settings.max_page_px
    )


def _pair(header: dict[str, Any], name: str, kind: Any) -> tuple[Any, Any]:
    value = header.get(name)
    if not (
        isinstance(value, list)
        and len(value) == 2
        and all(isinstance(part, kind) and math.isfinite(part) for part in value)
    ):
        raise BadFrame(f"no {name}")
    return value[0], value[1]


def _utf8(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise BadFrame("text that is not Unicode") from error
    if "\0" in text:
        raise BadFrame("text with a NUL")
    return text


def _decode_words(texts: Any, body: memoryview) -> PageWords:
    """Decode a body: boxes (W, 4) float32 in fractions of the page, lines (W,) int32, marks (W,) uint8."""
    if not isinstance(texts, list) or set(map(type, texts)) - {str}:
        raise BadFrame("no words")
    n_words = len(texts)
    if n_words > MAX_WORDS or len(body) != WORD_BYTES * n_words:
        raise BadFrame("a body that does not fit its header")
    if _utf8(" ".join(texts)).split() != texts:
        raise BadFrame("a word that is empty or holds white space")
    if not n_words:
        return PageWords()
    fractions = np.frombuffer(body[: 16 * n_words], np.float32).reshape(-1, 4)
    lines = np.frombuffer(body[16 * n_words : 20 * n_words], np.int32)
    marks = np.frombuffer(body[20 * n_words :], np.uint8)
    if (marks & ~np.uint8(word_marks.ALL)).any():
        raise BadFrame("words with marks that do not exist")
    if not _plausible(fractions, lines):
        raise BadFrame("words without a place on the page")
    return PageWords(
        tuple(texts), boxes_from_fractions(fractions), lines.copy(), "text", marks.copy()
    )


def _plausible(fractions: NDArray[np.float32], lines: NDArray[np.int32]) -> bool:
    inside = bool(np.all((fractions >= 0) & (fractions <= 1)))  # false for NaN
    corners_in_order = bool(np.all(fractions[:, :2] <= fractions[:, 2:]))
    return (
        inside
        and corners_in_order
        and bool(lines[0] >= 0)
        and bool(np.all(lines[1:] >= lines[:-1]))
    )
