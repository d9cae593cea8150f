"""A new version of a document: only its changed pages are read and encoded, and the old one still answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from api.services.wiring import Services
from indexer.base.pages import PageEmbedding, RenderedPage
from indexer.catalog.collections import Collection
from indexer.ingest.outcomes import IngestOutcome
from indexer.inputs.sources import Source
from retriever.query.filters import SearchFilter
from tests.builders import fake_services, write_pdf

FIRST = [f"Clause {i}: the rent of flat {i} is {100 + i} pounds." for i in range(1, 13)]


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return fake_services(tmp_path / "data")


@pytest.fixture
def encoded(services: Services, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of the pages that the encoder was given."""
    encoder = services.encoder.get()
    encode_pages = encoder.encode_pages
    numbers: list[int] = []

    def counted(pages: Sequence[RenderedPage]) -> list[PageEmbedding]:
        numbers.extend(page.page_number for page in pages)
        return encode_pages(pages)

    monkeypatch.setattr(encoder, "encode_pages", counted)
    return numbers


def ingest(services: Services, collection: Collection, path: Path) -> IngestOutcome:
    outcome = services.pipeline.ingest(collection, Source(path, "lease.pdf"))
    assert outcome.verdict.searchable, outcome.error
    return outcome


def vectors(services: Services, document_id: str) -> list[np.ndarray]:
    catalog = services.stores.catalog
    document = catalog.documents.get(document_id)
    record = catalog.segments.find(
        str(catalog.documents.find(document.collection_id, document.sha256).segment)
    )  # type: ignore[union-attr]
    assert record is not None
    segment = services.stores.vectors.open(record)
    return [
        np.array(segment.page(page.id).vectors)  # type: ignore[union-attr]
        for page in catalog.pages.of_document(document_id)
    ]


def test_a_new_version_encodes_its_changed_pages_alone_and_is_what_a_fresh_ingest_makes(
    services: Services, encoded: list[int], tmp_path: Path
) -> None:
    collection = services.create_collection("c")
    ingest(services, collection, write_pdf(tmp_path / "1.pdf", *FIRST))
    assert encoded == list(range(1, 13))
    encoded.clear()
    second = [*FIRST]
    second[3] = "Clause 4: the rent of flat 4 is now 999 pounds."
    second[7] = "Clause 8: the garden is shared."
    second.insert(0, "A new cover.")  # all others move by one
    path = write_pdf(tmp_path / "2.pdf", *second)
    outcome = ingest(services, collection, path)
    assert encoded == [1, 5, 9]
    assert (outcome.n_pages, outcome.n_copied_pages) == (13, 10)
    services.compactor.run("c", eager=True)
    other = services.create_collection("fresh")
    fresh = ingest(services, other, path)
    assert encoded == [1, 5, 9, *range(1, 14)], "another collection may be of another encoder"
    for copied, made in zip(
        vectors(services, str(outcome.document_id)),
        vectors(services, str(fresh.document_id)),
        strict=True,
    ):
        np.testing.assert_array_equal(copied, made)
    for name, versions, count in (("c", "newest", 1), ("c", "all", 2)):
        hits = services.searcher.search(
            "rent of flat 4 is",
            [name],
            20,
            SearchFilter(versions=versions),  # type: ignore[arg-type]
        ).hits
        snippets = [hit.snippet for hit in hits if "flat 4 is" in hit.snippet]
        assert len(snippets) == count
    assert services.repairer.verify(deep=True).clean


def test_a_document_that_is_read_anew_takes_over_nothing(
    services: Services, encoded: list[int], tmp_path: Path
) -> None:
    collection = services.create_collection("c")
    ingest(services, collection, write_pdf(tmp_path / "1.pdf", *FIRST))
    encoded.clear()
    (document,) = services.stores.catalog.documents.of_collection(collection.id)
    services.rereader.read(collection, document)
    assert len(encoded) == 12


def test_pages_whose_vectors_are_damaged_are_encoded_again(
    services: Services, encoded: list[int], tmp_path: Path
) -> None:
    collection = services.create_collection("c")
    ingest(services, collection, write_pdf(tmp_path / "1.pdf", *FIRST))
    encoded.clear()
    (path,) = (services.stores.folder.root / "collections").rglob("vectors.npy")
    path.chmod(0o600)
    content = bytearray(path.read_bytes())
    content[-40:] = bytes(40)
    path.write_bytes(content)
    ingest(services, collection, write_pdf(tmp_path / "2.pdf", *FIRST, "An annex."))
    assert 13 in encoded and len(encoded) > 1
    assert services.stores.damage.entries()
