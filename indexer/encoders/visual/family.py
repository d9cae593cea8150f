"""What a family of visual models is: facts, weight names, and an adapter. One module exports each `FAMILY`.

Dimension key: B pages of a batch, S tokens of the longest, N page vectors, T query tokens.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from indexer.base.pages import Boxes
from indexer.encoders.visual.facts import VisualFacts

if TYPE_CHECKING:
    from PIL.Image import Image
    from torch import Tensor

T = TypeVar("T")
Rule = tuple[str, str]  # a pattern and its replacement
PROJECTION_RULE: Rule = (r"^custom_text_proj\.", "embedding_proj_layer.")  # colpali-engine's name
# Heads that predict words: a retriever has no use for them.
_WORD_HEAD = re.compile(r"^(vlm\.|model\.)*(language_model\.)?lm_head\.weight$")


@dataclass(frozen=True, slots=True, eq=False)
class PageBatch:
    """What the model is called with, on the CPU.

    inputs       keyword arguments of the model's forward
    visual_mask  (B, S) bool, the visual tokens: neither prompt nor padding
    boxes        per page (N, 4), in the order of its visual tokens
    """

    inputs: dict[str, Tensor]
    visual_mask: Tensor
    boxes: list[Boxes]


class VisualAdapter(Protocol):
    """Turns pages and queries into the model's inputs: this differs between the families."""

    @property
    def tokenizer(self) -> Any: ...

    def n_visual_tokens(self, image: Image) -> int:
        """Return what the page costs in a batch, without resizing it."""
        ...

    def page_batch(self, images: Sequence[Image]) -> PageBatch: ...

    def on_device(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """Finish on the model's device what `page_batch` left to do."""
        ...

    def query_inputs(self, ids: Tensor) -> dict[str, Tensor]:
        """Return keyword arguments of the model's forward for ids (B, T)."""
        ...


@dataclass(frozen=True, slots=True)
class Family:
    """One architecture: its encoders, its transformers classes, and how its weights and pages are read.

    models          facts of the family's encoders
    model_class, config_class
                    names of transformers classes
    backbone_types  `model_type` of a checkpoint that holds the backbone's configuration only
    rules           the first one that matches renames a tensor to its name in transformers 5.23; every
                    released layout is spelled out, because a tensor without a name leaves a random one
    adapter         called with (model, processor folder, facts); raises OSError or ValueError when the
                    folder lacks a tokenizer or image settings
    flash           whether flash-attention can be used: it knows causal and full masks only, no prefix
    lora_targets    pattern of the modules that an adapter is fitted to; empty where none was tried
    """

    models: tuple[VisualFacts, ...]
    model_class: str
    config_class: str
    model_type: str
    backbone_types: tuple[str, ...]
    rules: tuple[Rule, ...]
    adapter: Callable[[Any, Path, VisualFacts], VisualAdapter]
    flash: bool = False
    lora_targets: str = ""

    def rename(self, name: str) -> str:
        """Return the name that transformers gives to a tensor of a checkpoint."""
        for pattern, replacement in self.rules:
            new_name, n = re.subn(pattern, replacement, name)
            if n:
                return new_name
        return name

    def rename_all(self, tensors: Mapping[str, T]) -> dict[str, T]:
        """Rename every tensor, and leave out the head that predicts words."""
        return {self.rename(k): v for k, v in tensors.items() if not _WORD_HEAD.match(k)}
