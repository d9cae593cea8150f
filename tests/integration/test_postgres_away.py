"""A PostgreSQL that restarts, or is no primary any more: typed errors meanwhile, and nothing half."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import text

from api.base.errors import http_status
from api.worker.worker import Worker
from indexer.base.errors import CatalogUnavailable
from indexer.catalog.database import Database
from indexer.catalog.jobs.bell import listening
from indexer.inputs.sources import Source
from tests.builders import fake_services, write_pdf
from tests.support.postgres import new_database, restart


def test_a_restart_ends_no_process_and_leaves_no_job_half(
    tmp_path: Path, postgres_server: str
) -> None:
    services = fake_services(
        tmp_path / "data", page_dpi=48, database_url=new_database(postgres_server)
    )
    collection = services.create_collection("c")
    path = write_pdf(tmp_path / "a.pdf", "the bolts of the pump")
    services.intake.copy_in(collection, [Source(path, "a.pdf")])
    job, lease = services.leases.claim("owner", [collection.id]) or pytest.fail("no job")
    with pytest.raises(CatalogUnavailable) as caught, services.database.writing() as transaction:
        services.leases.require(transaction, lease)
        restart(postgres_server)
    assert http_status(caught.value) == 503
    assert services.leases.holds(lease)  # by the same process, over a new connection
    services.leases.give_back(lease)
    Worker(services).run(drain=True)
    assert services.queue.job(job.id).state == "done"
    assert services.searcher.search("bolts", ["c"], 1).hits


def test_a_server_that_is_the_primary_no_more_is_left(tmp_path: Path, postgres_server: str) -> None:
    services = fake_services(tmp_path / "data", database_url=new_database(postgres_server))
    services.database.engine.dispose()
    with services.database.engine.connect() as connection:  # as if it had been demoted since
        connection.execute(text("SET default_transaction_read_only = on"))
        connection.commit()
    with pytest.raises(CatalogUnavailable):
        services.create_collection("c")
    assert services.create_collection("c").name == "c"  # over a connection to whoever is it now


def test_a_new_job_rings_in_every_process(tmp_path: Path, postgres_server: str) -> None:
    url = new_database(postgres_server)
    services = fake_services(tmp_path / "a", page_dpi=48, database_url=url)
    heard, is_listening = threading.Event(), threading.Event()

    def hear() -> None:
        (heard if is_listening.is_set() else is_listening).set()

    bell = listening(Database(url), hear)
    assert bell is not None and listening(Database("sqlite://"), hear) is None
    bell.wake()
    with bell:
        assert is_listening.wait(300)
        collection = services.create_collection("c")
        path = write_pdf(tmp_path / "a.pdf", "the bolts")
        services.intake.copy_in(collection, [Source(path, "a.pdf")])
        assert heard.wait(300)
