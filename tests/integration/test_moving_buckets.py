"""What is stored in one bucket moves to another, whose lock in the catalog is the same."""

from __future__ import annotations

from pathlib import Path

from api.services.places import bucket_folder
from indexer.inputs.sources import Source
from indexer.maintenance.moving import Mover
from tests.builders import fake_services, write_pdf
from tests.support.s3 import new_prefix


def test_everything_moves_from_a_bucket_to_another_and_back(tmp_path: Path, s3_server: str) -> None:
    places = new_prefix(), new_prefix()
    options = {"page_dpi": 48, "s3_endpoint": s3_server}
    services = fake_services(tmp_path / "data", storage=places[0], **options)
    path = write_pdf(tmp_path / "a.pdf", "the bolts of the pump")
    services.pipeline.ingest(services.create_collection("c"), Source(path, "a.pdf"))
    for place in (places[1], places[0]):
        before = services.searcher.search("bolts", ["c"], 1).hits
        target = bucket_folder(services.settings, place, services.database)
        report = Mover(services.stores, services.database).move(target, place, quiet_s=0.0)
        assert report.n_files > 0 and not report.damaged_files
        services = fake_services(tmp_path / "data", storage=place, **options)
        (hit,) = services.searcher.search("bolts", ["c"], 1).hits
        assert (hit.page.id, hit.score) == (before[0].page.id, before[0].score)
        path = write_pdf(tmp_path / f"{place[-8:]}.pdf", f"written at {place[-8:]}")
        collection = services.stores.catalog.collections.get("c")
        assert services.pipeline.ingest(collection, Source(path, path.name)).verdict.searchable
    assert services.repairer.verify(deep=True).clean
