"""What the service says of itself, and the samples that it brings along: frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field

from pagesight_client.records import Check


@dataclass(frozen=True, kw_only=True)
class QueueStatus:
    """Jobs that have not ended; `workers` for administrators."""

    queued_jobs: int = field(metadata={"key": "queued"})
    running_jobs: int = field(metadata={"key": "running"})
    oldest_waiting_s: float | None
    workers: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Recall:
    """Share of the exact ten best pages that stage 1 found, over the sampled queries."""

    mean: float | None
    worst: float | None
    n_sampled: int


@dataclass(frozen=True, kw_only=True)
class CollectionStatus:
    """How a collection is kept."""

    name: str
    documents: int
    pages: int
    vectors: int
    segments: int
    int8_copies: int
    candidate_indexes: int
    recall: Recall
    documents_of_older_readers: int


@dataclass(frozen=True, kw_only=True)
class StageTimes:
    """How long a stage took, in seconds, since the process began."""

    stage: str
    count: int
    mean_s: float
    median_s: float
    p95_s: float


@dataclass(frozen=True, kw_only=True)
class DiskStatus:
    """The disk of the data folder, and what lies there only to go."""

    free_bytes: int
    used_bytes: int
    deleted_bytes: int
    quarantine_bytes: int
    read_only_reason: str | None


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A setting in force; `origin` is `default` or `environment`. Secrets are never told."""

    name: str
    value: str | None
    default: str | None
    origin: str
    description: str


@dataclass(frozen=True, kw_only=True)
class Status:
    """How the service is; what only administrators may read is None for others."""

    version: str
    encoder: str
    encoder_loaded: bool
    generator: str
    queue: QueueStatus
    collections: tuple[CollectionStatus, ...]
    checks: tuple[Check, ...] | None
    latency: tuple[StageTimes, ...] | None
    disk: DiskStatus | None
    settings: tuple[Setting, ...] | None


@dataclass(frozen=True, kw_only=True)
class ExampleQuestion:
    """A question that a sample answers."""

    question: str
    document: str


@dataclass(frozen=True, kw_only=True)
class Samples:
    """The sample documents; `is_added`: they, or some, are in the collection of that name."""

    collection: str
    is_added: bool
    documents: tuple[str, ...]
    questions: tuple[ExampleQuestion, ...]
