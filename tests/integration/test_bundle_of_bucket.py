"""A bundle of a collection whose files are in a bucket is the same as one of a folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from api.services.bundles import bundle_services
from indexer.maintenance.bundles.bundle_file import BundleFile
from indexer.maintenance.bundles.making import BundleMaker
from tests.builders import fake_services, write_pdf
from tests.support.backups import add, hits
from tests.support.s3 import new_prefix

pytest.importorskip("moto")


def test_a_bundle_of_a_bucket_opens_elsewhere(tmp_path: Path, s3_server: str) -> None:
    services = fake_services(tmp_path / "data", storage=new_prefix(), s3_endpoint=s3_server)
    services.create_collection("manuals")
    gone = write_pdf(tmp_path / "gone.pdf", "The alloy of the bolts.")
    add(
        services, "manuals", write_pdf(tmp_path / "pump.pdf", "The bolts.", "Spare parts are sold.")
    )
    services.stores.delete_document(add(services, "manuals", gone))
    # Its copies in the folder are gone: everything comes from the bucket.
    for name in ("originals", "images", "collections"):
        shutil.rmtree(tmp_path / "data" / name, ignore_errors=True)
    facts = BundleMaker(services.stores, services.database).make("manuals", tmp_path / "bundle")
    assert (facts.n_documents, facts.n_pages) == (1, 2)
    with BundleFile(tmp_path / "bundle") as bundle:
        assert bundle.check() == []
    with bundle_services(tmp_path / "bundle", services.settings) as elsewhere:
        for query in ("bolts", "spare parts"):
            assert hits(elsewhere, query, "manuals") == hits(services, query, "manuals")
        (document,) = elsewhere.stores.catalog.snapshot("manuals").documents
        assert (
            elsewhere.stores.originals.read(document.sha256) == (tmp_path / "pump.pdf").read_bytes()
        )
    services.database.engine.dispose()
