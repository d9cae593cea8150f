"""/v1/samples: six documents to try pagesight with."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.http.deps import Calls, Runs
from api.http.limits.bodies import PolicyRoute
from api.http.policy import policy
from api.schemas.jobs import UploadResponse, job_body, jobs_address
from api.schemas.samples import ExampleQuestionResponse, SamplesResponse
from api.services.keys import Scope
from api.services.samples import COLLECTION, add_samples, example_questions, sample_names
from indexer.base.errors import CollectionNotFound

router = APIRouter(prefix="/samples", tags=["documents"], route_class=PolicyRoute)


@router.get("")
@policy(Scope.READ)
def get_samples(caller: Calls) -> SamplesResponse:
    """The documents that come with pagesight, and questions that they answer."""
    try:
        caller.collection(COLLECTION)
        is_added = True
    except CollectionNotFound:
        is_added = False
    return SamplesResponse(
        collection=COLLECTION,
        is_added=is_added,
        documents=sample_names(),
        questions=[
            ExampleQuestionResponse(question=example.question, document=example.document)
            for example in example_questions()
        ],
    )


@router.post("", status_code=202)
@policy(Scope.WRITE)
def post_samples(running: Runs, response: Response) -> UploadResponse:
    """Make the collection `samples` and queue its documents; what is there already is not queued again."""
    collection, jobs = add_samples(running.services)
    running.wake_worker()
    response.headers["Location"] = jobs_address(collection.name, jobs)
    return UploadResponse(collection=collection.name, jobs=[job_body(job) for job in jobs])
