"""Boxes of visual tokens."""

from __future__ import annotations

import numpy as np
import pytest

from indexer.encoders.visual.patch_grid import grid_boxes, merged_grid, tiled_boxes

WHOLE = [0, 0, 65535, 65535]


def area(boxes: np.ndarray) -> int:
    x0, y0, x1, y1 = boxes.astype(np.int64).T
    return int(((x1 - x0) * (y1 - y0)).sum())


@pytest.mark.parametrize(("n_cols", "n_rows"), [(1, 1), (3, 7), (23, 32), (29, 1)])
def test_the_boxes_of_a_grid_tile_the_page(n_cols: int, n_rows: int) -> None:
    boxes = grid_boxes(n_cols, n_rows)
    assert boxes.shape == (n_cols * n_rows, 4)
    assert area(boxes) == 65535 * 65535
    assert [*boxes[0, :2], *boxes[-1, 2:]] == WHOLE


def test_a_grid_is_read_row_by_row() -> None:
    boxes = grid_boxes(3, 2)
    np.testing.assert_array_equal(boxes[1], [21845, 0, 43690, 32768])
    np.testing.assert_array_equal(boxes[3], [0, 32768, 21845, 65535])


def test_patches_are_merged_before_they_are_placed() -> None:
    assert merged_grid((1, 64, 46), 2) == (23, 32)


def test_tiles_come_before_the_whole_page_and_cover_it_too() -> None:
    boxes = tiled_boxes(2, 3, side=2)
    assert len(boxes) == (2 * 3 + 1) * 4
    assert area(boxes[:-4]) == area(boxes[-4:]) == 65535 * 65535
    np.testing.assert_array_equal(
        boxes[4], [21845, 0, 32768, 16384]
    )  # the second tile's first cell


def test_a_page_that_is_not_split_is_seen_once() -> None:
    np.testing.assert_array_equal(tiled_boxes(0, 0, side=8), grid_boxes(8, 8))
