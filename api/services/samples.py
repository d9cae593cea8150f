"""The documents that come with pagesight: a first look at it without a file of one's own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from api.services.wiring import Services
from indexer.catalog.collections import Collection
from indexer.catalog.jobs.records import Job
from indexer.inputs.sources import Source, find_sources
from indexer.storage.files import sha256_of

COLLECTION = "samples"
TITLE = "Sample documents"
_FOLDER = Path(__file__).parents[1] / "samples"


@dataclass(frozen=True, slots=True)
class ExampleQuestion:
    """A question that a sample answers."""

    question: str
    document: str


def example_questions() -> list[ExampleQuestion]:
    """Return the questions that somebody new may begin with."""
    lines = (_FOLDER / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    bodies = [json.loads(line) for line in lines]
    return [
        ExampleQuestion(body["question"], body["document"])
        for body in bodies
        if body.get("example")
    ]


def sample_names() -> list[str]:
    """Return the names of the sample documents."""
    return [source.name for source in find_sources([_FOLDER])]


def add_samples(services: Services) -> tuple[Collection, list[Job]]:
    """Queue the samples that are not there yet, in a collection of their own; return the new jobs.

    Raises EncoderMismatch where another encoder made that collection, and StorageError.
    """
    collection = services.stores.catalog.collections.get_or_create(
        COLLECTION, services.encoder.fingerprint, TITLE
    )
    services.pipeline.check_encoder(collection)
    missing = [
        source for source in find_sources([_FOLDER]) if not _is_there(services, collection, source)
    ]
    return collection, services.intake.copy_in(collection, missing) if missing else []


def _is_there(services: Services, collection: Collection, source: Source) -> bool:
    """Say whether a sample is searchable, or on its way."""
    sha256 = sha256_of(source.path)
    assert sha256 is not None
    document = services.stores.catalog.documents.find(collection.id, sha256)
    if document is not None and document.verdict.searchable:
        return True
    job = services.queue.last_of_bytes(collection.id, sha256)
    return job is not None and not job.state.ended
