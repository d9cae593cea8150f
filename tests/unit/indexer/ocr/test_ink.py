"""Where a page has ink that its words do not account for."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from indexer.base.pages import PageWords
from indexer.ocr.ink import ink_outside
from tests.unit.indexer.ocr.drawn_pages import A4_PX, printed

NO_BOXES = PageWords().boxes


def test_a_blank_page_of_any_colour_has_none():
    for colour in ("white", "navy"):
        assert ink_outside(Image.new("RGB", A4_PX, colour), NO_BOXES).areas == []


def test_a_page_whose_words_are_all_known_has_none():
    image, words = printed(*["A sentence of a page whose text layer is complete."] * 20)
    assert ink_outside(image, words.boxes).areas == []
    assert len(ink_outside(image, NO_BOXES).areas) >= 1


def test_rules_frames_bars_and_gradients_are_none():
    image = Image.new("RGB", A4_PX, "white")
    draw = ImageDraw.Draw(image)
    draw.line((40, 100, 660, 100), fill="black", width=1)
    draw.rectangle((100, 200, 600, 400), outline="black", width=2)
    for bar in range(6):
        draw.rectangle((60 + 90 * bar, 600, 120 + 90 * bar, 850), fill="green")
    ramp = np.tile(np.linspace(0, 255, 400, dtype=np.uint8)[:, None, None], (1, 80, 3))
    image.paste(Image.fromarray(ramp), (600, 450))
    assert ink_outside(image, NO_BOXES).areas == []


def test_scanner_noise_is_none():
    rng = np.random.default_rng(0)
    noise = Image.fromarray(rng.normal(235, 6, (990, 700)).clip(0, 255).astype(np.uint8))
    assert ink_outside(noise.convert("RGB"), NO_BOXES).areas == []


def test_a_picture_of_words_beside_known_text_is_the_only_area():
    image, words = printed(*["A sentence of a page whose text layer is complete."] * 6)
    font = ImageFont.load_default(16)
    ImageDraw.Draw(image).text((300, 600), "Porto 518 t/day", fill="darkred", font=font)
    (area,) = ink_outside(image, words.boxes).areas
    x0, y0, x1, y1 = area.box
    assert x0 < 300 / 700 < x1
    assert y0 < 608 / 990 < y1
    assert (x1 - x0) * (y1 - y0) < 0.1


def test_light_print_on_a_dark_ground_is_ink():
    image = Image.new("RGB", A4_PX, "midnightblue")
    font = ImageFont.load_default(20)
    ImageDraw.Draw(image).text((100, 500), "Revenue of the year", fill="lightyellow", font=font)
    assert len(ink_outside(image, NO_BOXES).areas) == 1


def test_areas_that_fill_a_page_become_one():
    image, _ = printed(*["A sentence that is on the page and in no layer, wide enough."] * 30)
    (area,) = ink_outside(image, NO_BOXES).areas
    assert (area.box[2] - area.box[0]) * (area.box[3] - area.box[1]) > 0.6
