"""What is damaged is found by the scrub or by a search, and mended from the originals."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from api.services.wiring import Services
from indexer.base.errors import DamagedBlob, DamagedPages
from indexer.catalog.document_records import WITHDRAWN, Document, DocumentError
from indexer.inputs.sources import Source
from indexer.maintenance.scrubbing import Scrubber
from indexer.storage.segment_reading import SUMS
from tests.builders import fake_services, write_pdf

QUERY = "alpha"


@pytest.fixture
def services(tmp_path: Path) -> Services:
    services = fake_services(tmp_path / "data", scrub_days=0.0)
    collection = services.collection_for_ingest("c")
    for name, pages in (("a.pdf", ["alpha", "beta"]), ("b.pdf", ["alpha gamma", "delta"])):
        path = write_pdf(tmp_path / name, *pages)
        assert services.pipeline.ingest(collection, Source(path, name)).verdict.searchable
    return services


def documents(services: Services) -> dict[str, Document]:
    return {row.name: row for row in services.stores.catalog.snapshot("c").documents}


def segment_path(services: Services, document: str, name: str) -> Path:
    stores = services.stores
    for record in stores.catalog.snapshot("c").segments:
        if document in {row.name for row in stores.catalog.documents.in_segment(record.name)}:
            root = stores.folder.root / "collections"
            return root / record.collection_id / record.name / name
    raise AssertionError(document)


def image_path(services: Services, document: str) -> Path:
    row = documents(services)[document]
    return services.stores.images.path(
        services.stores.catalog.pages.of_document(row.id)[0].image_sha256
    )


def flip_last_byte(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)


def places(services: Services) -> list[tuple[str, int, float]]:
    hits = services.searcher.search(QUERY, ["c"]).hits
    return sorted((hit.document.name, hit.page.page_number, hit.score) for hit in hits)


def scrub(services: Services) -> None:
    services.scrubber.run(pause=lambda _: None)


@pytest.mark.parametrize("name", ["vectors.npy", "boxes.npy", "pages.npy", "offsets.npy"])
def test_a_damaged_segment_is_found_its_document_named_and_built_anew(
    services: Services, name: str
) -> None:
    before = places(services)
    flip_last_byte(segment_path(services, "a.pdf", name))
    result = fresh(services).searcher.search(QUERY, ["c"])
    assert result.missing_pages is not None and result.missing_pages.documents == ("a.pdf",)
    assert {hit.document.name for hit in result.hits} == {"b.pdf"} or name.startswith(
        ("vectors", "boxes")
    )
    assert services.mender.run() == 0
    assert places(services) == before
    assert services.searcher.search(QUERY, ["c"]).missing_pages is None
    assert services.repairer.verify(deep=True).clean


def fresh(services: Services) -> Services:
    """Return the services as another process has them."""
    return fake_services(services.settings.data_dir)


def test_damage_that_nobody_searched_for_is_found_by_the_scrub(services: Services) -> None:
    flip_last_byte(segment_path(services, "a.pdf", "vectors.npy"))
    flip_last_byte(image_path(services, "b.pdf"))
    original = services.stores.originals.path(documents(services)["b.pdf"].sha256)
    flip_last_byte(original)
    scrub(services)
    assert sorted(entry.kind for entry in services.stores.damage.entries()) == [
        "images",
        "originals",
        "pages",
    ]


def test_one_document_of_a_merged_segment_is_built_anew_and_the_others_stay(
    services: Services,
) -> None:
    services.compactor.run("c", eager=True)
    before = places(services)
    ids = {name: row.id for name, row in documents(services).items()}
    path = segment_path(services, "a.pdf", "vectors.npy")
    collection_folder = path.parent.parent
    record = services.stores.catalog.snapshot("c").segments[0]
    page_id = documents(services)["a.pdf"].first_page_id
    flip_last_byte(path)  # of b.pdf or a.pdf: small files are one block
    services.stores.damage.report(DamagedPages("damaged", record.name, frozenset({page_id})))
    services.mender.run()
    scrub(services)
    assert services.mender.run() == 0
    assert places(services) == before and documents(services)["a.pdf"].id != ids["a.pdf"]
    assert services.repairer.verify(deep=True).clean
    assert not (collection_folder / record.name).exists()


def test_a_damaged_page_image_is_rendered_again_to_the_same_bytes(services: Services) -> None:
    path = image_path(services, "a.pdf")
    content, ids = path.read_bytes(), {row.id for row in documents(services).values()}
    for harm in (b"", content[:-9] + b"somewhat", None):
        path.write_bytes(harm) if harm is not None else path.unlink()
        with pytest.raises(DamagedBlob) as error:
            services.stores.images.read(path.stem)
        services.stores.damage.report(error.value)
        assert services.mender.run() == 0
        assert path.read_bytes() == content
    assert {row.id for row in documents(services).values()} == ids
    kept = sorted((services.stores.folder.root / "quarantine").rglob("*.webp*"))
    assert len(kept) == 2  # nothing damaged is thrown away


def test_a_document_whose_original_is_lost_stays_searchable_and_is_named(
    services: Services,
) -> None:
    before = places(services)
    original = services.stores.originals.path(documents(services)["a.pdf"].sha256)
    content = original.read_bytes()
    flip_last_byte(original)
    flip_last_byte(image_path(services, "a.pdf"))
    scrub(services)
    assert services.mender.run() > 0
    assert places(services) == before
    assert original.exists()
    original.write_bytes(content)  # somebody brings it back
    services.mender.run()
    assert services.mender.run() == 0


def test_a_document_that_was_withdrawn_when_the_process_died_is_indexed_by_the_next(
    services: Services,
) -> None:
    before = places(services)
    row = documents(services)["a.pdf"]
    services.stores.catalog.documents.withdraw(row.id, DocumentError(WITHDRAWN, "damaged"))
    missing_pages = services.searcher.search(QUERY, ["c"]).missing_pages
    assert missing_pages is not None and missing_pages.documents == ("a.pdf",)
    fresh(services).mender.run()
    assert places(services) == before


def test_a_scrub_reads_everything_in_its_time_and_goes_on_where_it_was(services: Services) -> None:
    stores, database = services.stores, services.database
    days = 1e-4  # 8.6 s
    scrubber = Scrubber(stores, database, days)
    assert scrubber.run(pause=lambda _: None) == 0
    progress = stores.folder.root / "scrub.json"
    progress.write_text(
        f'{{"began_at_s": {time.time() - days * 43_200}, "n_read": 0, "last": null}}'
    )
    n_items = 2 + 4 + 2  # segments, images, originals
    first = scrubber.run(pause=lambda _: None)
    assert 3 <= first <= 6
    again = Scrubber(stores, database, 1e-9)
    assert first + again.run(pause=lambda _: None) == n_items
    assert '"n_read": 0' in progress.read_text()  # the next round has begun


def test_segments_of_before_get_their_sums_from_the_scrub(services: Services) -> None:
    stores = services.stores
    for record in stores.catalog.segments.all():
        files = {name: file for name, file in record.files.items() if name != SUMS}
        stores.catalog.segments.keep_files(replace(record, files=files))
        segment_path(services, "a.pdf", SUMS).unlink(missing_ok=True)
    before = places(fresh(services))
    scrub(services)
    assert all(SUMS in record.files for record in stores.catalog.segments.all())
    assert places(fresh(services)) == before
    assert services.repairer.verify(deep=True).clean
