"""The real rasterizer, SQLite and segments; the fake encoder, for speed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pymupdf
import pytest
from PIL import Image

from indexer.base.errors import EncoderMismatch, EncoderUnavailable, StorageError
from indexer.base.pages import PageEmbedding, RenderedPage
from indexer.base.settings import IndexerSettings
from indexer.base.verdicts import Verdict
from indexer.catalog.collections import Collection
from indexer.encoders.fake import FakeEncoder
from indexer.encoders.known_encoders import KnownEncoders
from indexer.encoders.lazy import LazyEncoder
from indexer.ingest.pipeline import Pipeline
from indexer.inputs.rasterizer import Rasterizer
from indexer.inputs.sources import Source
from indexer.ocr import PageReader
from indexer.ocr.word_source import WordSource
from indexer.stores import Stores
from tests.builders import document_of
from tests.conftest import DrawPdf

pytestmark = pytest.mark.usefixtures("collection")


@pytest.fixture
def pipeline(stores: Stores) -> Pipeline:
    settings = IndexerSettings(encoder="fake", max_file_bytes=1_000_000, max_pages=20)
    encoder = FakeEncoder()
    return Pipeline(
        stores=stores,
        rasterizer=Rasterizer(settings),
        words=WordSource("never", PageReader),
        encoders=loaded_by(lambda: encoder),
    )


@pytest.fixture
def collection(stores: Stores) -> Collection:
    return stores.catalog.collections.create("c", FakeEncoder().fingerprint)


def loaded_by(load: Callable[[], FakeEncoder]) -> KnownEncoders:
    return KnownEncoders(LazyEncoder(lambda: FakeEncoder().fingerprint, load))


def source(path: Path) -> Source:
    return Source(path, path.name)


def test_every_page_gets_an_image_words_and_vectors(
    pipeline: Pipeline, stores: Stores, collection: Collection, draw_pdf: DrawPdf
) -> None:
    seen: list[tuple[int, int]] = []
    path = draw_pdf("a.pdf", ["alpha beta", "gamma"] * 10)
    outcome = pipeline.ingest(collection, source(path), lambda done, n: seen.append((done, n)))
    assert (outcome.verdict, outcome.n_pages, outcome.error) == (Verdict.INDEXED, 20, None)
    assert seen[-1] == (20, 20)
    assert outcome.document_id is not None
    pages = stores.catalog.pages.of_document(outcome.document_id)
    assert [page.page_number for page in pages] == list(range(1, 21))
    assert all(page.n_vectors > 0 for page in pages)
    with Image.open(stores.images.path(pages[0].image_sha256)) as image:
        assert image.size == (pages[0].image_width_px, pages[0].image_height_px)
    assert stores.catalog.pages.words([pages[1].id])[pages[1].id].texts == ("gamma",)


def test_the_same_bytes_under_another_name_are_unchanged_and_load_no_encoder(
    pipeline: Pipeline,
    stores: Stores,
    collection: Collection,
    draw_pdf: DrawPdf,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = draw_pdf("a.pdf", ["alpha"])
    first = pipeline.ingest(collection, source(path))
    unused = loaded_by(lambda: pytest.fail("the encoder was loaded"))
    monkeypatch.setattr(pipeline, "_encoders", unused)
    again = pipeline.ingest(collection, source(path.rename(path.with_name("b.pdf"))))
    assert again.verdict is Verdict.UNCHANGED
    assert again.document_id == first.document_id
    assert len(stores.catalog.segments.all()) == 1


def test_one_file_in_two_collections_shares_its_original(
    pipeline: Pipeline, stores: Stores, collection: Collection, draw_pdf: DrawPdf
) -> None:
    other = stores.catalog.collections.create("other", collection.fingerprint)
    path = draw_pdf("a.pdf", ["alpha"])
    assert pipeline.ingest(collection, source(path)).verdict is Verdict.INDEXED
    assert pipeline.ingest(other, source(path)).verdict is Verdict.INDEXED
    assert len(list(stores.originals.entries())) == 1


@pytest.mark.parametrize(
    ("content", "verdict"),
    [
        (b"", Verdict.EMPTY),
        (b"hello, I am text", Verdict.UNSUPPORTED),
        (b"%PDF-1.7\nnothing of the kind", Verdict.CORRUPT),
        (b"%PDF-1.4\n" + b"0" * 1_000_000, Verdict.TOO_LARGE),
    ],
)
def test_a_bad_file_ends_as_a_verdict_that_says_what_to_do(
    pipeline: Pipeline,
    stores: Stores,
    collection: Collection,
    tmp_path: Path,
    content: bytes,
    verdict: Verdict,
) -> None:
    path = tmp_path / "bad.pdf"
    path.write_bytes(content)
    outcome = pipeline.ingest(collection, source(path))
    assert outcome.verdict is verdict
    assert outcome.error is not None and outcome.error.code == verdict.value
    assert "\n" not in outcome.error.message
    assert stores.catalog.segments.all() == []
    assert list(stores.originals.entries()) == []


def test_password_and_too_many_pages_are_told_apart(
    pipeline: Pipeline, collection: Collection, tmp_path: Path
) -> None:
    document = document_of(*[""] * 21)
    document.save(tmp_path / "long.pdf")
    document.save(
        tmp_path / "locked.pdf", encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="x", owner_pw="y"
    )
    assert (
        pipeline.ingest(collection, source(tmp_path / "long.pdf")).verdict is Verdict.TOO_MANY_PAGES
    )
    assert pipeline.ingest(collection, source(tmp_path / "locked.pdf")).verdict is Verdict.PASSWORD


def test_a_missing_file_is_a_verdict_too(
    pipeline: Pipeline, collection: Collection, tmp_path: Path
) -> None:
    outcome = pipeline.ingest(collection, source(tmp_path / "gone.pdf"))
    assert outcome.verdict is Verdict.FAILED
    assert outcome.error is not None and "could not be read" in outcome.error.message


def test_a_refused_file_is_listed_with_its_reason_and_tried_again(
    pipeline: Pipeline, stores: Stores, collection: Collection, tmp_path: Path
) -> None:
    path = tmp_path / "bad.pdf"
    path.write_bytes(b"%PDF-1.7\nbroken")
    for _ in range(2):
        assert pipeline.ingest(collection, source(path)).verdict is Verdict.CORRUPT
    (listed,) = stores.catalog.documents.of_collection(collection.id)
    assert listed.verdict is Verdict.CORRUPT and listed.error is not None


def test_a_fault_of_the_encoder_is_stored_and_the_next_file_goes_on(
    pipeline: Pipeline,
    stores: Stores,
    collection: Collection,
    draw_pdf: DrawPdf,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken() -> FakeEncoder:
        raise RuntimeError("weights\nmelted")

    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "_encoders", loaded_by(broken))
        outcome = pipeline.ingest(collection, source(draw_pdf("a.pdf", ["alpha"])))
    assert outcome.verdict is Verdict.FAILED
    assert outcome.error is not None and "(RuntimeError: weights melted)" in outcome.error.message
    assert stores.catalog.documents.get(outcome.document_id or "").error == outcome.error
    assert pipeline.ingest(collection, source(draw_pdf("a.pdf", ["alpha"]))).verdict.searchable


def test_a_full_disk_is_told_and_nothing_is_recorded(
    pipeline: Pipeline,
    stores: Stores,
    collection: Collection,
    draw_pdf: DrawPdf,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*_: object) -> None:
        raise StorageError("no space left")

    with monkeypatch.context() as patch:
        patch.setattr(stores.folder, "add_bytes", full)
        outcome = pipeline.ingest(collection, source(draw_pdf("a.pdf", ["alpha"])))
    assert outcome.verdict is Verdict.FAILED and outcome.document_id is None
    assert stores.catalog.documents.of_collection(collection.id) == []


def test_another_encoder_is_refused_before_anything_is_read(
    pipeline: Pipeline, stores: Stores, tmp_path: Path
) -> None:
    foreign = stores.catalog.collections.create("f", FakeEncoder(revision="other").fingerprint)
    with pytest.raises(EncoderMismatch, match="pagesight ingest"):
        pipeline.ingest(foreign, source(tmp_path / "never-read.pdf"))


def test_eight_workers_on_the_same_bytes_make_one_document(
    pipeline: Pipeline, stores: Stores, collection: Collection, draw_pdf: DrawPdf
) -> None:
    path = draw_pdf("a.pdf", ["alpha", "beta"])
    verdicts: list[Verdict] = []

    def work() -> None:
        verdicts.append(pipeline.ingest(collection, source(path)).verdict)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(set(verdicts)) in ([Verdict.INDEXED], [Verdict.INDEXED, Verdict.UNCHANGED])
    assert len(stores.catalog.documents.of_collection(collection.id)) == 1
    (record,) = stores.catalog.segments.all()
    assert list(stores.vectors.entries()) == [(record.collection_id, record.name)]


def test_a_document_deleted_and_ingested_again_is_new(
    pipeline: Pipeline, stores: Stores, collection: Collection, draw_pdf: DrawPdf
) -> None:
    path = draw_pdf("a.pdf", ["alpha"])
    first = pipeline.ingest(collection, source(path))
    stores.delete_document(first.document_id or "")
    assert list(stores.vectors.entries()) == []
    second = pipeline.ingest(collection, source(path))
    assert second.verdict is Verdict.INDEXED and second.document_id != first.document_id


def test_an_encoder_that_cannot_be_loaded_is_not_the_file_s_fault(
    stores: Stores, collection: Collection, draw_pdf: DrawPdf
) -> None:
    weights_there = False

    def load() -> FakeEncoder:
        if not weights_there:
            raise EncoderUnavailable("the weights are missing: download them again")
        return FakeEncoder()

    broken = Pipeline(
        stores,
        Rasterizer(IndexerSettings()),
        WordSource("never", PageReader),
        loaded_by(load),
    )
    path = draw_pdf("a.pdf", ["alpha"])
    with pytest.raises(EncoderUnavailable, match="download them again"):
        broken.ingest(collection, source(path))
    assert stores.catalog.documents.of_collection(collection.id) == []
    weights_there = True
    assert broken.ingest(collection, source(path)).verdict is Verdict.INDEXED


def test_a_page_that_an_encoder_cannot_take_is_told_of_its_file_alone(
    pipeline: Pipeline, collection: Collection, draw_pdf: DrawPdf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise EncoderUnavailable("a page does not fit in the device's memory")

    with monkeypatch.context() as patched:
        patched.setattr(FakeEncoder, "encode_pages", full)
        outcome = pipeline.ingest(collection, source(draw_pdf("a.pdf", ["alpha"])))
    assert (outcome.verdict, outcome.error.code) == (Verdict.FAILED, "encoder_unavailable")  # type: ignore[union-attr]
    after = pipeline.ingest(collection, source(draw_pdf("b.pdf", ["beta"])))
    assert after.verdict is Verdict.INDEXED


class Watched(FakeEncoder):
    """Says how many pages it was handed; may fail at a window."""

    def __init__(self, fails_at: int | None = None) -> None:
        super().__init__()
        self.handed: list[int] = []
        self._fails_at = fails_at

    def encode_pages(self, pages: Sequence[RenderedPage]) -> list[PageEmbedding]:
        self.handed.append(len(pages))
        if len(self.handed) == self._fails_at:
            raise RuntimeError("weights melted")
        return super().encode_pages(pages)


def watched(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, encoder: Watched) -> Watched:
    monkeypatch.setattr(pipeline, "_encoders", loaded_by(lambda: encoder))
    return encoder


def test_pages_are_handed_over_in_growing_windows_and_stay_in_order(
    pipeline: Pipeline,
    stores: Stores,
    collection: Collection,
    draw_pdf: DrawPdf,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    encoder = watched(pipeline, monkeypatch, Watched())
    seen: list[int] = []
    path = draw_pdf("a.pdf", [f"word{i}" for i in range(18)])
    outcome = pipeline.ingest(collection, source(path), lambda done, n: seen.append(done))
    assert (encoder.handed, seen) == ([4, 8, 6], [0, 4, 12, 18])
    pages = stores.catalog.pages.of_document(outcome.document_id or "")
    words = stores.catalog.pages.words([page.id for page in pages])
    assert [words[page.id].texts for page in pages] == [(f"word{i}",) for i in range(18)]
    (record,) = stores.catalog.segments.all()
    segment = stores.vectors.open(record)
    for i, page in enumerate(pages):
        found = segment.page(page.id)
        assert found is not None
        (expected,) = encoder.encode_queries([f"word{i}"])[0].vectors
        assert float(found.vectors[0].astype("f4") @ expected) > 0.999


def test_a_fault_of_the_encoder_midway_ends_the_reading_ahead(
    pipeline: Pipeline,
    collection: Collection,
    draw_pdf: DrawPdf,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    watched(pipeline, monkeypatch, Watched(fails_at=2))
    outcome = pipeline.ingest(collection, source(draw_pdf("a.pdf", ["alpha"] * 20)))
    assert (outcome.verdict, outcome.n_pages) == (Verdict.FAILED, 0)
    assert not [one for one in threading.enumerate() if one.name == "read-ahead"]


def test_a_page_that_hangs_in_the_reading_ahead_is_a_warning(
    pipeline: Pipeline,
    stores: Stores,
    collection: Collection,
    draw_pdf: DrawPdf,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The rasterizer's second child is started by the thread that reads ahead."""
    path = draw_pdf("a.pdf", [f"word{i}" for i in range(10)])
    with pymupdf.open(path) as document:
        tile = "<</Type/Pattern/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 1 1]"
        pattern = document.get_new_xref()
        document.update_object(pattern, tile + "/XStep .01/YStep .01/Resources<<>>>>")
        document.update_stream(pattern, b"0 0 1 1 re f")
        page = document[5]
        document.xref_set_key(page.xref, "Resources", f"<</Pattern<</P {pattern} 0 R>>>>")
        document.update_stream(page.get_contents()[0], b"/Pattern cs /P scn 0 0 600 800 re f")
        changed = document.tobytes()
    path.write_bytes(changed)
    impatient = Rasterizer(IndexerSettings(encoder="fake", page_cpu_s=1))
    monkeypatch.setattr(pipeline, "_rasterizer", impatient)
    outcome = pipeline.ingest(collection, source(path))
    assert outcome.verdict is Verdict.INDEXED_WITH_WARNINGS
    assert len(outcome.warnings) == 1 and outcome.warnings[0].startswith("page 6")
    pages = stores.catalog.pages.of_document(outcome.document_id or "")
    assert [page.page_number for page in pages] == [1, 2, 3, 4, 5, 7, 8, 9, 10]


def test_a_reader_that_stops_early_leaves_no_thread(
    pipeline: Pipeline, collection: Collection, draw_pdf: DrawPdf
) -> None:
    def stop(done: int, n: int) -> None:
        raise RuntimeError("cancelled")

    outcome = pipeline.ingest(collection, source(draw_pdf("a.pdf", ["alpha"] * 20)), stop)
    assert outcome.error is not None and "cancelled" in outcome.error.message
    assert not [one for one in threading.enumerate() if one.name == "read-ahead"]
