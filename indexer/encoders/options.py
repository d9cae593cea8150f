"""What an operator may choose about an encoder beside its name and device."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from indexer.base.errors import EncoderUnavailable
from indexer.base.settings import IndexerSettings

Runtime = Literal["auto", "torch", "onnx"]


@dataclass(frozen=True, slots=True)
class EncoderOptions:
    """Most fields are those of IndexerSettings; None leaves the choice to the encoder.

    one_thread  `lite` gives torch no more than one: nothing else in the process gains from several
    adapters    folder of the LoRA adapters that have a name of their own

    The first four shape the vectors, so they are part of the fingerprint; the others cost or save time.
    """

    checkpoint: str | None = None
    token_pooling: int = 1
    min_visual_tokens: int | None = None
    max_visual_tokens: int | None = None
    token_budget: int | None = None
    compile_queries: bool = False
    lite_runtime: Runtime = "auto"
    torchscript: bool = True
    one_thread: bool = False
    adapters: Path | None = None

    def require_no_resolution(self, name: str, why: str = "has no visual tokens") -> None:
        """Raise EncoderUnavailable where `name`, which has no resolution to choose, is given one."""
        if self.min_visual_tokens is not None or self.max_visual_tokens is not None:
            raise EncoderUnavailable(
                f"the {name} encoder {why}: unset PAGESIGHT_MIN_VISUAL_TOKENS and "
                "PAGESIGHT_MAX_VISUAL_TOKENS, or choose colqwen2"
            )

    @classmethod
    def of(cls, settings: IndexerSettings, adapters: Path | None = None) -> EncoderOptions:
        return cls(
            checkpoint=settings.encoder_checkpoint,
            token_pooling=settings.token_pooling,
            min_visual_tokens=settings.min_visual_tokens,
            max_visual_tokens=settings.max_visual_tokens,
            token_budget=settings.token_budget,
            compile_queries=settings.compile_queries,
            lite_runtime=settings.lite_runtime,
            torchscript=settings.torchscript,
            adapters=adapters,
        )
