"""Reads a file as an ingest would, and stores nothing of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from indexer.base.pages import PageWords
from indexer.inputs.rasterizer import Rasterizer
from indexer.layout.document_layout import DocumentLayout
from indexer.ocr.word_source import WordSource


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page of a file, with its words as they are laid out."""

    page_number: int
    label: str
    words: PageWords


class FileReader:
    """Reads files page by page. May be shared by threads."""

    def __init__(self, rasterizer: Rasterizer, words: WordSource) -> None:
        self._rasterizer = rasterizer
        self._words = words

    def pages(self, path: Path, name: str) -> Iterator[ReadPage]:
        """Yield the pages of the file `name` that can be read, in order.

        Raises DocumentRejected, Unreadable.
        """
        layout = DocumentLayout()
        with self._rasterizer.open(path, name=name) as pdf:
            for rendered_page in pdf.pages():
                (page,) = self._words.complete([rendered_page], [pdf.part_renderer])
                page = layout.lay_out(page)
                yield ReadPage(page.page_number, page.label, page.words)
