"""Cut a page image into patches as Qwen2-VL (arXiv 2409.12191) reads them: whole cells, bytes not numbers.

Dimension key: B pages of a batch, R patches of the longest, C colours.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL.Image import Image

# The resizing that Qwen2-VL was trained with refuses longer strips than this.
_MAX_ASPECT = 200


class PatchCutter:
    """Resizes pages and cuts them into patches.

    image_processor  transformers' own for Qwen2-VL, or the two of its fields that matter: `size`, the bounds
                     on the area, and `resample`
    merge            a cell (visual token) is merge x merge patches of patch_px pixels
    """

    def __init__(self, image_processor: Any, patch_px: int, merge: int) -> None:
        self._bounds = image_processor.size
        self._resample = image_processor.resample
        self._patch_px = patch_px
        self._merge = merge

    def n_cells(self, image: Image) -> int:
        """Return the number of visual tokens of a page, without resizing it."""
        width, height = self._size_px(image)
        return width * height // (self._patch_px * self._merge) ** 2

    def cut(self, image: Image) -> tuple[NDArray[np.uint8], list[int]]:
        """Return (R, C, patch area), cell after cell, and the grid (1, rows, columns) of patches."""
        size = self._size_px(image)
        side, merge = self._patch_px, self._merge
        rgb = image if image.mode == "RGB" else image.convert("RGB")
        squeezed_size = within_aspect(image.size)
        if squeezed_size != image.size:
            rgb = rgb.resize(squeezed_size)
        pixels = np.asarray(rgb.resize(size, self._resample))
        cols, rows = size[0] // side, size[1] // side
        cells = pixels.reshape(rows // merge, merge, side, cols // merge, merge, side, -1)
        patches = cells.transpose(0, 3, 1, 4, 6, 2, 5).reshape(rows * cols, -1, side * side)
        return patches, [1, rows, cols]

    def _size_px(self, image: Image) -> tuple[int, int]:
        """Return the (width, height) that the page is resized to: whole cells, the area within bounds."""
        return size_in_cells(
            within_aspect(image.size),
            self._patch_px * self._merge,
            self._bounds["shortest_edge"],
            self._bounds["longest_edge"],
        )


def size_in_cells(
    size: tuple[int, int], cell_px: int, min_area_px: int, max_area_px: int
) -> tuple[int, int]:
    """Return the size (width, height) of whole cells that a page is resized to, as Qwen2-VL was trained.

    Sides are rounded to cells; where the area is out of bounds, both are scaled by its root first.
    """
    cells = [round(side / cell_px) for side in size]  # none of a thin strip: it is scaled up then
    area = cells[0] * cells[1] * cell_px**2
    if area > max_area_px:
        scale = math.sqrt(size[0] * size[1] / max_area_px)
        cells = [max(math.floor(side / scale / cell_px), 1) for side in size]
    elif area < min_area_px:
        scale = math.sqrt(min_area_px / (size[0] * size[1]))
        cells = [math.ceil(side * scale / cell_px) for side in size]
    return cells[0] * cell_px, cells[1] * cell_px


def pad_patches(pages: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Stack pages into (B, R, C, patch area): zeros follow a shorter page's patches; the model drops them."""
    longest = max(map(len, pages))
    batch = np.zeros((len(pages), longest, *pages[0].shape[1:]), np.uint8)
    for row, patches in zip(batch, pages, strict=True):
        row[: len(patches)] = patches
    return batch


def within_aspect(size: tuple[int, int]) -> tuple[int, int]:
    """Squeeze a strip above 200 : 1 to that: its cells are fractions of the page all the same."""
    longest = _MAX_ASPECT * min(size)
    return min(size[0], longest), min(size[1], longest)
