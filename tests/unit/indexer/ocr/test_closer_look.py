"""What of a page is read again with more pixels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from indexer.base.pages import PagePicture
from indexer.ocr.closer_look import (
    is_large_sheet,
    look_at_small_print,
    look_at_unread,
    page_dpi,
    with_replacements,
)
from indexer.ocr.printed_lines import PrintedLine
from tests.unit.indexer.ocr.drawn_pages import page_of

A4_AT_120_DPI = page_of(Image.new("RGB", (992, 1403), "white"))
SEARCHED = 0.73


def line(text: str, x0: float, y0: float, height: float, score: float = 0.99) -> PrintedLine:
    x1, y1 = x0 + 8 * height, y0 + height
    return PrintedLine(np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]]), 0, text, score)


def test_print_of_an_ordinary_size_is_not_looked_at_again():
    lines = [line("ordinary", 100, 100 + 40 * n, 24) for n in range(5)]
    assert look_at_small_print(A4_AT_120_DPI, lines, len(lines), [], SEARCHED, 10**8) is None


def test_small_print_is_enlarged_where_it_stands():
    lines = [line("ordinary", 100, 100, 24), line("small", 100, 1200, 10)]
    look = look_at_small_print(A4_AT_120_DPI, lines, len(lines), [], SEARCHED, 10**8)
    assert look is not None
    assert look.scale == pytest.approx(300 / page_dpi(A4_AT_120_DPI))
    (region,) = look.parts
    assert region.box[1] < 1200 / 1403 < region.box[3]
    assert region.box[3] - region.box[1] < 0.05


def test_a_line_that_was_read_badly_is_looked_at_sooner():
    badly = [line("d0ubtfvl", 100, 100, 20, score=0.7)]
    well = [line("doubtful", 100, 100, 20)]
    assert look_at_small_print(A4_AT_120_DPI, badly, len(badly), [], SEARCHED, 10**8) is not None
    assert look_at_small_print(A4_AT_120_DPI, well, len(well), [], SEARCHED, 10**8) is None


def test_a_picture_without_more_pixels_is_not_enlarged():
    small = [line("small", 100, 1200, 10)]
    whole = (0.0, 0.0, 1.0, 1.0)
    for dpi, is_looked_at in ((110.0, False), (200.0, True)):
        page = replace(A4_AT_120_DPI, pictures=(PagePicture(whole, dpi),))
        look = look_at_small_print(page, small, len(small), [], SEARCHED, 10**8)
        assert (look is not None) is is_looked_at


def test_a_budget_of_pixels_bounds_the_scale_and_then_ends_the_look():
    lines = [line("small", 50 + 90 * (n % 10), 20 + 14 * (n // 10), 10) for n in range(900)]
    for max_px in (4_000_000, 2_500_000):
        look = look_at_small_print(A4_AT_120_DPI, lines, len(lines), [], SEARCHED, max_px)
        assert look is not None
        assert sum(w * h for w, h in (region.size_px for region in look.parts)) <= 1.1 * max_px
    assert look_at_small_print(A4_AT_120_DPI, lines, len(lines), [], SEARCHED, 1_000_000) is None


def test_large_sheets_are_looked_at_where_nothing_was_found():
    sheet = replace(A4_AT_120_DPI, width_pt=2384.0, height_pt=3370.0)
    assert is_large_sheet(sheet, SEARCHED)
    assert not is_large_sheet(A4_AT_120_DPI, SEARCHED)
    look = look_at_unread(sheet, [(0.0, 0.0, 1.0, 1.0)], SEARCHED, 40_000_000)
    assert look is not None
    assert all(max(region.size_px) < 1.3 * 1280 for region in look.parts)
    assert look_at_unread(sheet, [], SEARCHED, 40_000_000) is None


def test_small_lines_make_way_for_those_of_the_closer_look_and_large_ones_stay():
    old = [line("Title", 100, 100, 30), line("srnall", 100, 200, 10), line("alone", 100, 300, 10)]
    new = [line("Titl", 100, 102, 26), line("small", 100, 201, 9)]
    texts = sorted(one.text for one in with_replacements(old, new, SEARCHED))
    assert texts == ["Title", "alone", "small"]
