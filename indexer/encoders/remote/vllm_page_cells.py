"""Which of a served model's vectors look at which part of a page: measured, since vLLM does not tell.

A prompt holds a page's cells between other tokens. Two blank pages of different size and colour show how
many cells a page has, and where they begin: the tokens before them cannot see the page. Dimension key:
S tokens of a prompt, N cells, D dim.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from indexer.base.errors import EncoderUnavailable
from indexer.base.pages import Boxes
from indexer.encoders.remote.connection import Patience
from indexer.encoders.remote.vllm_server import PAGE_PROMPT, VllmServer
from indexer.encoders.visual.patch_grid import grid_boxes
from indexer.encoders.visual.qwen2_patches import size_in_cells, within_aspect

_CELL_PX = 32  # of the Qwen3-VL family
_FEWEST_CELLS = 64  # it enlarges smaller pages
_SAME = 2e-2  # bfloat16 computes a row alone and among others so differently at most
_MOST_MARKS = 4  # tokens around image and words of a model with a fixed number of cells


@dataclass(frozen=True, slots=True)
class PageCells:
    """How a served model lays cells over a page.

    start      of a page's first cell among the S tokens
    n_around   tokens that are none of the page
    side       cells of a side, where every page is squeezed into a square; 0: pages keep their shape
    max_cells  of a page that keeps its shape
    """

    start: int
    n_around: int
    side: int
    max_cells: int

    def in_whole_cells(self, image: Image.Image) -> Image.Image:
        """Resize a page to whole cells, so that the server leaves it as it is."""
        image = image.convert("RGB")
        if self.side:
            return image
        least_px, most_px = _FEWEST_CELLS * _CELL_PX**2, self.max_cells * _CELL_PX**2
        size = size_in_cells(within_aspect(image.size), _CELL_PX, least_px, most_px)
        return image.resize(size, Image.Resampling.BICUBIC)

    def of_page(
        self, image: Image.Image, rows: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], Boxes] | None:
        """Return the vectors (N, D) and boxes of a page's cells out of its prompt's (S, D).

        None where the server did not take the page as it was measured.
        """
        columns, lines = self._grid(image)
        stop = self.start + columns * lines
        if len(rows) != columns * lines + self.n_around or stop > len(rows):
            return None
        return rows[self.start : stop], grid_boxes(columns, lines)

    def _grid(self, image: Image.Image) -> tuple[int, int]:
        if self.side:
            return self.side, self.side
        return image.width // _CELL_PX, image.height // _CELL_PX


def measure_cells(server: VllmServer, dim: int, max_cells: int, patience: Patience) -> PageCells:
    """Look at two blank pages through the server's model. Raises EncoderUnavailable for another kind."""
    small = _blank((8, 8), "black")
    large = _blank((8, 16), "white")
    rows = server.vectors_of_image(small, dim, patience)
    other_rows = server.vectors_of_image(large, dim, patience)
    grows_by = len(other_rows) - len(rows)
    if grows_by == 64 and len(rows) > 64:
        side, n_cells = 0, 64
    elif grows_by == 0:
        n_words = len(server.tokens_of(PAGE_PROMPT, patience).ids)
        side = math.isqrt(max(len(rows) - n_words, 0))
        n_cells = side * side
        if side < 2 or len(rows) - n_words - n_cells > _MOST_MARKS:
            raise _unknown_kind(server)
    else:
        raise _unknown_kind(server)
    n_around = len(rows) - n_cells
    start = _n_alike(rows, other_rows)
    if start > n_around:
        raise _unknown_kind(server)
    return PageCells(start, n_around, side, max_cells)


def _blank(cells: tuple[int, int], colour: str) -> Image.Image:
    return Image.new("RGB", (cells[0] * _CELL_PX, cells[1] * _CELL_PX), colour)


def _n_alike(rows: NDArray[np.float32], other_rows: NDArray[np.float32]) -> int:
    """Return how many rows at the beginning are the same."""
    n_rows = min(len(rows), len(other_rows))
    differs = np.abs(rows[:n_rows] - other_rows[:n_rows]).max(axis=1) > _SAME
    return int(differs.argmax()) if differs.any() else n_rows


def _unknown_kind(server: VllmServer) -> EncoderUnavailable:
    return EncoderUnavailable(
        f"{server.where}: {server.model} lays neither cells of {_CELL_PX} pixels nor a square of them over a "
        "page, so nobody knows where its vectors look: serve ColQwen3, ColQwen3.5, ColPali or ColModernVBERT"
    )
