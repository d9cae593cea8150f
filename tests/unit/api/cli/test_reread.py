"""`pagesight reread`, and who names it: status and doctor."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from typer.testing import CliRunner

from api.cli.main import app
from api.services.wiring import Services
from indexer.base.reader_version import READER
from indexer.catalog.tables import documents
from indexer.inputs.sources import Source
from tests.builders import fake_services, write_pdf


@pytest.fixture
def services(tmp_path: Path) -> Services:
    services = fake_services(tmp_path / "data")
    collection = services.create_collection("manuals")
    for name in ("a.pdf", "b.pdf"):
        path = write_pdf(tmp_path / name, f"words of {name}")
        services.pipeline.ingest(collection, Source(path, name))
    with services.database.writing() as transaction:
        transaction.execute(update(documents).values(reader=None))
    return services


def run(services: Services, *words: str) -> Any:
    env = {
        "PAGESIGHT_DATA_DIR": str(services.settings.data_dir),
        "PAGESIGHT_ENCODER": "fake",
        "PAGESIGHT_OCR": "never",
        "PAGESIGHT_RESERVE_BYTES": "0",
        "COLUMNS": "200",
    }
    return CliRunner().invoke(app, [*words], env=env)


def readers(services: Services) -> list[int | None]:
    catalog = services.stores.catalog
    of_collection = catalog.documents.of_collection(catalog.collections.get("manuals").id)
    return [document.reader for document in of_collection]


def test_a_dry_run_says_what_would_be_read_and_reads_nothing(services: Services) -> None:
    lost = services.stores.catalog.documents.of_collection(
        services.stores.catalog.collections.get("manuals").id
    )[1]
    services.stores.originals.path(lost.sha256).unlink()
    body = json.loads(run(services, "reread", "-c", "manuals", "--dry-run", "--json").stdout)
    assert [one["name"] for one in body["documents"]] == ["a.pdf"]
    assert [one["name"] for one in body["lost"]] == ["b.pdf"]
    assert (body["pages"], body["seconds"] >= 0) == (1, True)
    said = run(services, "reread", "-c", "manuals", "--dry-run").output
    assert "b.pdf  its original is missing or damaged" in said
    assert "1 document, 1 page to read anew, about" in said
    assert readers(services) == [None, None]


def test_what_an_older_reader_has_read_is_read_once(services: Services) -> None:
    only_one = run(services, "reread", "-c", "manuals", "--document", "a.pdf")
    assert (only_one.exit_code, readers(services)) == (0, [READER, None])
    rest = json.loads(run(services, "reread", "-c", "manuals", "--json").stdout)
    assert [one["name"] for one in rest["documents"]] == ["b.pdf"]
    assert "nothing to read anew" in run(services, "reread", "-c", "manuals").output
    everything = json.loads(run(services, "reread", "-c", "manuals", "--all", "--json").stdout)
    assert len(everything["documents"]) == 2


def test_a_document_that_cannot_be_read_is_said_with_exit_code_1(services: Services) -> None:
    catalog = services.stores.catalog
    first = catalog.documents.of_collection(catalog.collections.get("manuals").id)[0]
    services.stores.originals.path(first.sha256).unlink()
    outcome = run(services, "reread", "-c", "manuals")
    assert outcome.exit_code == 1
    assert "left as it was" in outcome.output
    assert "1 document read anew; 1 left as they were" in outcome.output
    assert readers(services) == [None, READER]


def test_two_at_once_are_refused(services: Services) -> None:
    from indexer.base.errors import DataFolderBusy

    with services.rereader.alone():
        outcome = run(services, "reread", "-c", "manuals")
    assert isinstance(outcome.exception, DataFolderBusy)


def test_status_and_doctor_name_the_command(services: Services) -> None:
    body = json.loads(run(services, "status", "--json").stdout)
    assert body["collections"][0]["documents_of_older_readers"] == 2
    hint = "`pagesight reread -c manuals`"
    assert f"2 of 2 documents of manuals were read by an older reader: {hint}" in (
        run(services, "status").output
    )
    assert hint in run(services, "doctor").output
    run(services, "reread", "-c", "manuals")
    assert hint not in run(services, "status").output
