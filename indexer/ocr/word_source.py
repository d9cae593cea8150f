"""Decide where a page's words come from: its text layer, OCR of its image, or both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from indexer.base.page_parts import PartRenderer
from indexer.base.pages import RenderedPage
from indexer.ocr.engine import ENGINE_BYTES
from indexer.ocr.reader import N_WORKERS, PageReader

OcrPolicy = Literal["auto", "always", "never"]


class WordSource:
    """Completes pages with the words their text layer does not have."""

    def __init__(self, policy: OcrPolicy, load_reader: Callable[[], PageReader]) -> None:
        self.policy = policy
        self._load_reader = load_reader

    @property
    def unloaded_bytes(self) -> int:
        """Bytes of memory that OCR has not taken yet and takes when pages need it."""
        if self.policy == "never":
            return 0
        return (N_WORKERS - self._load_reader().n_engines) * ENGINE_BYTES

    def complete(
        self,
        pages: Sequence[RenderedPage],
        part_renderers: Sequence[PartRenderer | None] = (),
    ) -> list[RenderedPage]:
        """Return the same pages with the words that could be read where they have ink and no words.

        part_renderers  of each page: what renders parts of it with more pixels; default: none

        What a reader should know of a page is added to its `warnings`. Raises EncoderUnavailable when a page
        is to be read and the OCR package or its models are missing.
        """
        if self.policy == "never" or not pages:
            return list(pages)
        sources = part_renderers or [None] * len(pages)
        return self._load_reader().complete(pages, sources, whole=self.policy == "always")
