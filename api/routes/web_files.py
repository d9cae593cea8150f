"""POST /v1/collections/{name}/web: a file of the web in, a job for it."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from api.http.deps import Calls, NamedCollection, Runs
from api.http.limits.bodies import PolicyRoute
from api.http.policy import policy
from api.schemas.jobs import UploadResponse, job_body, jobs_address
from api.services.authorization import Caller
from api.services.keys import Scope
from api.services.wiring import Services
from indexer.base.document_properties import properties_of
from indexer.catalog.collections import Collection
from indexer.catalog.jobs.records import Job

router = APIRouter(tags=["documents"], route_class=PolicyRoute)


class WebFileRequest(BaseModel):
    """An address, and what its document is given beside the metadata `source`, which is the address."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"url": "https://docs.example.org/guide", "tags": ["manual"]}]
        },
    )

    url: str = Field(description="Of a host that PAGESIGHT_WEB_HOSTS names.")
    tags: list[str] = []
    metadata: dict[str, str] = {}


@router.post("/collections/{name}/web", status_code=202)
@policy(Scope.ADMIN)
async def fetch_file(
    collection: NamedCollection,
    body: WebFileRequest,
    response: Response,
    running: Runs,
    caller: Calls,
) -> UploadResponse:
    """Fetch a page or another file from the web; it becomes a job, as an upload does.

    The answer comes when it was fetched and is kept. Off unless the service names hosts in
    PAGESIGHT_WEB_HOSTS: 422 is the answer for all others, and for hosts that are not public. 502: its server
    did not give it. One is fetched at a time.
    """
    services = running.services
    await run_in_threadpool(services.pipeline.check_encoder, collection)
    with await running.admission.readings.take():
        job = await run_in_threadpool(_fetch, services, caller, collection, body)
    running.wake_worker()
    response.headers["Location"] = jobs_address(collection.name, [job])
    return UploadResponse(collection=collection.name, jobs=[job_body(job)])


def _fetch(services: Services, caller: Caller, collection: Collection, body: WebFileRequest) -> Job:
    """Raises AddressRefused, WebPageUnavailable, InvalidProperties, QuotaReached, StorageError."""
    properties = properties_of(body.tags, body.metadata)
    with services.stores.folder.staging_folder("web-") as folder:
        source = services.web_files.get().source(body.url, folder, properties)
        if caller.key is not None:
            services.quotas.take_upload(caller.key, source.path.stat().st_size, 1)
        refusal_of = partial(services.first_look.refusal, collection)
        (job,) = services.intake.move_in(collection, [source], refusal_of=refusal_of)
    return job
