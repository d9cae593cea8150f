"""The real engine reads text that was drawn on images."""

from __future__ import annotations

import subprocess
import sys
from difflib import SequenceMatcher

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from indexer.base.pages import BOX_SCALE, PageWords
from indexer.ocr import PageReader

pytest.importorskip("rapidocr", reason="rapidocr is not installed")

PARAGRAPH = (
    "The harbour board met on Tuesday to approve the budget for dredging.",
    "Three members asked why the estimate had risen by 14 percent since",
    "March, and the engineer answered that diesel and steel cost more.",
    "A vote was taken at noon: seven in favour, two against.",
)
OTHER = (
    "Ferry tickets will be sold online",
    "from the first of June onwards.",
    "Season passes remain available at",
    "the kiosk beside the lighthouse.",
    "Dogs travel free on weekdays.",
)
AERIAL = (
    "Kites were flown along the dunes",
    "until the wind turned north at",
    "four, when judges named a winner",
    "from among the eleven pilots who",
    "had entered the contest.",
)


@pytest.fixture(scope="module")
def reader() -> PageReader:
    return PageReader(2)


def drawn(
    lines: tuple[str, ...],
    font_px: int = 22,
    at: tuple[int, int] = (60, 80),
    ink: str = "black",
    on: Image.Image | None = None,
    ground: str = "white",
) -> Image.Image:
    image = on if on is not None else Image.new("RGB", (1000, 700), ground)
    draw = ImageDraw.Draw(image)
    for row, line in enumerate(lines):
        position = (at[0], at[1] + round(1.5 * font_px * row))
        draw.text(position, line, fill=ink, font=ImageFont.load_default(font_px))
    return image


def similarity(words: PageWords, lines: tuple[str, ...]) -> float:
    """0..1, of the two sequences of words."""
    expected = " ".join(lines).split()
    return SequenceMatcher(None, expected, list(words.texts), autojunk=False).ratio()


@pytest.mark.parametrize("font_px", [14, 22, 28])
def test_text_is_read_at_several_sizes(reader, font_px):
    words = reader.read(drawn(PARAGRAPH, font_px))
    assert similarity(words, PARAGRAPH) >= 0.9
    assert words.source == "ocr"
    assert len(np.unique(words.lines)) == len(PARAGRAPH)


def test_text_on_a_dark_ground_is_read(reader):
    words = reader.read(drawn(PARAGRAPH, ink="lightyellow", ground="midnightblue"))
    assert similarity(words, PARAGRAPH) >= 0.9


def test_a_skewed_scan_with_noise_is_read(reader):
    scan = drawn(PARAGRAPH).convert("L").rotate(3, fillcolor=255, resample=Image.Resampling.BICUBIC)
    noise = np.random.default_rng(0).normal(0, 12, (scan.height, scan.width))
    noisy = np.clip(np.asarray(scan) - 15 + noise, 0, 255).astype(np.uint8)
    words = reader.read(Image.fromarray(noisy))
    assert similarity(words, PARAGRAPH) >= 0.9


def test_two_columns_are_read_one_after_the_other(reader):
    image = drawn(OTHER, at=(60, 80))
    drawn(AERIAL, at=(540, 92), on=image)
    assert similarity(reader.read(image), OTHER + AERIAL) >= 0.9


def test_a_large_image_is_read_like_its_small_self(reader):
    small = drawn(PARAGRAPH, 24)
    large = small.resize((3000, 2100), Image.Resampling.LANCZOS)
    assert similarity(reader.read(large), PARAGRAPH) >= 0.9


def test_a_till_receipt_stays_legible(reader):
    strip = Image.new("RGB", (330, 3600), "white")
    items = tuple(f"{name} {price}.50" for price, name in enumerate(["Milk", "Bread", "Tea"] * 15))
    drawn(items, 16, at=(20, 40), on=strip)
    assert similarity(reader.read(strip), items) >= 0.9


def test_boxes_lie_on_the_ink(reader):
    image = drawn(PARAGRAPH)
    dark = np.asarray(image.convert("L")) < 128
    covered = np.zeros_like(dark)
    height, width = dark.shape
    words = reader.read(image)
    for x0, y0, x1, y1 in words.boxes / BOX_SCALE * np.array([width, height, width, height]):
        inside = dark[round(y0) : round(y1) + 1, round(x0) : round(x1) + 1]
        assert inside.any()
        covered[round(y0) : round(y1) + 1, round(x0) : round(x1) + 1] = True
    assert (dark & covered).sum() >= 0.97 * dark.sum()
    assert covered.mean() < 0.35


def test_each_box_belongs_to_its_own_word(reader):
    """The left edges agree with the typesetter's to within one letter."""
    words = reader.read(drawn(PARAGRAPH[:1]))
    draw = ImageDraw.Draw(Image.new("RGB", (8, 8)))
    font = ImageFont.load_default(22)
    expected = PARAGRAPH[0].split()
    assert list(words.texts) == expected
    for n, box in enumerate(words.boxes):
        before = " ".join([*expected[:n], ""])
        left = 60 + draw.textlength(before, font=font)
        assert abs(box[0] / BOX_SCALE * 1000 - left) < 13


def test_images_read_in_parallel_give_the_same_as_one_by_one(reader):
    images = [drawn(PARAGRAPH), drawn(OTHER, 18), Image.new("RGB", (400, 300), "white")]
    together = reader.read_many(images)
    alone = [reader.read(image) for image in images]
    assert [w.to_bytes() for w in together] == [w.to_bytes() for w in alone]


@pytest.mark.parametrize("size", [(1000, 700), (3, 2000), (2000, 3), (1, 1)])
def test_an_image_without_words_gives_none(reader, size):
    words = reader.read(Image.new("RGB", size, "white"))
    assert len(words) == 0
    assert words.source == "none"


def test_reading_is_silent_and_touches_no_network():
    code = (
        "import socket\n"
        "def refuse(*_, **__): raise AssertionError('the network was used')\n"
        "socket.socket.connect = socket.getaddrinfo = refuse\n"
        "from PIL import Image, ImageDraw, ImageFont\n"
        "from indexer.ocr import PageReader\n"
        "image = Image.new('RGB', (500, 120), 'white')\n"
        "font = ImageFont.load_default(28)\n"
        "ImageDraw.Draw(image).text((30, 40), 'Gross margin 41', fill=0, font=font)\n"
        "assert PageReader(1).read(image).texts == ('Gross', 'margin', '41')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
