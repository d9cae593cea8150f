"""Decide where a page's words come from: its text layer, OCR of its image, or both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal

from indexer.base.pages import RenderedPage
from indexer.ocr import PageReader, merge_words, needs_ocr
from indexer.ocr.reader import ENGINE_BYTES, N_WORKERS

OcrPolicy = Literal["auto", "always", "never"]


class WordSource:
    """Completes pages with the words their text layer does not have."""

    def __init__(self, policy: OcrPolicy, load_reader: Callable[[], PageReader]) -> None:
        self._policy = policy
        self._load_reader = load_reader

    @property
    def reader_bytes(self) -> int:
        """Bytes of memory that OCR takes when a page needs it."""
        return 0 if self._policy == "never" else N_WORKERS * ENGINE_BYTES

    def complete(self, pages: Sequence[RenderedPage]) -> list[RenderedPage]:
        """Return the same pages; those that need it have words read from their images."""
        unread = [i for i, page in enumerate(pages) if needs_ocr(page, self._policy)]
        complete_pages = list(pages)
        if unread:
            page_words = self._load_reader().read_many([pages[i].image for i in unread])
            for i, words in zip(unread, page_words, strict=True):
                complete_pages[i] = replace(pages[i], words=merge_words(pages[i].words, words))
        return complete_pages
