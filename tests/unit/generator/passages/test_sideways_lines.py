"""Lines of a page that is typeset sideways."""

from __future__ import annotations

import numpy as np
import pytest

from generator.passages.splitting.lines import lines_of
from indexer.base.pages import BOX_SCALE, PageWords

ROWS = [("Gearbox", "75W-90"), ("Coolant", "G48")]


def upright() -> PageWords:
    boxes = [
        (2000 + 20000 * column, 3000 + 3000 * row, 9000 + 20000 * column, 5000 + 3000 * row)
        for row in range(2)
        for column in range(2)
    ]
    texts = tuple(cell for row in ROWS for cell in row)
    return PageWords(texts, np.array(boxes, np.uint16), np.array([0, 0, 1, 1], np.int32), "text")


@pytest.mark.parametrize("upwards", [True, False])
def test_rows_typeset_sideways_are_rows(upwards: bool) -> None:
    page = upright()
    x0, y0, x1, y1 = page.boxes.astype(int).T
    turned = (
        (y0, BOX_SCALE - x1, y1, BOX_SCALE - x0)
        if upwards
        else (BOX_SCALE - y1, x0, BOX_SCALE - y0, x1)
    )
    sideways = PageWords(page.texts, np.stack(turned, axis=1).astype(np.uint16), page.lines, "text")
    assert lines_of(sideways) == lines_of(page)
    assert all(line.is_row for line in lines_of(sideways))
