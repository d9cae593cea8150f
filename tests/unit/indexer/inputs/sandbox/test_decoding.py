"""Page frames that lie, one lie at a time."""

from __future__ import annotations

from array import array
from typing import Any

import pytest

from indexer.base.settings import IndexerSettings
from indexer.inputs.sandbox.decoding import decode_page
from indexer.inputs.sandbox.frames import BadFrame, Frame

SETTINGS = IndexerSettings(max_page_px=100, max_side_px=20)
PIXELS = bytes(range(3 * 4 * 2))
NAN = float("nan")


def frame(
    boxes: tuple[float, ...] = (0.0, 0.0, 0.5, 0.5, 0.5, 0.0, 1.0, 0.5),
    lines: tuple[int, ...] = (0, 0),
    marks: tuple[int, ...] | None = None,
    pixels: bytes = PIXELS,
    **changed: Any,
) -> Frame:
    header = {
        "label": "iv",
        "size_pt": [40.0, 20.0],
        "size_px": [4, 2],
        "coverage": 0.25,
        "pictures": [[0.0, 0.5, 1.0, 1.0, 150.0]],
        "invisible": 0.5,
        "texts": ["two", "words"],
    }
    body = pixels + array("f", boxes).tobytes() + array("i", lines).tobytes()
    body += bytes(marks or [0] * len(lines))
    return Frame(header | changed, bytearray(body))


def test_an_honest_frame_becomes_a_page() -> None:
    page = decode_page(frame(), 4, SETTINGS)
    assert (page.page_number, page.label, page.image_coverage) == (4, "iv", 0.25)
    assert (page.width_pt, page.height_pt) == (40.0, 20.0)
    assert page.pictures == (((0.0, 0.5, 1.0, 1.0), 150.0),)
    assert page.invisible_text == 0.5
    assert page.image.mode == "RGB"
    assert page.image.size == (4, 2)
    assert page.image.tobytes() == PIXELS
    assert page.words.source == "text"
    assert page.words.text() == "two words"
    assert page.words.boxes.tolist() == [[0, 0, 32768, 32768], [32768, 0, 65535, 32768]]


def test_a_page_without_words_says_so() -> None:
    words = decode_page(frame(boxes=(), lines=(), texts=[]), 1, SETTINGS).words
    assert len(words) == 0
    assert words.source == "none"


@pytest.mark.parametrize(
    "lie",
    [
        {"label": ""},
        {"label": 7},
        {"label": "x" * 65},
        {"label": "\ud800"},
        {"size_pt": [40.0]},
        {"size_pt": [0.0, 20.0]},
        {"size_pt": [NAN, 20.0]},
        {"size_pt": ["40", "20"]},
        {"size_px": [5, 2]},
        {"size_px": [4.0, 2.0]},
        {"size_px": [-4, -2]},
        {"size_px": [0, 0]},
        {"size_px": [21, 1], "pixels": bytes(63)},
        {"size_px": [11, 10], "pixels": bytes(330)},
        {"size_px": [10**9, 10**9]},
        {"pixels": PIXELS[:-1]},
        {"pixels": PIXELS[:-1], "boxes": (), "lines": (), "texts": []},
        {"pixels": PIXELS + b"x"},
        {"pictures": None},
        {"pictures": [[0.0, 0.5, 1.0, 1.0, 150.0]] * 65},
        {"pictures": [[0.0, 0.5, 1.0, 1.0]]},
        {"pictures": [[0.0, 0.5, 1.0, "1", 150.0]]},
        {"pictures": [[0.0, 0.5, 1.0, 1.0, NAN]]},
        {"pictures": [[0.0, 0.5, 1.5, 1.0, 150.0]]},
        {"pictures": [[0.0, 0.5, 1.0, 0.4, 150.0]]},
        {"pictures": [[0.0, 0.5, 1.0, 1.0, 0.0]]},
        {"invisible": None},
        {"invisible": 1.5},
        {"invisible": NAN},
        {"coverage": 1.5},
        {"coverage": NAN},
        {"coverage": None},
        {"marks": (0, 128)},
        {"texts": None},
        {"texts": ["one"]},
        {"texts": ["two", 2]},
        {"texts": ["two", ""]},
        {"texts": ["two words", "words"]},
        {"texts": ["two", "w\0rds"]},
        {"texts": ["two", "\udfff"]},
        {"boxes": (NAN, 0, 1, 1, 0, 0, 1, 1)},
        {"boxes": (0, 0, 1.5, 1, 0, 0, 1, 1)},
        {"boxes": (0.5, 0, 0.2, 1, 0, 0, 1, 1)},
        {"lines": (1, 0)},
        {"lines": (-1, 0)},
        {"lines": (0,)},
    ],
    ids=str,
)
def test_a_lie_is_not_believed(lie: dict[str, Any]) -> None:
    with pytest.raises(BadFrame):
        decode_page(frame(**lie), 1, SETTINGS)
