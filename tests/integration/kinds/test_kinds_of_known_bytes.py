"""A document keeps its kind whatever names its bytes are given later."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.services.wiring import Services
from indexer.base.verdicts import Verdict
from indexer.inputs.sources import Source
from tests.builders import fake_services


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    wired = fake_services(tmp_path / "data")
    yield wired
    wired.database.engine.dispose()


def test_bytes_that_are_a_document_are_no_liar_under_another_name(
    services: Services, tmp_path: Path
) -> None:
    collection = services.create_collection("c")
    path = tmp_path / "incoming"
    path.write_bytes(b"# alpha\n\nbeta")
    first = services.pipeline.ingest(collection, Source(path, "notes.md"))
    again = services.pipeline.ingest(collection, Source(path, "notes.pdf"))
    assert (first.verdict, again.verdict) == (Verdict.INDEXED, Verdict.UNCHANGED)
    (document,) = services.stores.catalog.documents.of_collection(collection.id)
    assert document.media_type == "text/markdown"
    (kept,) = services.rereader.documents(collection, also_read_today=True)
    assert services.rereader.read(collection, kept).error is None
    (document,) = services.stores.catalog.documents.of_collection(collection.id)
    assert (document.verdict, document.media_type) == (Verdict.INDEXED, "text/markdown")


def test_a_refused_file_has_no_media_type_and_its_verdict_says_so(
    services: Services, tmp_path: Path
) -> None:
    collection = services.create_collection("c")
    path = tmp_path / "incoming"
    path.write_bytes(bytes(range(256)))
    assert (
        services.pipeline.ingest(collection, Source(path, "a.bin")).verdict is Verdict.UNSUPPORTED
    )
    (document,) = services.stores.catalog.documents.of_collection(collection.id)
    assert (document.verdict, document.media_type) == (Verdict.UNSUPPORTED, None)
