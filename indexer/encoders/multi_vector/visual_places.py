"""Finds which part of the page each visual token of a model looks at, by the marks in its input.

Three layouts are known: a grid that the processor tells (Qwen-VL), tiles that are named in the text and the
whole page behind them (Idefics3), and a square (PaliGemma).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.base.pages import Boxes
from indexer.encoders.visual.patch_grid import grid_boxes, merged_grid, tiled_boxes

_TILE = re.compile(r"<row_(\d+)_col_(\d+)>")


class VisualPlaces:
    """Reads the inputs that one processor makes."""

    def __init__(self, processor: Any) -> None:
        self._tokenizer = processor.tokenizer
        token = getattr(processor, "image_token", None)
        self._image_id = self._tokenizer.convert_tokens_to_ids(str(token)) if token else None
        self._merge = getattr(processor.image_processor, "merge_size", 1)

    def of(self, features: Mapping[str, Any]) -> tuple[NDArray[np.int64], Boxes] | None:
        """Return the positions of a page's visual tokens and their boxes; None for an unknown layout."""
        ids = features["input_ids"].cpu().numpy()
        positions = np.flatnonzero(ids == self._image_id)
        boxes = self._boxes(len(positions), ids, features.get("image_grid_thw"))
        return None if boxes is None or len(boxes) != len(positions) else (positions, boxes)

    def _boxes(self, n: int, ids: NDArray[np.int64], grid: Any) -> Boxes | None:
        if grid is not None:
            return grid_boxes(*merged_grid(grid.reshape(-1).tolist()[:3], self._merge))
        names = self._tokenizer.convert_ids_to_tokens(ids.tolist())
        tiles = [(int(match[1]), int(match[2])) for match in map(_TILE.fullmatch, names) if match]
        n_rows, n_columns = max(tiles, default=(0, 0))
        side = math.isqrt(n // (n_rows * n_columns + 1))
        return tiled_boxes(n_rows, n_columns, side) if side else None
