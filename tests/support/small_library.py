"""Services over two small documents, with the fake encoder: quick, and the same everywhere."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from api.services.wiring import Services
from generator.answering.model_writer import ModelWriter
from generator.backends.base import AnswerModel
from generator.backends.fake import FakeAnswerModel
from indexer.inputs.sources import Source
from tests.builders import BODY_TOP_PT, fake_services, write_pdf

_OF_INGEST = {"database_url", "page_dpi"}  # settings that decide what an ingest makes
QUESTION = "How tight must the housing bolts be?"
SENTENCE = "The housing bolts must be tightened to 45 Nm."
DOCUMENTS = {
    "manuals": ("pump.pdf", ["Pump manual.", SENTENCE, "Spare parts are sold by the maker."]),
    "garden": ("roses [2].pdf", ["Roses are pruned in March, above a bud."]),
}


def library(folder: Path, **settings: Any) -> Services:
    """The collections `manuals` and `garden`, a document each, answered by quoting.

    A test process ingests them once: later calls copy the folder, where `settings` let them.
    """
    if settings.keys() & _OF_INGEST:
        return _ingested(folder, **settings)
    shutil.copytree(_template(), folder, dirs_exist_ok=True)
    return fake_services(folder / "data", **settings)


def folder_of_process(name: str) -> Path:
    """Return a new folder that goes when this test process ends."""
    folder = Path(tempfile.mkdtemp(prefix=f"pagesight-{name}-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def _template() -> Path:
    folder = folder_of_process("library")
    _ingested(folder).database.engine.dispose()  # what is in SQLite's log goes into its file
    return folder


def _ingested(folder: Path, **settings: Any) -> Services:
    wired = fake_services(folder / "data", **settings)
    for name, (file, pages) in DOCUMENTS.items():
        path = write_pdf(folder / f"{name}.pdf", *pages, top_pt=BODY_TOP_PT)
        outcome = wired.pipeline.ingest(wired.create_collection(name), Source(path, file))
        assert outcome.verdict.searchable, outcome.error
    return wired


def written_by(services: Services, model: AnswerModel) -> Services:
    """The same, answered by a model that reads text."""
    return services.answered_by(ModelWriter(model, lambda _: b""))


def endless() -> FakeAnswerModel:
    """Goes on for longer than anybody waits, or until it is told that nobody listens."""
    return FakeAnswerModel(["on and "] * 100_000, pause_s=0.005)


def events_of(lines: Iterator[str]) -> list[str]:
    """The data of a stream of server-sent events."""
    return [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]
