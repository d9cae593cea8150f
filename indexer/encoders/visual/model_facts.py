"""What each visual model is: weights, geometry, and the words around a query. Nothing is loaded here.

A revision is a commit of the model's repository on the Hugging Face hub. Query texts follow the processor
that the checkpoint was published with; they shape the vectors, so they are part of the fingerprint.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from indexer.base.errors import EncoderUnavailable
from indexer.encoders.base import EncoderFingerprint

FamilyName = Literal["colqwen2", "colpali", "colmodernvbert"]

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
    family: FamilyName
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
        """The same encoder with other bounds on the vectors of a page; None keeps a bound.

        Raises EncoderUnavailable for a model without the choice, and for bounds that contradict.
        """
        least = self.min_visual_tokens if min_visual_tokens is None else min_visual_tokens
        most = self.max_visual_tokens if max_visual_tokens is None else max_visual_tokens
        if (least, most) == (self.min_visual_tokens, self.max_visual_tokens):
            return self
        if self.fixed_resolution:
            raise EncoderUnavailable(
                f"the {self.name} encoder has a fixed number of visual tokens: unset "
                "PAGESIGHT_MIN_VISUAL_TOKENS and PAGESIGHT_MAX_VISUAL_TOKENS, or choose colqwen2"
            )
        if least > most:
            raise EncoderUnavailable(
                f"a page cannot have at least {least} and at most {most} visual tokens: raise "
                "PAGESIGHT_MAX_VISUAL_TOKENS or lower PAGESIGHT_MIN_VISUAL_TOKENS"
            )
        return replace(self, min_visual_tokens=least, max_visual_tokens=most)


_QWEN_QUERY = QueryFormat(prefix="Query: ", augmentation="<|endoftext|>", end="\n")

VISUAL_MODELS: dict[str, VisualFacts] = {
    facts.name: facts
    for facts in (
        VisualFacts(
            name="colqwen2",
            family="colqwen2",
            summary="ColQwen2 v1.0 (Qwen2-VL 2B) over the page image: the default with a GPU",
            checkpoint="vidore/colqwen2-v1.0-hf",
            revision="ddc07d2317c80f75fc742b7362ee9ad1912908f9",
            dim=128,
            patch_px=14,
            merge=2,
            max_visual_tokens=MAX_VISUAL_TOKENS,
            query=_QWEN_QUERY,
            licence="Apache-2.0",
            size_bytes=4_418_454_832,
            n_parameters=2_209_000_000,
            token_bytes=380_000,
        ),
        VisualFacts(
            name="colqwen2.5",
            family="colqwen2",
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
        VisualFacts(
            name="colpali",
            family="colpali",
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
        VisualFacts(
            name="colmodernvbert",
            family="colmodernvbert",
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
    )
}
