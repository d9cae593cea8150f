"""The names that weights were saved under over the years -> the names of transformers 5.23.

Every released layout is spelled out here; whatever does not fit is refused by `weights`, because a tensor
that finds no name leaves a random one in its place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from indexer.encoders.visual.model_facts import FamilyName

T = TypeVar("T")
_PROJECTION = (r"^custom_text_proj\.", "embedding_proj_layer.")  # colpali-engine's name
# Heads that predict words: a retriever has no use for them.
_UNUSED = re.compile(r"^(vlm\.|model\.)*(language_model\.)?lm_head\.weight$")


@dataclass(frozen=True, slots=True)
class Family:
    """The transformers classes of one family, and the first rule that matches renames a tensor.

    flash  whether flash-attention can be used: it knows causal and full masks only, no prefix
    """

    model_class: str
    config_class: str
    model_type: str
    backbone_types: tuple[str, ...]
    rules: tuple[tuple[str, str], ...]
    flash: bool = False

    def rename(self, name: str) -> str:
        for pattern, replacement in self.rules:
            renamed, n = re.subn(pattern, replacement, name)
            if n:
                return renamed
        return name

    def rename_all(self, tensors: Mapping[str, T]) -> dict[str, T]:
        return {self.rename(k): v for k, v in tensors.items() if not _UNUSED.match(k)}


FAMILIES: dict[FamilyName, Family] = {
    "colqwen2": Family(
        model_class="ColQwen2ForRetrieval",
        config_class="ColQwen2Config",
        model_type="colqwen2",
        backbone_types=("qwen2_vl", "qwen2_5_vl"),
        rules=(
            _PROJECTION,
            (r"^(?:vlm\.)?(?:model\.)?visual\.", "vlm.visual."),
            (r"^(?:vlm\.)?(?:model\.)?language_model\.(?:model\.)?", "vlm.language_model."),
            (r"^(?:vlm\.)?model\.", "vlm.language_model."),  # before transformers 4.52
        ),
        flash=True,
    ),
    "colpali": Family(
        model_class="ColPaliForRetrieval",
        config_class="ColPaliConfig",
        model_type="colpali",
        backbone_types=("paligemma",),
        rules=(
            _PROJECTION,
            (r"^(?:vlm\.)?(?:model\.)*language_model\.(?:model\.)?", "vlm.language_model."),
            (r"^(?:vlm\.)?(?:model\.)*vision_tower\.(?:vision_model\.)?", "vlm.vision_tower."),
            (r"^(?:vlm\.)?(?:model\.)*multi_modal_projector\.", "vlm.multi_modal_projector."),
        ),
    ),
    "colmodernvbert": Family(
        model_class="ColModernVBertForRetrieval",
        config_class="ColModernVBertConfig",
        model_type="colmodernvbert",
        backbone_types=("modernvbert",),
        rules=(
            _PROJECTION,
            (r"^model\.(text_model|vision_model|connector)\.", r"vlm.\1."),
        ),
    ),
}
