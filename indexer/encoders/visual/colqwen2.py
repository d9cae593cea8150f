"""ColQwen2 and ColQwen2.5: dynamic resolution, one vector per 28 x 28 pixels.

The CPU resizes a page and cuts it into patches of bytes; the device turns them into numbers, so that an
eighth of the bytes is copied. Dimension key: B pages of a batch, S tokens of the longest, R patches
of the longest (S = prompt + R / merge^2), C colours.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexer.encoders.visual.facts import MAX_VISUAL_TOKENS, QueryFormat, VisualFacts
from indexer.encoders.visual.family import PROJECTION_RULE, Family, PageBatch
from indexer.encoders.visual.patch_grid import grid_boxes, merged_grid
from indexer.encoders.visual.qwen2_patches import PatchCutter, pad_patches

if TYPE_CHECKING:
    from PIL.Image import Image
    from torch import Tensor

_RESIZING_THREADS = min(4, os.cpu_count() or 1)  # Pillow lets other threads run meanwhile


class ColQwen2Adapter:
    """Implements VisualAdapter for a ColQwen2ForRetrieval with a Qwen2-VL or Qwen2.5-VL backbone.

    images  transformers' image processor
    prompt  ids before and behind the page
    """

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
        self.images = images
        processor = ColQwen2Processor(image_processor=images, tokenizer=self.tokenizer)
        self._image_id: int = processor.image_token_id
        prompt: list[int] = self.tokenizer(processor.visual_prompt_prefix)["input_ids"]
        at = prompt.index(self._image_id)
        self.prompt = prompt[:at], prompt[at + 1 :]
        self._model = model
        self._merge = facts.merge
        self._cutter = PatchCutter(images, facts.patch_px, facts.merge)

    def n_visual_tokens(self, image: Image) -> int:
        return self._cutter.n_cells(image)

    def page_batch(self, images: Sequence[Image]) -> PageBatch:
        import torch

        if len(images) == 1:
            pages = [self._cutter.cut(images[0])]
        else:
            with ThreadPoolExecutor(_RESIZING_THREADS, "resize") as threads:
                pages = list(threads.map(self._cutter.cut, images))
        grids = [grid for _, grid in pages]
        inputs = self._prompts([len(patches) // self._merge**2 for patches, _ in pages])
        visual_mask = inputs["input_ids"] == self._image_id
        inputs["image_grid_thw"] = torch.tensor(grids)
        inputs["position_ids"] = self._positions(inputs, visual_mask)
        inputs["pixel_values"] = torch.from_numpy(pad_patches([patches for patches, _ in pages]))
        boxes = [grid_boxes(*merged_grid(grid, self._merge)) for grid in grids]
        return PageBatch(inputs, visual_mask, boxes)

    def on_device(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """Normalise pixel_values: (B, R, C, patch area) uint8 -> (B, R, C x frames x patch area).

        A still picture fills all the frames that a patch of video spans.
        """
        if "pixel_values" not in inputs:  # a query
            return inputs
        images = self.images
        values = inputs["pixel_values"].float() * images.rescale_factor
        mean, std = (values.new_tensor(s)[:, None] for s in (images.image_mean, images.image_std))
        values = (values - mean) / std
        frames = values.unsqueeze(-2).expand(-1, -1, -1, images.temporal_patch_size, -1)
        return inputs | {"pixel_values": frames.flatten(2)}

    def _prompts(self, n_cells: Sequence[int]) -> dict[str, Tensor]:
        """Return input_ids and attention_mask (B, S), padded on the left; an image is n cells long."""
        import torch

        before, after = self.prompt
        longest = max(n_cells)
        length = len(before) + longest + len(after)
        ids = torch.full((len(n_cells), length), self.tokenizer.pad_token_id)
        mask = torch.zeros_like(ids)
        for row, n in enumerate(n_cells):
            ids[row, longest - n :] = torch.tensor([*before, *[self._image_id] * n, *after])
            mask[row, longest - n :] = 1
        return {"input_ids": ids, "attention_mask": mask}

    def _positions(self, inputs: dict[str, Tensor], visual: Tensor) -> Tensor:
        """Return (3, B, S): time, row and column of each token (M-RoPE, arXiv 2409.12191).

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
        """Count M-RoPE positions: those of a text are one count, three times over."""
        inputs = {"input_ids": ids, "attention_mask": ids.new_ones(ids.shape)}
        inputs["position_ids"] = inputs["attention_mask"].cumsum(-1).sub(1).expand(3, -1, -1)
        return inputs


FAMILY = Family(
    models=(
        VisualFacts(
            name="colqwen2",
            summary="ColQwen2 v1.0 (Qwen2-VL 2B) over the page image: the default with a GPU",
            checkpoint="vidore/colqwen2-v1.0-hf",
            revision="ddc07d2317c80f75fc742b7362ee9ad1912908f9",
            dim=128,
            patch_px=14,
            merge=2,
            max_visual_tokens=MAX_VISUAL_TOKENS,
            query=QueryFormat(prefix="Query: ", augmentation="<|endoftext|>", end="\n"),
            licence="Apache-2.0",
            size_bytes=4_418_454_832,
            n_parameters=2_209_000_000,
            token_bytes=380_000,
        ),
        VisualFacts(
            name="colqwen2.5",
            summary="ColQwen2.5 v0.2 (Qwen2.5-VL 3B) over the page image: better, slower",
            checkpoint="vidore/colqwen2.5-v0.2",
            revision="dcbe8d9cede518bce830488364ba0e40c873645b",
            dim=128,
            patch_px=14,
            merge=2,
            max_visual_tokens=MAX_VISUAL_TOKENS,
            # colpali-engine, which this checkpoint is for, ends the query without a newline.
            query=QueryFormat(prefix="Query: ", augmentation="<|endoftext|>"),
            licence="Apache-2.0",
            size_bytes=7_600_000_000,
            n_parameters=3_800_000_000,
            token_bytes=340_000,
            base="vidore/colqwen2.5-base",
            base_revision="92908120384b7a2110c5beda3ab29cbdb2c08e49",
        ),
    ),
    model_class="ColQwen2ForRetrieval",
    config_class="ColQwen2Config",
    model_type="colqwen2",
    backbone_types=("qwen2_vl", "qwen2_5_vl"),
    rules=(
        PROJECTION_RULE,
        (r"^(?:vlm\.)?(?:model\.)?visual\.", "vlm.visual."),
        (r"^(?:vlm\.)?(?:model\.)?language_model\.(?:model\.)?", "vlm.language_model."),
        (r"^(?:vlm\.)?model\.", "vlm.language_model."),  # before transformers 4.52
    ),
    adapter=ColQwen2Adapter,
    flash=True,
    # Those of the published adapters: the language model and the projection, not the vision tower.
    lora_targets=r"vlm\.language_model\..*\.(q|k|v|o|gate|up|down)_proj|embedding_proj_layer",
)
