"""/v1/collections/NAME/extract: a row of values for each document."""

from __future__ import annotations

from collections.abc import Generator
from threading import Event
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.http.cursors import MAX_CHARACTERS, cursor_of, key_of
from api.http.deps import NamedCollection, Runs
from api.http.limits.bodies import FilterBody, PolicyRoute, VersionsField
from api.http.policy import policy
from api.http.streams.event_docs import ERROR_EVENT, component, events_of
from api.http.streams.event_streams import (
    EventStream,
    all_events,
    answering,
    failed_frame,
    relay,
    sse,
)
from api.schemas.extraction import RowBody, RowsResponse
from api.services.keys import Scope
from generator.extraction.budget import Budget
from generator.extraction.extractor import Extraction
from generator.extraction.rows import ExtractedRow

router = APIRouter(tags=["documents"], route_class=PolicyRoute)


class ExtractRequest(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "schema": {"properties": {"weight": {"type": ["string", "null"]}}},
                    "filters": {"documents": ["pump.pdf"]},
                }
            ]
        },
    )

    schema_: dict[str, Any] = Field(alias="schema", description="JSON schema of a row.")
    filters: FilterBody = FilterBody()
    versions: VersionsField = "newest"
    cursor: str | None = Field(
        default=None, max_length=MAX_CHARACTERS, description="`next_cursor` of the part before."
    )
    limit: int = Field(default=20, ge=1, le=200, description="Documents at most.")
    max_seconds: float = Field(
        default=60.0, gt=0, le=300, description="Begin no other document after so many seconds."
    )
    max_tokens: int | None = Field(
        default=None, ge=1, description="Begin no other one after so many tokens of a model."
    )
    stream: bool = Field(default=False, description="Server-sent events instead of one JSON body.")

    @property
    def place(self) -> tuple[str, str]:
        """Where it goes on. Raises InvalidCursor."""
        if self.cursor is None:
            return "", ""
        _, name, document_id = key_of(self.cursor, 3, begins_with="extract")
        return name, document_id


@router.post(
    "/collections/{name}/extract",
    response_model=RowsResponse,
    responses=events_of(
        row=component("RowBody"), done=component("RowsResponse"), error=ERROR_EVENT
    ),
)
@policy(Scope.READ, "answers", encoder=True)
async def extract(
    body: ExtractRequest, request: Request, collection: NamedCollection, running: Runs
) -> Any:
    """Read a row of values from each document, by name, each value with page, box and support.

    A part of the documents at a time: `next_cursor` goes on where limit, seconds or tokens ended it.
    With `stream`, a `row` event for each, then `done` without them.
    """

    def start(cancellation: Event) -> Generator[ExtractedRow | Extraction]:
        extraction = running.services.extractor.extract(
            body.schema_,
            collection.name,
            body.filters.search_filter(body.versions),
            Budget(body.limit, body.max_seconds, body.max_tokens),
            after=body.place,
            is_cancelled=cancellation.is_set,
        )
        return _events(extraction)

    pump = await answering(running, start)
    if body.stream:
        return EventStream(relay(pump, _frame, failed_frame(running.data_dir)))
    events = await all_events(request, pump)
    if not events or not isinstance(events[-1], Extraction):
        return Response(status_code=499)  # nobody is there to read it
    rows = [RowBody.of(event) for event in events if isinstance(event, ExtractedRow)]
    return _response(events[-1], rows)


def _events(extraction: Extraction) -> Generator[ExtractedRow | Extraction]:
    yield from extraction.rows
    yield extraction


def _frame(event: ExtractedRow | Extraction) -> bytes:
    if isinstance(event, Extraction):
        return sse("done", _response(event, []).model_dump_json().encode())
    return sse("row", RowBody.of(event).model_dump_json().encode())


def _response(extraction: Extraction, rows: list[RowBody]) -> RowsResponse:
    goes_on = bool(extraction.documents)
    return RowsResponse(
        rows=rows,
        left=len(extraction.documents),
        ended_by=extraction.ended_by,
        next_cursor=cursor_of("extract", *extraction.place) if goes_on else None,
    )
