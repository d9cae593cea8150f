"""Pages and queries for ColQwen2 and ColQwen2.5: dynamic resolution, one vector per 28 x 28 pixels.

On the CPU a page is resized and cut into patches of bytes; the device makes numbers of them, so that an
eighth of the bytes is copied to it. Dimension key: B pages of a batch, S tokens of the longest, R patches
of the longest (S = prompt + R / merge^2), C colours.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from indexer.encoders.visual.encoder import PageBatch
from indexer.encoders.visual.model_facts import VisualFacts
from indexer.encoders.visual.patch_grid import grid_boxes, merged_grid

if TYPE_CHECKING:
    from PIL.Image import Image
    from torch import Tensor

# The resizing that Qwen2-VL was trained with refuses longer strips than this.
_MAX_ASPECT = 200
_RESIZING_THREADS = min(4, os.cpu_count() or 1)  # Pillow lets other threads run meanwhile


class ColQwen2Adapter:
    """`model` is a ColQwen2ForRetrieval with a Qwen2-VL or Qwen2.5-VL backbone."""

    def __init__(self, model: Any, folder: Path, facts: VisualFacts) -> None:
        from transformers import AutoTokenizer, ColQwen2Processor
        from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import (
            Qwen2VLImageProcessorPil,
        )

        cell_px = facts.patch_px * facts.merge
        size = {
            "shortest_edge": facts.min_visual_tokens * cell_px**2,  # areas, in spite of their names
            "longest_edge": facts.max_visual_tokens * cell_px**2,
        }
        images = Qwen2VLImageProcessorPil.from_pretrained(folder, local_files_only=True, size=size)
        self.tokenizer = AutoTokenizer.from_pretrained(
            folder, local_files_only=True, padding_side="left"
        )
        self._images = images
        processor = ColQwen2Processor(image_processor=images, tokenizer=self.tokenizer)
        self._image_id: int = processor.image_token_id
        self._prompt: list[int] = self.tokenizer(processor.visual_prompt_prefix)["input_ids"]
        self._model = model
        self._patch_px = facts.patch_px
        self._merge = facts.merge

    def n_visual_tokens(self, image: Image) -> int:
        width, height = self._size_px(image)
        return width * height // (self._patch_px * self._merge) ** 2

    def page_batch(self, images: Sequence[Image]) -> PageBatch:
        import torch

        if len(images) == 1:
            cut = [self._patches(images[0])]
        else:
            with ThreadPoolExecutor(_RESIZING_THREADS, "resize") as threads:
                cut = list(threads.map(self._patches, images))
        grids = [grid for _, grid in cut]
        inputs = self._prompts([len(patches) // self._merge**2 for patches, _ in cut])
        kept = inputs["input_ids"] == self._image_id
        inputs["image_grid_thw"] = torch.tensor(grids)
        inputs["position_ids"] = self._positions(inputs, kept)
        inputs["pixel_values"] = torch.from_numpy(_padded([patches for patches, _ in cut]))
        boxes = [grid_boxes(*merged_grid(grid, self._merge)) for grid in grids]
        return PageBatch(inputs, kept, boxes)

    def on_device(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """pixel_values (B, R, C, patch area) uint8 -> (B, R, C x frames x patch area), normalised.

        A still picture fills all the frames that a patch of video spans.
        """
        if "pixel_values" not in inputs:  # a query
            return inputs
        images = self._images
        values = inputs["pixel_values"].float() * images.rescale_factor
        mean, std = (values.new_tensor(s)[:, None] for s in (images.image_mean, images.image_std))
        values = (values - mean) / std
        frames = values.unsqueeze(-2).expand(-1, -1, -1, images.temporal_patch_size, -1)
        return inputs | {"pixel_values": frames.flatten(2)}

    def _size_px(self, image: Image) -> tuple[int, int]:
        """(width, height) that the page is resized to: whole cells, the area within its bounds."""
        from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import smart_resize

        fitted = _within_aspect(image.size)
        bounds = self._images.size
        height, width = smart_resize(
            fitted[1],
            fitted[0],
            factor=self._patch_px * self._merge,
            min_pixels=bounds["shortest_edge"],
            max_pixels=bounds["longest_edge"],
        )
        return width, height

    def _patches(self, image: Image) -> tuple[NDArray[np.uint8], list[int]]:
        """(R, C, patch area) in the model's order, cell after cell, and the grid (1, rows, columns)."""
        size = self._size_px(image)
        side, merge = self._patch_px, self._merge
        rgb = image if image.mode == "RGB" else image.convert("RGB")
        fitted = _within_aspect(image.size)
        if fitted != image.size:
            rgb = rgb.resize(fitted)
        pixels = np.asarray(rgb.resize(size, self._images.resample))
        cols, rows = size[0] // side, size[1] // side
        cells = pixels.reshape(rows // merge, merge, side, cols // merge, merge, side, -1)
        patches = cells.transpose(0, 3, 1, 4, 6, 2, 5).reshape(rows * cols, -1, side * side)
        return patches, [1, rows, cols]

    def _prompts(self, n_cells: Sequence[int]) -> dict[str, Tensor]:
        """input_ids and attention_mask (B, S), padded on the left: the prompt, its image n cells long."""
        import torch

        at = self._prompt.index(self._image_id)
        before, after = self._prompt[:at], self._prompt[at + 1 :]
        longest = max(n_cells)
        length = len(before) + longest + len(after)
        ids = torch.full((len(n_cells), length), self.tokenizer.pad_token_id)
        mask = torch.zeros_like(ids)
        for row, n in enumerate(n_cells):
            ids[row, longest - n :] = torch.tensor([*before, *[self._image_id] * n, *after])
            mask[row, longest - n :] = 1
        return {"input_ids": ids, "attention_mask": mask}

    def _positions(self, inputs: dict[str, Tensor], visual: Tensor) -> Tensor:
        """(3, B, S) time, row and column of each token (M-RoPE, arXiv 2409.12191).

        ColQwen2ForRetrieval must be given them: since transformers 5.3 its own are a count from left to
        right (docs/decisions/0005-m-rope-positions.md).
        """
        positions: Tensor = self._model.vlm.get_rope_index(
            inputs["input_ids"],
            mm_token_type_ids=visual.int(),
            image_grid_thw=inputs["image_grid_thw"],
            attention_mask=inputs["attention_mask"],
        )[0]
        return positions

    def query_inputs(self, ids: Tensor) -> dict[str, Tensor]:
        """A text's M-RoPE positions are one count, three times over."""
        inputs = {"input_ids": ids, "attention_mask": ids.new_ones(ids.shape)}
        inputs["position_ids"] = inputs["attention_mask"].cumsum(-1).sub(1).expand(3, -1, -1)
        return inputs


def _within_aspect(size: tuple[int, int]) -> tuple[int, int]:
    """A strip above 200 : 1 is squeezed to it: its cells are fractions of the page all the same."""
    longest = _MAX_ASPECT * min(size)
    return min(size[0], longest), min(size[1], longest)


def _padded(pages: list[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """(B, R, C, patch area): zeros behind the patches of shorter pages, which the model drops."""
    longest = max(map(len, pages))
    padded = np.zeros((len(pages), longest, *pages[0].shape[1:]), np.uint8)
    for row, patches in zip(padded, pages, strict=True):
        row[: len(patches)] = patches
    return padded
