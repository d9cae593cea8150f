"""Beside a page that is too small to be read stands its marked region, large enough to be."""

from __future__ import annotations

import pytest

from api.routes.browser.viewer import close_up_of
from indexer.base.pages import FractionBox


@pytest.mark.parametrize(
    "box",
    [
        (0.36, 0.41, 0.40, 0.42),  # a value
        (0.0, 0.0, 0.05, 0.01),  # in a corner
        (0.95, 0.99, 1.0, 1.0),
        (0.1, 0.3, 0.9, 0.33),  # a row as wide as the page
        (0.0, 0.5, 1.0, 0.52),
    ],
)
def test_the_region_is_whole_with_what_stands_beside_it(box: FractionBox) -> None:
    x0, y0, x1, y1 = close_up_of(box)
    assert 0 <= x0 <= box[0] and box[2] <= x1 + 1e-9 <= 1 + 1e-6
    assert 0 <= y0 <= box[1] and box[3] <= y1 + 1e-9 <= 1 + 1e-6
    assert x1 - x0 >= 0.5 and 0.1 <= y1 - y0 + 1e-9 <= 0.35


def test_of_a_region_as_high_as_the_page_the_beginning_is_shown() -> None:
    x0, y0, x1, y1 = close_up_of((0.2, 0.1, 0.8, 0.9))
    assert y0 == pytest.approx(0.08) and y1 - y0 == pytest.approx(0.35) and x0 < 0.2 < 0.8 < x1
