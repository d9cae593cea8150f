"""Small documents with known words, and services over them that need no child process for a page.

Every page has a word that stands nowhere else: a search for it says whether the page is there, and once.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from PIL import Image

from api.base.settings import Settings
from api.services.wiring import Services, wire
from indexer.base.document_properties import DocumentProperties
from indexer.base.pages import RenderedPage
from indexer.base.settings import IndexerSettings
from indexer.encoders.fake import FakeEncoder
from indexer.encoders.known_encoders import KnownEncoders
from indexer.encoders.lazy import LazyEncoder
from indexer.ingest.pipeline import Pipeline
from indexer.ingest.sync.synchronizer import Synchronizer
from indexer.inputs.pdf.opening import open_file
from indexer.inputs.rasterizer import Rasterizer
from indexer.inputs.sources import Source
from indexer.ocr import PageReader
from indexer.ocr.word_source import WordSource
from tests.builders import settings_of
from tests.support.factories import words

COMMON_WORDS = ("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota")


@dataclass(frozen=True)
class Paper:
    """A document of so many pages."""

    stem: str
    n_pages: int

    @property
    def name(self) -> str:
        return f"{self.stem}.pdf"

    @property
    def content(self) -> bytes:
        """The bytes of its file: they look like a PDF, and nobody renders them."""
        return f"%PDF-1.4\n% {self.stem}, {self.n_pages} pages\n".encode() * 40

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    def word(self, page_number: int) -> str:
        """The word that stands on this page only."""
        return f"{self.stem}p{page_number}"

    @property
    def _first_line(self) -> int:
        """The line on which the words stand: the boxes of two papers differ."""
        return hashlib.sha256(self.stem.encode()).digest()[0] % 8

    def pages(self) -> Iterator[RenderedPage]:
        for number in range(1, self.n_pages + 1):
            color = hashlib.sha256(self.word(number).encode()).digest()
            common = [COMMON_WORDS[(number + i) % len(COMMON_WORDS)] for i in range(6)]
            yield RenderedPage(
                page_number=number,
                label=str(number),
                width_pt=595.0,
                height_pt=842.0,
                image=Image.new("RGB", (30, 42), (color[0], color[1], color[2])),
                words=words("\n" * self._first_line + " ".join([self.word(number), *common])),
            )

    def source(self, folder: Path, name: str | None = None) -> Source:
        """Write the file, unless it is there, and return it; `name`: what it goes by, if not its own."""
        path = folder / self.name
        if not path.exists():  # whole at once: other processes of the trial bring the same file
            draft = folder / f".{os.getpid()}-{self.name}"
            draft.write_bytes(self.content)
            draft.rename(path)
        return Source(path, name or self.name)


PAPERS = {
    paper.stem: paper
    for paper in (Paper("pump", 3), Paper("valve", 2), Paper("motor", 4), Paper("gauge", 1),
                  Paper("flange", 2), Paper("gasket", 1), Paper("lease", 2))
}  # fmt: skip


def paper_named(stem: str) -> Paper:
    """Return a paper by its stem; one that is in no list says how many pages it has: `u7x3` has three."""
    return PAPERS.get(stem) or Paper(stem, int(stem.rsplit("x", 1)[1]))


def paper_of(content: bytes) -> Paper | None:
    """Return the paper of which these are the bytes, all of them."""
    match = re.match(rb"%PDF-1.4\n% (\w+), (\d+) pages\n", content)
    if match is None:
        return None
    paper = Paper(match[1].decode(), int(match[2]))
    return paper if paper.content == content else None


@dataclass
class ReadyDocument:
    """What the pipeline needs of an open document, rendered beforehand."""

    paper: Paper
    warnings: list[str] = field(default_factory=list)
    media_type: str = "application/pdf"
    own_properties: DocumentProperties = DocumentProperties()  # noqa: RUF009 - frozen; says nothing

    @property
    def n_pages(self) -> int:
        return self.paper.n_pages

    def pages(self) -> Iterator[RenderedPage]:
        return self.paper.pages()

    @property
    def part_renderer(self) -> None:
        """Nothing is looked at closer."""

    @property
    def carries_files(self) -> bool:
        return False

    def warn_of(self, page: RenderedPage) -> None:
        """Nothing is noted of pages that are not read."""

    def interrupt(self) -> None:
        """Nothing goes on by itself."""


class ReadyRasterizer(Rasterizer):
    """Opens and checks the file as the real one does, and has the pages of papers ready."""

    def __init__(self, settings: IndexerSettings) -> None:
        super().__init__(settings)
        self._indexer_settings = settings

    @contextmanager
    def open(  # type: ignore[override]
        self, path: Path, first_page: int = 1, name: str | None = None
    ) -> Iterator[Any]:
        descriptor = open_file(path, self._indexer_settings)
        try:
            with os.fdopen(os.dup(descriptor), "rb", buffering=0) as file:
                paper = paper_of(file.readall())
        finally:
            os.close(descriptor)
        if paper is None:
            with super().open(path, first_page, name) as document:
                yield document
        else:
            yield ReadyDocument(paper)


@cache
def _settings() -> Settings:
    """Build them once: it takes longer than to open a data folder."""
    return settings_of(
        encoder="fake", ocr="never", layout="never", upkeep_interval_s=0, first_pages_s=0
    )


def services_over(data_dir: Path, **options: Any) -> Services:
    """Return the services of the product over a data folder; only the child that renders is left out."""
    settings = _settings().model_copy(update={"data_dir": data_dir} | options)
    services = wire(settings)
    encoder = FakeEncoder()
    pipeline = Pipeline(
        services.stores,
        ReadyRasterizer(settings),
        WordSource("never", PageReader),
        KnownEncoders(LazyEncoder(lambda: encoder.fingerprint, lambda: encoder)),
    )
    synchronizer = Synchronizer(services.stores, pipeline)
    return replace(services, pipeline=pipeline, synchronizer=synchronizer)
