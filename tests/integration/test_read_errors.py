"""A read error is no verdict on a file: a job waits, an ingest can be repeated, nothing is recorded."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.services.wiring import Services
from api.worker.worker import Worker
from indexer.base.verdicts import Verdict
from indexer.catalog.jobs.records import Job
from indexer.ingest import pipeline as pipeline_module
from indexer.inputs.pdf import opening
from indexer.inputs.sandbox import process
from indexer.inputs.sources import Source
from indexer.storage import files, folder_files
from tests.builders import fake_services, write_pdf

ERRORS = ["EIO", "EMFILE", "ENFILE", "ENOMEM", "ESTALE"]


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    monkeypatch.setattr(files, "_PAUSES_S", (0.0,))
    return fake_services(tmp_path / "data", page_dpi=48)


@pytest.fixture
def job(services: Services, tmp_path: Path) -> Job:
    source = Source(write_pdf(tmp_path / "a.pdf", "alpha"), "a.pdf")
    (job,) = services.intake.copy_in(services.create_collection("c"), [source])
    return job


def raising(name: str) -> Callable[..., Any]:
    def fail(*_: object, **__: object) -> None:
        raise OSError(getattr(errno, name), os.strerror(getattr(errno, name)))

    return fail


# Where a file of a job is read: the check of what was uploaded, its hash, its opening, the child's start.
PLACES = [
    (folder_files, "sha256_of"),
    (pipeline_module, "sha256_of"),
    (opening, "_inspect"),
    (process, "start_child"),
]


@pytest.mark.parametrize("name", ERRORS)
@pytest.mark.parametrize(
    ("module", "function"), PLACES, ids=lambda part: getattr(part, "__name__", part)
)
def test_a_job_whose_file_cannot_be_read_waits_and_is_done_later(
    services: Services,
    job: Job,
    monkeypatch: pytest.MonkeyPatch,
    module: Any,
    function: str,
    name: str,
) -> None:
    worker = Worker(services)
    with monkeypatch.context() as failing:
        failing.setattr(module, function, raising(name))
        assert worker.work_once()
    waiting = services.queue.job(job.id)
    assert (waiting.state, waiting.attempts) == ("queued", 0) and waiting.not_before is not None
    assert waiting.error is not None and "cannot be read now" in waiting.error.message
    collection = services.stores.catalog.collections.get("c")
    assert services.stores.catalog.documents.of_collection(collection.id) == []
    assert services.stores.originals.intact(job.sha256, deep=True)
    monkeypatch.setattr("api.worker.worker.POSTPONED_S", 0.0)
    services.queue.cancel(job.id)
    services.queue.retry(job.id)
    worker.run(drain=True)
    assert services.queue.job(job.id).verdict is Verdict.INDEXED


def test_a_job_whose_bytes_are_really_wrong_fails_and_says_what_to_do(
    services: Services, job: Job
) -> None:
    services.stores.originals.path(job.sha256).write_bytes(b"%PDF-other")
    Worker(services).run(drain=True)
    failed = services.queue.job(job.id)
    assert (failed.state, failed.error and failed.error.code) == ("failed", "damaged_file")


@pytest.mark.parametrize("name", ERRORS)
def test_a_file_that_cannot_be_read_gets_no_verdict_that_is_remembered(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    collection = services.create_collection("c")
    source = Source(write_pdf(tmp_path / "a.pdf", "alpha"), "a.pdf")
    with monkeypatch.context() as failing:
        failing.setattr(pipeline_module, "sha256_of", raising(name))
        outcome = services.pipeline.ingest(collection, source)
    assert (outcome.verdict, outcome.document_id, outcome.try_again) == (Verdict.FAILED, None, True)
    assert services.stores.catalog.documents.of_collection(collection.id) == []
    assert services.pipeline.ingest(collection, source).verdict is Verdict.INDEXED
