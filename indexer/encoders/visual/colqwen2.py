"""Pages and queries for ColQwen2 and ColQwen2.5: dynamic resolution, one vector per 28 x 28 pixels.

Dimension key: B pages of a batch, S tokens of the longest.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexer.encoders.visual.encoder import PageBatch
from indexer.encoders.visual.model_facts import VisualFacts
from indexer.encoders.visual.patch_grid import grid_boxes, merged_grid

if TYPE_CHECKING:
    from PIL.Image import Image
    from torch import Tensor

_MIN_VISUAL_TOKENS = 4
# The resizing that Qwen2-VL was trained with refuses longer strips than this.
_MAX_ASPECT = 200


class ColQwen2Adapter:
    """`model` is a ColQwen2ForRetrieval with a Qwen2-VL or Qwen2.5-VL backbone."""

    def __init__(self, model: Any, folder: Path, facts: VisualFacts) -> None:
        from transformers import AutoTokenizer, ColQwen2Processor
        from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import (
            Qwen2VLImageProcessorPil,
        )

        cell_px = facts.patch_px * facts.merge
        size = {
            "shortest_edge": _MIN_VISUAL_TOKENS * cell_px**2,  # areas, in spite of their names
            "longest_edge": facts.max_visual_tokens * cell_px**2,
        }
        images = Qwen2VLImageProcessorPil.from_pretrained(folder, local_files_only=True, size=size)
        self.tokenizer = AutoTokenizer.from_pretrained(
            folder, local_files_only=True, padding_side="left"
        )
        self._processor = ColQwen2Processor(image_processor=images, tokenizer=self.tokenizer)
        self._model = model
        self._merge = facts.merge

    def n_visual_tokens(self, image: Image) -> int:
        images = self._processor.image_processor
        fitted = _within_aspect(image)
        n_patches: int = images.get_number_of_image_patches(fitted.height, fitted.width)
        return n_patches // self._merge**2

    def page_batch(self, images: Sequence[Image]) -> PageBatch:
        inputs = dict(self._processor.process_images(images=[_within_aspect(i) for i in images]))
        kept = inputs["input_ids"] == self._processor.image_token_id
        inputs["position_ids"] = self._positions(inputs, kept)
        grids = [merged_grid(grid, self._merge) for grid in inputs["image_grid_thw"].tolist()]
        return PageBatch(inputs, kept, [grid_boxes(*grid) for grid in grids])

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


def _within_aspect(image: Image) -> Image:
    """A strip above 200 : 1 is squeezed to it: its cells are fractions of the page all the same."""
    longest = _MAX_ASPECT * min(image.size)
    if max(image.size) <= longest:
        return image
    return image.resize((min(image.width, longest), min(image.height, longest)))
