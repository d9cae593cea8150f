"""What an estimate says: the files that an ingest would take, the pages that were tried, the forecast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from indexer.base.verdicts import Verdict
from indexer.inputs.sources import Source
from indexer.maintenance.compaction import COPIED_PAGES

_BOX_BYTES = 4 * 2


@dataclass(frozen=True, slots=True)
class CountedFile:
    """A file that an ingest would take."""

    source: Source
    n_pages: int
    n_bytes: int


@dataclass(frozen=True, slots=True)
class RefusedFile:
    """A file that an ingest would refuse, and the reason that it would give."""

    name: str
    verdict: Verdict
    message: str


@dataclass(frozen=True, slots=True)
class Count:
    """The files of an ingest; `open_s` is the time that opening all of them took."""

    files: tuple[CountedFile, ...]
    refused_files: tuple[RefusedFile, ...]
    n_unchanged: int
    open_s: float

    @property
    def n_pages(self) -> int:
        return sum(file.n_pages for file in self.files)


@dataclass(frozen=True, slots=True)
class SampledPage:
    """One page that was really ingested; `text_source` as in PageWords."""

    document: str
    page_number: int
    n_vectors: int
    vector_bytes: int
    image_bytes: int
    text_bytes: int
    pixel_bytes: int
    text_source: str


@dataclass(frozen=True, slots=True)
class PageSeconds:
    """Mean seconds that a sampled page took, step by step; reading words is OCR where a page needs it."""

    render_s: float = 0.0
    read_words_s: float = 0.0
    encode_s: float = 0.0
    store_s: float = 0.0

    @property
    def total(self) -> float:
        """Rendering and storing go on beside reading and encoding."""
        return max(self.render_s + self.store_s, self.read_words_s + self.encode_s)


@dataclass(frozen=True, slots=True)
class Estimate:
    """The forecast. Bytes are on disk, `peak_memory_bytes` in memory, the rasterizer's child included.

    load_s      once: the encoder, the OCR engines; for each file whose pages need it, the layout model
    int8_copies whether compaction keeps an int8 copy of the vectors
    """

    count: Count
    samples: tuple[SampledPage, ...]
    page_s: PageSeconds
    load_s: float
    peak_memory_bytes: int
    int8_copies: bool = False

    @property
    def seconds(self) -> float:
        return self.load_s + self.count.open_s + self.count.n_pages * self.page_s.total

    @property
    def original_bytes(self) -> int:
        return sum(file.n_bytes for file in self.count.files)

    @property
    def image_bytes(self) -> int:
        return self._for_all_pages([page.image_bytes for page in self.samples])

    @property
    def vector_bytes(self) -> int:
        return self._for_all_pages([page.vector_bytes for page in self.samples])

    @property
    def derived_bytes(self) -> int:
        """Bytes of the int8 copy; the candidate index of very many pages is not foreseen."""
        if not self.int8_copies or self.count.n_pages < COPIED_PAGES:
            return 0
        return self._for_all_pages(
            [(p.vector_bytes - p.n_vectors * _BOX_BYTES) // 2 for p in self.samples]
        )

    @property
    def text_bytes(self) -> int:
        return self._for_all_pages([page.text_bytes for page in self.samples])

    def _for_all_pages(self, of_samples: Sequence[int]) -> int:
        return round(fmean(of_samples) * self.count.n_pages) if of_samples else 0
