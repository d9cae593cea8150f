"""Pages and queries for ColModernVBERT: the page in tiles of 8 x 8 cells, and once more as a whole."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexer.encoders.visual.encoder import PageBatch
from indexer.encoders.visual.model_facts import VisualFacts
from indexer.encoders.visual.patch_grid import tiled_boxes

if TYPE_CHECKING:
    from PIL.Image import Image
    from torch import Tensor

_TILE = re.compile(r"^<row_(\d+)_col_(\d+)>$")


class ColModernVBertAdapter:
    """`model` is a ColModernVBertForRetrieval."""

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
        kept = inputs["input_ids"] == self._processor.image_token_id
        side = math.isqrt(self._tile_tokens)
        boxes = [tiled_boxes(*self._tiles(ids), side) for ids in inputs["input_ids"].tolist()]
        return PageBatch(inputs, kept, boxes)

    def _tiles(self, ids: list[int]) -> tuple[int, int]:
        """(rows, columns) of tiles, as the prompt names them; (0, 0) for a page that is not split."""
        names = map(_TILE.match, self.tokenizer.convert_ids_to_tokens(ids))
        places = [(int(found[1]), int(found[2])) for found in names if found]
        return max(places, default=(0, 0))

    def on_device(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        return inputs

    def query_inputs(self, ids: Tensor) -> dict[str, Tensor]:
        return {"input_ids": ids, "attention_mask": ids.new_ones(ids.shape)}
