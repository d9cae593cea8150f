"""Pages and queries for ColPali: every page squeezed into one square, 32 x 32 cells at 448 pixels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexer.encoders.visual.encoder import PageBatch
from indexer.encoders.visual.model_facts import VisualFacts
from indexer.encoders.visual.patch_grid import grid_boxes

if TYPE_CHECKING:
    from PIL.Image import Image
    from torch import Tensor


class ColPaliAdapter:
    """`model` is a ColPaliForRetrieval."""

    def __init__(self, model: Any, folder: Path, facts: VisualFacts) -> None:
        from transformers import AutoTokenizer, ColPaliProcessor
        from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil

        vision = model.config.vlm_config.vision_config
        self._n_tokens: int = (vision.image_size // vision.patch_size) ** 2
        images = SiglipImageProcessorPil.from_pretrained(
            folder,
            local_files_only=True,
            size={"height": vision.image_size, "width": vision.image_size},
        )
        images.image_seq_length = self._n_tokens
        self.tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        self._processor = ColPaliProcessor(image_processor=images, tokenizer=self.tokenizer)

    def n_visual_tokens(self, image: Image) -> int:
        return self._n_tokens

    def page_batch(self, images: Sequence[Image]) -> PageBatch:
        found = self._processor.process_images(images=list(images))
        inputs = _two_way(found["input_ids"], found["attention_mask"])
        inputs["pixel_values"] = found["pixel_values"]
        kept = found["input_ids"] == self._processor.image_token_id
        side = math.isqrt(self._n_tokens)
        return PageBatch(inputs, kept, [grid_boxes(side, side)] * len(images))

    def on_device(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        return inputs

    def query_inputs(self, ids: Tensor) -> dict[str, Tensor]:
        return _two_way(ids, ids.new_ones(ids.shape))


def _two_way(ids: Tensor, attention_mask: Tensor) -> dict[str, Tensor]:
    """Token type 0 is PaliGemma's prefix, in which every token sees every other, as in ColPali's training."""
    return {
        "input_ids": ids,
        "attention_mask": attention_mask,
        "token_type_ids": ids.new_zeros(ids.shape),
    }
