"""Compute which part of the page each visual token looks at.

Every model resizes the page to a whole number of cells without cropping or padding, so a cell's place is
its fraction of the page. Dimension key: N cells, row-major.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indexer.base.pages import Boxes, boxes_from_fractions

_WHOLE_PAGE = (0.0, 0.0, 1.0, 1.0)


def merged_grid(grid_thw: Sequence[int], merge: int) -> tuple[int, int]:
    """Return (n_cols, n_rows) of tokens for `image_grid_thw` (t, patch rows, patch columns) of a page."""
    _, patch_rows, patch_cols = grid_thw
    return patch_cols // merge, patch_rows // merge


def grid_boxes(
    n_cols: int, n_rows: int, within: tuple[float, float, float, float] = _WHOLE_PAGE
) -> Boxes:
    """Return (n_rows * n_cols, 4) boxes that tile `within` (page fractions): neighbours share edges."""
    x0, y0, x1, y1 = within
    xs = np.linspace(x0, x1, n_cols + 1)
    ys = np.linspace(y0, y1, n_rows + 1)
    left, top = np.meshgrid(xs[:-1], ys[:-1])
    right, bottom = np.meshgrid(xs[1:], ys[1:])
    return boxes_from_fractions(np.stack([left, top, right, bottom], axis=-1).reshape(-1, 4))


def tiled_boxes(tile_rows: int, tile_cols: int, side: int) -> Boxes:
    """Return boxes in Idefics3's order: side x side cells of each tile, then those of the whole page.

    A page that is not split (0 rows) has the whole page's cells only.
    """
    parts = [
        grid_boxes(
            side,
            side,
            (col / tile_cols, row / tile_rows, (col + 1) / tile_cols, (row + 1) / tile_rows),
        )
        for row in range(tile_rows)
        for col in range(tile_cols)
    ]
    return np.concatenate([*parts, grid_boxes(side, side)])
