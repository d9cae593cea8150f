"""ColPali: every page squeezed into one square, 32 x 32 cells at 448 pixels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexer.encoders.visual.facts import QueryFormat, VisualFacts
from indexer.encoders.visual.family import PROJECTION_RULE, Family, PageBatch
from indexer.encoders.visual.patch_grid import grid_boxes

if TYPE_CHECKING:
    from PIL.Image import Image
    from torch import Tensor


class ColPaliAdapter:
    """Implements VisualAdapter for a ColPaliForRetrieval."""

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
        batch = self._processor.process_images(images=list(images))
        inputs = _two_way(batch["input_ids"], batch["attention_mask"])
        inputs["pixel_values"] = batch["pixel_values"]
        visual_mask = batch["input_ids"] == self._processor.image_token_id
        side = math.isqrt(self._n_tokens)
        return PageBatch(inputs, visual_mask, [grid_boxes(side, side)] * len(images))

    def on_device(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        return inputs

    def query_inputs(self, ids: Tensor) -> dict[str, Tensor]:
        return _two_way(ids, ids.new_ones(ids.shape))


def _two_way(ids: Tensor, attention_mask: Tensor) -> dict[str, Tensor]:
    """Mark all tokens as PaliGemma's prefix (type 0): each sees every other, as in ColPali's training."""
    return {
        "input_ids": ids,
        "attention_mask": attention_mask,
        "token_type_ids": ids.new_zeros(ids.shape),
    }


FAMILY = Family(
    models=(
        VisualFacts(
            name="colpali",
            summary="ColPali v1.3 (PaliGemma 3B) over the page image at 448 x 448 pixels",
            checkpoint="vidore/colpali-v1.3-hf",
            revision="133a9eb02947310513f52f8f0d39d622e0eab8dc",
            dim=128,
            patch_px=14,
            merge=1,
            max_visual_tokens=1024,
            query=QueryFormat(prefix="<bos>Question: ", augmentation="<pad>", end="\n"),
            licence="Gemma",
            size_bytes=5_850_000_000,
            n_parameters=2_925_000_000,
            token_bytes=240_000,
            fixed_resolution=True,
        ),
    ),
    model_class="ColPaliForRetrieval",
    config_class="ColPaliConfig",
    model_type="colpali",
    backbone_types=("paligemma",),
    rules=(
        PROJECTION_RULE,
        (r"^(?:vlm\.)?(?:model\.)*language_model\.(?:model\.)?", "vlm.language_model."),
        (r"^(?:vlm\.)?(?:model\.)*vision_tower\.(?:vision_model\.)?", "vlm.vision_tower."),
        (r"^(?:vlm\.)?(?:model\.)*multi_modal_projector\.", "vlm.multi_modal_projector."),
    ),
    adapter=ColPaliAdapter,
)
