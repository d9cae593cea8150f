"""Encode pages and queries with an exported ColQwen2: one page at a time, of any grid.

Dimension key: P patches of a page, N cells, T query tokens, D dim.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from indexer.base.pages import PageEmbedding, QueryEmbedding, RenderedPage
from indexer.encoders.base import EncoderFingerprint
from indexer.encoders.onnx.session import GraphSession, require_processor
from indexer.encoders.visual.facts import VisualFacts
from indexer.encoders.visual.onnx.folder import TEXT, TOKENIZER, VISION, read_exported
from indexer.encoders.visual.onnx.geometry import (
    other_window,
    patch_angles,
    patch_places,
    token_angles,
    token_positions,
)
from indexer.encoders.visual.onnx.tokenizer import FileTokenizer
from indexer.encoders.visual.patch_grid import grid_boxes, merged_grid
from indexer.encoders.visual.queries import tokenize_query
from indexer.encoders.visual.qwen2_patches import PatchCutter

if TYPE_CHECKING:
    from PIL.Image import Image

Inputs = dict[str, NDArray[np.generic]]
_NO_IDS = np.zeros(0, np.int64)


class OnnxVisualEncoder:
    """Implements PageEncoder for the folder `source`. Safe to use from several threads.

    Raises EncoderUnavailable for a folder that is damaged or another encoder's, and for a GPU.
    """

    reads_words = False
    window = 4

    def __init__(self, facts: VisualFacts, source: str, device: str) -> None:
        require_processor(facts.name, device)
        self._about = read_exported(source, facts)
        self._query = facts.query
        self.fingerprint: EncoderFingerprint = self._about.fingerprint(facts)
        folder, n_threads = Path(source).expanduser(), os.cpu_count() or 1
        self._vision = GraphSession(folder / VISION, n_threads)
        self._text = GraphSession(folder / TEXT, n_threads)
        self._tokenizer = FileTokenizer(folder / TOKENIZER, self._about.special_tokens)
        shape = self._about.shape
        cell_area_px = (shape.patch_px * shape.merge) ** 2
        bounds = {
            "shortest_edge": facts.min_visual_tokens * cell_area_px,
            "longest_edge": facts.max_visual_tokens * cell_area_px,
        }
        settings = SimpleNamespace(size=bounds, resample=self._about.resample)
        self._cutter = PatchCutter(settings, shape.patch_px, shape.merge)

    def encode_pages(self, pages: Sequence[RenderedPage]) -> list[PageEmbedding]:
        """Return one embedding per page, in order: vectors (N, D) float16 and the cell of each."""
        return [self._page(page.image) for page in pages]

    def encode_queries(self, texts: Sequence[str]) -> list[QueryEmbedding]:
        """Return vectors (T, D) of each text; content marks the question."""
        queries = [tokenize_query(self._tokenizer, self._query, text) for text in texts]
        no_cells = np.zeros((0, self._about.shape.hidden), np.float32)
        return [
            QueryEmbedding(
                self._vectors(np.array(query.ids, np.int64), no_cells, (0, 0), _NO_IDS),
                query.pieces,
                query.content,
            )
            for query in queries
        ]

    def _page(self, image: Image) -> PageEmbedding:
        about, shape = self._about, self._about.shape
        patches, grid = self._cutter.cut(image)
        places = patch_places(grid[1], grid[2], shape.merge)
        cos, sin = patch_angles(places, shape.vision_head_dim)
        inputs: Inputs = {"patches": self._numbers(patches), "cos": cos, "sin": sin}
        if shape.full_layers is not None:
            inputs["windows"] = other_window(places, shape.window_px // shape.patch_px)
        (cells,) = self._vision.run(inputs)
        n_cols, n_rows = merged_grid(grid, shape.merge)
        before, after = (np.array(ids, np.int64) for ids in (about.before, about.after))
        vectors = self._vectors(before, cells, (n_rows, n_cols), after)
        rows = vectors[len(before) : len(before) + len(cells)].astype(np.float16)
        return PageEmbedding(rows, grid_boxes(n_cols, n_rows))

    def _vectors(
        self,
        before: NDArray[np.int64],
        cells: NDArray[np.float32],
        grid: tuple[int, int],
        after: NDArray[np.int64],
    ) -> NDArray[np.float32]:
        """Return the vectors of all tokens of a prompt around an image of `grid` rows and columns."""
        shape = self._about.shape
        positions = token_positions(len(before), *grid, len(after))
        cos, sin = token_angles(positions, shape.head_dim, shape.theta, shape.sections)
        inputs: Inputs = {"before": before, "cells": cells, "after": after, "cos": cos, "sin": sin}
        return self._text.run(inputs)[0]

    def _numbers(self, patches: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Bytes (P, colours, area) -> (P, colours x frames x area): normalised, the same in each frame."""
        about = self._about
        mean, std = (np.array(v, np.float32)[:, None] for v in (about.image_mean, about.image_std))
        values = (patches.astype(np.float32) * np.float32(about.rescale_factor) - mean) / std
        frames = np.repeat(values[:, :, None], about.frames, axis=2)
        return frames.reshape(len(frames), -1)
