"""Forecasts against what ingests really take, and that they leave no trace."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.base.lazy import Lazy
from indexer.base.settings import IndexerSettings
from indexer.base.verdicts import Verdict
from indexer.encoders.fake import FakeEncoder
from indexer.encoders.known_encoders import KnownEncoders
from indexer.encoders.lazy import LazyEncoder
from indexer.ingest.estimate import Estimator
from indexer.ingest.pipeline import Pipeline
from indexer.inputs.rasterizer import Rasterizer
from indexer.inputs.sources import Source, find_sources
from indexer.ocr import PageReader
from indexer.ocr.word_source import WordSource
from indexer.storage.files import sha256_of
from indexer.stores import Stores
from tests.conftest import DrawPdf

SETTINGS = IndexerSettings()


def estimator(ocr: str = "never") -> Estimator:
    words = WordSource(ocr, Lazy(PageReader).get)  # type: ignore[arg-type]
    return Estimator(Rasterizer(SETTINGS), words, FakeEncoder)


@pytest.fixture
def folder(draw_pdf: DrawPdf) -> Path:
    first = draw_pdf("in/a.pdf", [f"page {n} has these words" for n in range(1, 8)])
    draw_pdf("in/b.pdf", [f"other page {n} says the like" for n in range(1, 6)])
    return first.parent


def test_the_forecast_of_bytes_is_what_the_ingest_writes(folder: Path, stores: Stores) -> None:
    sources = find_sources([folder])
    forecast = estimator().estimate(estimator().count(sources))
    collection = stores.catalog.collections.create("c", FakeEncoder().fingerprint)
    words = WordSource("never", PageReader)
    encoders = KnownEncoders(LazyEncoder(lambda: FakeEncoder().fingerprint, FakeEncoder))
    pipeline = Pipeline(stores, Rasterizer(SETTINGS), words, encoders)
    assert all(pipeline.ingest(collection, one).verdict.searchable for one in sources)
    assert forecast.count.n_pages == 12
    assert len(forecast.samples) == 5
    data = stores.folder.root
    images = sum(path.stat().st_size for path in (data / "images").rglob("*.webp"))
    assert forecast.image_bytes == pytest.approx(images, rel=0.2)
    originals = sum(path.stat().st_size for path in (data / "originals").rglob("*.pdf"))
    assert forecast.original_bytes == originals
    n_vectors = stores.catalog.collections.totals(collection.id).n_vectors
    per_vector = 2 * FakeEncoder().fingerprint.dim + 8
    assert forecast.vector_bytes == pytest.approx(n_vectors * per_vector, rel=0.05)


def test_odd_files_are_listed_with_their_verdict_and_the_others_are_counted(
    folder: Path, tmp_path: Path
) -> None:
    (folder / "empty.pdf").write_bytes(b"")
    (folder / "text.pdf").write_bytes(b"no PDF at all")
    (folder / "cut.pdf").write_bytes((folder / "a.pdf").read_bytes()[:300])
    gone = Source(tmp_path / "gone.pdf", "gone.pdf")
    count = estimator().count([*find_sources([folder]), gone])
    assert {one.name: one.verdict for one in count.refused_files} == {
        "empty.pdf": Verdict.EMPTY,
        "text.pdf": Verdict.UNSUPPORTED,
        "cut.pdf": Verdict.CORRUPT,
        "gone.pdf": Verdict.FAILED,
    }
    assert [file.n_pages for file in count.files] == [7, 5]


def test_nothing_that_can_be_indexed_costs_nothing(tmp_path: Path) -> None:
    (tmp_path / "text.pdf").write_bytes(b"no PDF at all")
    one = estimator()
    found = one.estimate(one.count(find_sources([tmp_path])))
    assert (found.count.n_pages, found.samples, found.image_bytes) == (0, (), 0)


def test_files_that_are_indexed_already_are_not_counted_again(folder: Path) -> None:
    indexed = sha256_of(folder / "a.pdf")
    count = estimator().count(find_sources([folder]), lambda sha256: sha256 == indexed)
    assert (count.n_unchanged, count.n_pages) == (1, 5)


def test_a_page_that_cannot_be_rendered_leaves_the_others_to_tell(folder: Path) -> None:
    one = estimator()
    count = one.count(find_sources([folder]))
    (folder / "b.pdf").write_bytes(b"it was changed between the two readings")
    found = one.estimate(count)
    assert {page.document for page in found.samples} == {"a.pdf"}


def test_memory_is_set_aside_for_ocr_that_no_sample_needed(folder: Path) -> None:
    sources = find_sources([folder])
    peaks = []
    for ocr in ("never", "auto"):
        one = estimator(ocr)
        peaks.append(one.estimate(one.count(sources)).peak_memory_bytes)
    assert peaks[1] - peaks[0] >= 150_000_000


def test_the_rasterizer_begins_at_the_page_it_is_asked_for(draw_pdf: DrawPdf) -> None:
    path = draw_pdf("a.pdf", ["one", "two", "three"])
    with Rasterizer(SETTINGS).open(path, first_page=2) as opened:
        assert opened.n_pages == 3
        assert [(page.page_number, page.words.texts) for page in opened.pages()] == [
            (2, ("two",)),
            (3, ("three",)),
        ]
