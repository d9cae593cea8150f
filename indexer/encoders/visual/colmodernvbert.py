"""ColModernVBERT: the page in tiles of 8 x 8 cells, and once more as a whole."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexer.encoders.visual.facts import QueryFormat, VisualFacts
from indexer.encoders.visual.family import PROJECTION_RULE, Family, PageBatch
from indexer.encoders.visual.patch_grid import tiled_boxes

if TYPE_CHECKING:
    from PIL.Image import Image
    from torch import Tensor

_TILE = re.compile(r"^<row_(\d+)_col_(\d+)>$")


class ColModernVBertAdapter:
    """Implements VisualAdapter for a ColModernVBertForRetrieval."""

    def __init__(self, model: Any, folder: Path, facts: VisualFacts) -> None:
        from transformers import AutoTokenizer, ColModernVBertProcessor
        from transformers.models.idefics3.image_processing_pil_idefics3 import (
            Idefics3ImageProcessorPil,
        )

        images = Idefics3ImageProcessorPil.from_pretrained(folder, local_files_only=True)
        self.tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        self._tile_tokens: int = model.vlm.image_seq_len
        self._processor = ColModernVBertProcessor(
            images, self.tokenizer, image_seq_len=self._tile_tokens
        )

    def n_visual_tokens(self, image: Image) -> int:
        images = self._processor.image_processor
        n_tiles: int = images.get_number_of_image_patches(image.height, image.width)[0]
        return max(n_tiles, 1) * self._tile_tokens

    def page_batch(self, images: Sequence[Image]) -> PageBatch:
        inputs = dict(self._processor.process_images(images=list(images)))
        visual_mask = inputs["input_ids"] == self._processor.image_token_id
        side = math.isqrt(self._tile_tokens)
        boxes = [tiled_boxes(*self._tiles(ids), side) for ids in inputs["input_ids"].tolist()]
        return PageBatch(inputs, visual_mask, boxes)

    def _tiles(self, ids: list[int]) -> tuple[int, int]:
        """Return (rows, columns) of tiles, as the prompt names them; (0, 0) for a page that is not split."""
        matches = map(_TILE.match, self.tokenizer.convert_ids_to_tokens(ids))
        places = [(int(match[1]), int(match[2])) for match in matches if match]
        return max(places, default=(0, 0))

    def on_device(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        return inputs

    def query_inputs(self, ids: Tensor) -> dict[str, Tensor]:
        return {"input_ids": ids, "attention_mask": ids.new_ones(ids.shape)}


FAMILY = Family(
    models=(
        VisualFacts(
            name="colmodernvbert",
            summary="ColModernVBERT (0.25B) over the page image in tiles: English, runs on a CPU",
            checkpoint="ModernVBERT/colmodernvbert-merged",
            revision="a8b921f15ec3c8ba4264d40e1dbd7d77ea1336f0",
            dim=128,
            patch_px=16,
            merge=4,
            max_visual_tokens=17 * 64,  # 4 x 4 tiles of 512 px and the whole page, 64 tokens each
            query=QueryFormat(prefix="", augmentation="<end_of_utterance>"),
            licence="MIT",
            size_bytes=1_000_000_000,
            n_parameters=250_000_000,
            token_bytes=700_000,
            fixed_resolution=True,
        ),
    ),
    model_class="ColModernVBertForRetrieval",
    config_class="ColModernVBertConfig",
    model_type="colmodernvbert",
    backbone_types=("modernvbert",),
    rules=(
        PROJECTION_RULE,
        (r"^model\.(text_model|vision_model|connector)\.", r"vlm.\1."),
    ),
    adapter=ColModernVBertAdapter,
)
