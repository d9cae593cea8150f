"""What is out of step between places and a collection, as JSON."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.ingest import IngestedBody, ingested_body
from indexer.ingest.outcomes import IngestOutcome
from indexer.ingest.sync.plan import Change, ChangeKind, SyncPlan


class ChangeBody(BaseModel):
    """One file that is out of step; `folder` is a folder or `s3://bucket/prefix`, `renamed_from` is the
    name that its document had before."""

    kind: ChangeKind
    name: str
    folder: str
    path: str
    renamed_from: str | None


class SyncedBody(ChangeBody):
    """One file that was brought in step; `document` is what became of one that was read."""

    document: IngestedBody | None


class SyncPlanBody(BaseModel):
    """What is out of step. `held_back` are names of documents whose files are gone in such numbers that they
    stay, for `reasons`; `unknown_paths` could not be read, `unsettled_paths` are being written."""

    model_config = ConfigDict(serialize_by_alias=True)

    collection: str
    changes: list[ChangeBody]
    n_unchanged: int = Field(serialization_alias="unchanged")
    unsettled_paths: list[str]
    unknown_paths: list[str]
    held_back: list[str]
    reasons: list[str]


def plan_body(collection: str, plan: SyncPlan) -> SyncPlanBody:
    return SyncPlanBody(
        collection=collection,
        changes=[ChangeBody(**_fields(change)) for change in plan.changes],
        n_unchanged=plan.n_unchanged,
        unsettled_paths=list(plan.unsettled_paths),
        unknown_paths=list(plan.unknown_paths),
        held_back=[file.name for file in plan.held_back],
        reasons=list(plan.reasons),
    )


def synced_body(change: Change, outcome: IngestOutcome | None) -> SyncedBody:
    return SyncedBody(
        **_fields(change), document=None if outcome is None else ingested_body(outcome)
    )


def _fields(change: Change) -> dict[str, Any]:
    return {
        "kind": change.kind,
        "name": change.file.name,
        "folder": change.file.folder,
        "path": change.file.path,
        "renamed_from": change.older and change.older.name,
    }
