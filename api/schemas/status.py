"""How the service is, as JSON: for `GET /v1/status` and `pagesight status`."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.telemetry.stage_times import StageTimes


class QueueStatus(BaseModel):
    """Jobs that have not ended; `oldest_waiting_s` is null when none waits.

    `workers` names those that hold a job, for administrators.
    """

    model_config = ConfigDict(serialize_by_alias=True)

    n_queued: int = Field(serialization_alias="queued")
    n_running: int = Field(serialization_alias="running")
    oldest_waiting_s: float | None
    workers: list[str]


class RecallStatus(BaseModel):
    """Share of the exact ten best pages that stage 1 found: mean and worst of the sampled queries."""

    mean: float | None
    worst: float | None
    n_sampled: int


class CollectionStatus(BaseModel):
    """How a collection is kept: in how many segments, and how many of them have a copy or an index.

    `languages` are those that its encoder reads, as in a collection.
    """

    name: str
    encoder: str
    languages: list[str]
    documents: int
    pages: int
    vectors: int
    segments: int
    int8_copies: int
    candidate_indexes: int
    recall: RecallStatus
    documents_of_older_readers: int


class DiskStatus(BaseModel):
    """The disk of the data folder, and what lies there only to go.

    `read_only_reason` says why nothing is written; null when all is well.
    """

    free_bytes: int
    used_bytes: int
    deleted_bytes: int
    quarantine_bytes: int
    read_only_reason: str | None


class SettingStatus(BaseModel):
    """One setting as it is in force. A secret is `set` or null; a password in an address is masked."""

    name: str
    value: str | None
    default: str | None
    origin: Literal["default", "environment"]
    description: str


class CheckStatus(BaseModel):
    """One part of the service, and what there is to say about it in one line."""

    name: str
    state: Literal["ok", "degraded", "failed"]
    detail: str


class StatusResponse(BaseModel):
    """How the service is. What tells of more than the caller may read is null, for all but administrators.

    `latency` is that of this process since it began; `collections` and `queue` are within the caller's reach.
    """

    version: str
    encoder: str
    encoder_loaded: bool
    generator: str
    queue: QueueStatus
    collections: list[CollectionStatus]
    checks: list[CheckStatus] | None
    latency: list[StageTimes] | None
    disk: DiskStatus | None
    settings: list[SettingStatus] | None
