"""POST /retrieval: a collection as an external knowledge base of Dify.

The form: https://docs.dify.ai/en/use-dify/knowledge/external-knowledge-api
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from api.base.links import Links
from api.http.deps import Calls, Runs
from api.http.limits.bodies import PolicyRoute, Text
from api.http.links import links_for
from api.http.policy import policy
from api.routes.products.metadata_conditions import MetadataCondition
from api.schemas.hits import LinkedHit, linked_hit
from api.services.authorization import Caller
from api.services.keys import Scope
from api.services.stored_pages import page_words
from indexer.layout.export.markdown import page_markdown_within
from indexer.layout.export.page_content import page_content
from retriever.hits import PageHit, SearchResult
from retriever.query.filters import SearchFilter

router = APIRouter(tags=["products"], route_class=PolicyRoute)

MAX_CONTENT_CHARACTERS = 8000


class RetrievalSetting(BaseModel):
    model_config = ConfigDict(extra="ignore")

    top_k: int = Field(description="Most pages to return.")
    score_threshold: float = Field(
        default=0.0, ge=0, le=1, description="Least score, of 1 for the best page."
    )


class RetrievalRequest(BaseModel):
    """What Dify asks. Fields that are not listed are passed over."""

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={
            "examples": [
                {
                    "knowledge_id": "manuals",
                    "query": "How tight must the housing bolts be?",
                    "retrieval_setting": {"top_k": 3, "score_threshold": 0.5},
                }
            ]
        },
    )

    knowledge_id: Text = Field(description="Name of the collection.")
    query: Text
    retrieval_setting: RetrievalSetting
    metadata_condition: MetadataCondition | None = None


class RetrievalRecord(BaseModel):
    """A page. `score` is that of the search, as a share of the best page's."""

    content: str
    score: float
    title: str
    metadata: dict[str, Any]


class RetrievalResponse(BaseModel):
    records: list[RetrievalRecord]


@router.post("/retrieval")
@policy(Scope.READ, "searches", encoder=True)
async def retrieve(
    body: RetrievalRequest, request: Request, running: Runs, caller: Calls
) -> RetrievalResponse:
    """Find the pages of a collection for Dify: each with its text, its score and where it stands."""
    links = links_for(request.base_url, caller)
    with await running.admission.searches.take():
        page_filter = await run_in_threadpool(_filter, body, caller)
        if page_filter is None:
            return RetrievalResponse(records=[])
        result = await running.services.searcher.search_async(
            body.query, [body.knowledge_id], body.retrieval_setting.top_k, page_filter
        )
        least_score = body.retrieval_setting.score_threshold
        return await run_in_threadpool(_response, result, least_score, caller, links)


def _filter(body: RetrievalRequest, caller: Caller) -> SearchFilter | None:
    """Return which pages may be found; None where no document meets the conditions.

    Raises CollectionNotFound, InvalidFilter.
    """
    collection = caller.collection(body.knowledge_id)
    documents: tuple[str, ...] = ()
    if body.metadata_condition is not None and body.metadata_condition.conditions:
        of_collection = caller.services.stores.catalog.documents.of_collection(collection.id)
        documents = tuple(
            document.id
            for document in of_collection
            if document.first_page_id is not None
            and document.is_current
            and body.metadata_condition.holds_for(document)
        )
        if not documents:
            return None
    return caller.held_to([body.knowledge_id], SearchFilter(documents))


def _response(
    result: SearchResult, least_score: float, caller: Caller, links: Links
) -> RetrievalResponse:
    best = max((hit.score for hit in result.hits), default=0.0)
    records = [_record(hit, best, caller, linked_hit(hit, links)) for hit in result.hits]
    return RetrievalResponse(records=[row for row in records if row.score >= least_score])


def _record(hit: PageHit, best: float, caller: Caller, body: LinkedHit) -> RetrievalRecord:
    words = page_words(caller.services.stores, hit.page)
    text, _ = page_markdown_within(page_content(words), MAX_CONTENT_CHARACTERS)
    own_fields = {
        "page_id": body.page_id,
        "document_id": body.document_id,
        "document": body.document,
        "page_number": body.page_number,
        "page_label": body.page_label,
        "url": body.url,
        "image_url": body.image_url,
        "tags": list(body.tags),
    }
    return RetrievalRecord(
        content=text,
        score=max(hit.score / best, 0.0) if best > 0 else 0.0,
        title=hit.page.place_in(hit.document.title),
        metadata=body.metadata | own_fields,
    )
