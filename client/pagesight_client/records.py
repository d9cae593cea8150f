"""What the service answers with: frozen values, named as in its JSON.

A box is (x0, y0, x1, y1) in page fractions 0..1, origin top left. `page_number` counts from 1;
`page_label` is the number printed in the document's own scheme.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Box = tuple[float, float, float, float]
JobState = Literal["queued", "running", "done", "failed", "cancelled"]
Scope = Literal["read", "write", "admin", "metrics"]
Versions = Literal["newest", "all"]
DocumentSort = Literal[
    "name", "-name", "pages", "-pages", "bytes", "-bytes", "created_at", "-created_at"
]
Mode = Literal["both", "vectors", "words"]
Verdict = Literal["helpful", "wrong", "wrong_evidence"]


@dataclass(frozen=True, kw_only=True)
class Collection:
    """`documents` counts its files, `rejected_files` those that were refused.

    `title` is what people read; empty where an older service sends none.
    `image_queries` says whether its encoder takes an image in the place of a query.
    """

    name: str
    encoder: str
    documents: int
    rejected_files: int = field(metadata={"key": "rejected"})
    pages: int
    vectors: int
    created_at: datetime
    title: str = ""
    image_queries: bool = False
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class JobCounts:
    """Jobs that wait, that run, and that ever failed."""

    queued_jobs: int = field(metadata={"key": "queued"})
    running_jobs: int = field(metadata={"key": "running"})
    failed_jobs: int = field(metadata={"key": "failed"})


@dataclass(frozen=True, kw_only=True)
class CollectionDetails(Collection):
    """How much room a collection takes, without page images and indexes, and its jobs.

    All None where an older service does not say.
    """

    original_bytes: int | None = None
    vector_bytes: int | None = None
    jobs: JobCounts | None = None


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why a file was refused, or a job failed or waits."""

    code: str
    message: str


@dataclass(frozen=True, kw_only=True)
class DocumentVersion:
    """Which of the documents of one name this is: `number` counts from 1, the oldest."""

    number: int
    n_versions: int
    ingested_at: datetime


@dataclass(frozen=True, kw_only=True)
class Document:
    """One file, indexed or refused. Page number n has the page id `first_page_id` + n - 1.

    `degraded` says what is lost of a document whose pages are still searchable; None: nothing that is known.
    `aliases` are other names of the same bytes; `version` is None where its name has no other document; one
    that is not `current` is seen by searches of all versions only.
    """

    id: str
    name: str
    verdict: str
    pages: int
    first_page_id: int | None
    bytes: int
    sha256: str
    error: Reason | None
    warnings: tuple[str, ...]
    created_at: datetime
    degraded: str | None = None
    aliases: tuple[str, ...] = ()
    version: DocumentVersion | None = None
    current: bool = True
    attachment_of: str | None = None
    tags: tuple[str, ...] = ()
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Job:
    """One file on its way into a collection.

    `pages_total` is None until the file has been opened, `verdict` until the job has ended. `stage` is
    `opening`, `reading` or `writing` while it runs; `seconds_left` is None where it is not known. A queued
    job with an `error` waits, until `not_before`, for what the error names.
    """

    id: str
    collection: str
    name: str
    state: JobState
    priority: int
    cancel_requested: bool
    pages_done: int
    pages_total: int | None
    verdict: str | None
    error: Reason | None
    document_id: str | None
    attempts: int
    not_before: datetime | None
    bytes: int
    sha256: str
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    stage: str | None = None
    seconds_left: float | None = None

    @property
    def has_ended(self) -> bool:
        return self.state in ("done", "failed", "cancelled")


@dataclass(frozen=True, kw_only=True)
class KeyUsage:
    """What a key has used since midnight UTC, as far as it has a quota."""

    bytes: int
    documents: int
    questions: int


@dataclass(frozen=True, kw_only=True)
class Key:
    """An API key without its secret. `collections` None: every collection; a quota of None: none."""

    id: str
    name: str
    scope: Scope
    collections: tuple[str, ...] | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    max_bytes_per_day: int | None
    max_documents_per_day: int | None
    max_questions_per_day: int | None
    used_today: KeyUsage


@dataclass(frozen=True, kw_only=True)
class NewKey(Key):
    """`key` is shown this once."""

    key: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Health:
    status: str


@dataclass(frozen=True, kw_only=True)
class Check:
    """One part of the service; `state` is `ok`, `degraded` or `failed`."""

    name: str
    state: str
    detail: str


@dataclass(frozen=True, kw_only=True)
class Readiness:
    """`status` is `ready`, `degraded` or, where questions cannot be answered, `failed`."""

    status: str
    encoder: str
    encoder_loaded: bool
    checks: tuple[Check, ...]
