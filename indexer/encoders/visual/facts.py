"""What a visual model is: weights, geometry, and the words around a query.

A revision is a commit of the model's repository on the Hugging Face hub. Query texts follow the processor
that the checkpoint was published with; they shape the vectors, so they are part of the fingerprint.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from indexer.base.errors import EncoderUnavailable
from indexer.encoders.base import EncoderFingerprint

# ColQwen2's own limit (colpali-engine trains and scores with 768 x 28 x 28 pixels).
MAX_VISUAL_TOKENS = 768
MIN_VISUAL_TOKENS = 4


@dataclass(frozen=True, slots=True)
class QueryFormat:
    """`prefix` + the question + `augmentation` n times + `end`.

    Augmentation tokens are room for the model to think in (ColPali, arXiv 2407.01449): they take part
    in the score and never point at evidence.
    """

    prefix: str
    augmentation: str
    n_augmentation: int = 10
    end: str = ""

    def wrap(self, text: str) -> str:
        return f"{self.prefix}{text}{self.augmentation * self.n_augmentation}{self.end}"


@dataclass(frozen=True, slots=True)
class VisualFacts:
    """One visual encoder.

    patch_px, merge        a visual token sees merge x merge patches of patch_px pixels (after resizing)
    min_visual_tokens, max_visual_tokens
                           fewest and most vectors of a page; `fixed_resolution` models have no choice
    n_parameters           about; `size_bytes` is what they take on disk
    token_bytes            memory in work per visual token of a page, weights not counted: measured on a CPU
                           in float32 with the model's widths, a page of the most tokens
    base, base_revision    where `checkpoint` holds a LoRA adapter only: the weights it is merged into
    """

    name: str
    summary: str
    checkpoint: str
    revision: str
    dim: int
    patch_px: int
    merge: int
    max_visual_tokens: int
    query: QueryFormat
    licence: str
    size_bytes: int
    n_parameters: int
    token_bytes: int
    min_visual_tokens: int = MIN_VISUAL_TOKENS
    fixed_resolution: bool = False
    base: str | None = None
    base_revision: str | None = None

    @property
    def fingerprint(self) -> EncoderFingerprint:
        options: dict[str, str | int | float] = {
            "max_visual_tokens": self.max_visual_tokens,
            "query_prefix": self.query.prefix,
            "query_augmentation": f"{self.query.augmentation} x {self.query.n_augmentation}",
            "query_end": self.query.end,
        }
        if self.min_visual_tokens != MIN_VISUAL_TOKENS:  # absent from older collections
            options["min_visual_tokens"] = self.min_visual_tokens
        return EncoderFingerprint(
            name=self.name,
            checkpoint=self.checkpoint,
            revision=self.revision if not self.base else f"{self.revision}+{self.base_revision}",
            dim=self.dim,
            options=options,
        )

    def at_resolution(
        self, min_visual_tokens: int | None = None, max_visual_tokens: int | None = None
    ) -> VisualFacts:
        """Return the same encoder with other bounds on the vectors of a page; None keeps a bound.

        Raises EncoderUnavailable for a model without the choice, and for bounds that contradict.
        """
        lower = self.min_visual_tokens if min_visual_tokens is None else min_visual_tokens
        upper = self.max_visual_tokens if max_visual_tokens is None else max_visual_tokens
        if (lower, upper) == (self.min_visual_tokens, self.max_visual_tokens):
            return self
        if self.fixed_resolution:
            raise EncoderUnavailable(
                f"the {self.name} encoder has a fixed number of visual tokens: unset "
                "PAGESIGHT_MIN_VISUAL_TOKENS and PAGESIGHT_MAX_VISUAL_TOKENS, or choose colqwen2"
            )
        if lower > upper:
            raise EncoderUnavailable(
                f"a page cannot have at least {lower} and at most {upper} visual tokens: raise "
                "PAGESIGHT_MAX_VISUAL_TOKENS or lower PAGESIGHT_MIN_VISUAL_TOKENS"
            )
        return replace(self, min_visual_tokens=lower, max_visual_tokens=upper)
