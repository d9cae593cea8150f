"""Shares out one budget of visual tokens over the pages of a question.

A visual token is one cell of the page image: 28 x 28 px for Qwen2-VL (arXiv 2409.12191) and Qwen2.5-VL,
32 x 32 px for Qwen3-VL.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from generator.errors import PromptTooLong


@dataclass(frozen=True, slots=True)
class VisualBudget:
    """How many visual tokens page images may have.

    total_tokens     of all pages of a question
    min_page_tokens  a page is not shown with fewer; smaller images are enlarged to about as many
    max_page_px      of one page, in pixels of the image that the model is given
    """

    total_tokens: int = 4096
    min_page_tokens: int = 128
    max_page_px: int = 768 * 28 * 28


@dataclass(frozen=True, slots=True)
class CellGrid:
    """An image of rows x columns visual tokens."""

    rows: int
    columns: int

    @property
    def tokens(self) -> int:
        return self.rows * self.columns


def share_out(
    sizes_px: Sequence[tuple[int, int]], cell_px: int, budget: VisualBudget
) -> list[CellGrid]:
    """Choose for each page image, by (width, height), the grid that it is resized to.

    Small images get all their tokens; what they leave is shared equally by the larger ones. The sum is
    within the budget. Raises PromptTooLong when a share would be below `min_page_tokens`.
    """
    if not sizes_px:
        return []
    n_fit = budget.total_tokens // budget.min_page_tokens
    if len(sizes_px) > n_fit:
        raise PromptTooLong(
            f"{len(sizes_px)} page images do not fit in {budget.total_tokens} visual tokens with "
            f"{budget.min_page_tokens} each: ask over at most {n_fit} pages, or raise "
            "PAGESIGHT_VISUAL_TOKEN_BUDGET"
        )
    max_tokens = max(budget.max_page_px // cell_px**2, budget.min_page_tokens)
    n_tokens = [
        min(max(_natural(size, cell_px), budget.min_page_tokens), max_tokens) for size in sizes_px
    ]
    grids: dict[int, CellGrid] = {}
    left = budget.total_tokens
    for n_done, index in enumerate(sorted(range(len(n_tokens)), key=n_tokens.__getitem__)):
        share = min(n_tokens[index], left // (len(n_tokens) - n_done))
        grids[index] = fit_grid(*sizes_px[index], cell_px, share, budget.min_page_tokens)
        left -= grids[index].tokens
    return [grids[index] for index in range(len(n_tokens))]


def fit_grid(
    width_px: int, height_px: int, cell_px: int, max_tokens: int, min_tokens: int = 1
) -> CellGrid:
    """Return the grid nearest to the image's own size and shape, of at most `max_tokens`.

    The rounding is that of the models' own image processor (Qwen2-VL's `smart_resize`): to the nearest
    where nothing has to shrink, else down. A strip that is too long for it is squeezed.
    """
    aspect = min(max(width_px / height_px, 1 / max_tokens), max_tokens)
    rows, columns = _cells(height_px / cell_px), _cells(width_px / cell_px)
    if rows * columns < min_tokens:
        rows, columns = _of_area(min(min_tokens, max_tokens), aspect)
    elif rows * columns > max_tokens:
        shrink = math.sqrt(width_px * height_px / (max_tokens * cell_px**2))
        rows = max(math.floor(height_px / shrink / cell_px), 1)
        columns = max(math.floor(width_px / shrink / cell_px), 1)
    if rows * columns > max_tokens:
        rows, columns = _of_area(max_tokens, aspect)
    return CellGrid(rows, columns)


def _of_area(n_tokens: int, aspect: float) -> tuple[int, int]:
    """Return (rows, columns) of at most `n_tokens`.

    aspect  width / height, within 1 / n_tokens..n_tokens
    """
    columns = min(max(_cells(math.sqrt(n_tokens * aspect)), 1), n_tokens)
    return max(n_tokens // columns, 1), columns


def _natural(size_px: tuple[int, int], cell_px: int) -> int:
    return _cells(size_px[0] / cell_px) * _cells(size_px[1] / cell_px)


def _cells(length: float) -> int:
    return max(round(length), 1)
