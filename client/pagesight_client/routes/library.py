"""Collections, documents, jobs and pages."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Literal
from uuid import uuid4

from httpx import Response

from pagesight_client.calls import (
    Call,
    Listing,
    Request,
    Stream,
    Upload,
    get,
    json_of,
    names_of,
    post,
    record_of,
    safe,
    uploads_of,
)
from pagesight_client.events import ServerEvent
from pagesight_client.pages import HeatMap, Page, PageText
from pagesight_client.reading import field_of, read_record, reader
from pagesight_client.records import (
    Box,
    Collection,
    CollectionDetails,
    Document,
    DocumentSort,
    Job,
    JobState,
)
from pagesight_client.status import Samples


def collections() -> Listing[Collection]:
    """Iterate over all collections, by name."""
    return Listing(get("/v1/collections"), "collections", reader(Collection))


def create_collection(name: str | None = None, *, title: str | None = None) -> Call[Collection]:
    """Create an empty collection; without a name the service makes one that looks like the title."""
    fields = {"name": name, "title": title}
    body = {key: value for key, value in fields.items() if value is not None}
    return Call(post("/v1/collections", body), record_of(Collection))


def collection(name: str) -> Call[CollectionDetails]:
    """Return one collection, with its size and its jobs."""
    return Call(get(f"/v1/collections/{safe(name)}"), record_of(CollectionDetails))


def change_title(name: str, title: str) -> Call[Collection]:
    """Give a collection another title; its name stays."""
    request = Request("PATCH", f"/v1/collections/{safe(name)}", json={"title": title})
    return Call(request, record_of(Collection))


def delete_collection(name: str) -> Call[None]:
    """Delete a collection and its documents."""
    return Call(Request("DELETE", f"/v1/collections/{safe(name)}"), lambda _: None)


def documents(
    collection: str,
    *,
    search: str = "",
    tag: str | None = None,
    is_refused: bool | None = None,
    sort: DocumentSort = "name",
) -> Listing[Document]:
    """Iterate over the documents of a collection, the refused ones too.

    search      only those with a name that holds this
    tag         only those with this tag
    is_refused  only those that were refused, or only those that were not
    sort        `name`, `pages`, `bytes` or `created_at`; `-` before it turns it round
    """
    path = f"/v1/collections/{safe(collection)}/documents"
    params: dict[str, str | int] = {"sort": sort}
    if search:
        params["search"] = search
    if tag is not None:
        params["tag"] = tag
    if is_refused is not None:
        params["refused"] = str(is_refused).lower()
    return Listing(get(path, **params), "documents", reader(Document))


def change_document(
    document_id: str,
    *,
    tags: Sequence[str] | None = None,
    metadata: Mapping[str, str] | None = None,
) -> Call[Document]:
    """Set the tags of a document, or its metadata; None: as they are."""
    body: dict[str, object] = {}
    if tags is not None:
        body["tags"] = names_of(tags)
    if metadata is not None:
        body["metadata"] = dict(metadata)
    request = Request("PATCH", f"/v1/documents/{safe(document_id)}", json=body, is_repeatable=True)
    return Call(request, record_of(Document))


def document(document_id: str) -> Call[Document]:
    """Return one document."""
    return Call(get(f"/v1/documents/{safe(document_id)}"), record_of(Document))


def document_pages(document_id: str) -> Listing[Page]:
    """Iterate over the pages of a document by number, with their ids, labels and sizes."""
    return Listing(get(f"/v1/documents/{safe(document_id)}/pages"), "pages", reader(Page))


def file(document_id: str) -> Call[bytes]:
    """Download the file, byte for byte."""
    path = f"/v1/documents/{safe(document_id)}/file"
    return Call(get(path), lambda response: response.content)


def export(
    document_id: str,
    format_: Literal["markdown", "html", "json"] = "markdown",
    *,
    page: int | None = None,
) -> Call[str]:
    """Return a document, or one page of it, as it was read: headings, paragraphs, tables, fields."""
    params: dict[str, str | int] = {"format": format_}
    if page is not None:
        params["page"] = page
    request = get(f"/v1/documents/{safe(document_id)}/export", **params)
    return Call(request, lambda response: response.content.decode())


def delete_document(document_id: str, name: str | None = None) -> Call[None]:
    """Delete a document and its attachments: they are in no answer from now on.

    name  take only this name of several from it
    """
    params = {} if name is None else {"name": name}
    request = Request("DELETE", f"/v1/documents/{safe(document_id)}", params=params)
    return Call(request, lambda _: None)


def retry_document(document_id: str) -> Call[Job]:
    """Queue the file of a refused document again, as long as its bytes are kept."""
    return Call(post(f"/v1/documents/{safe(document_id)}/retry"), record_of(Job))


def samples() -> Call[Samples]:
    """Return which documents come with the service, and a question about each."""
    return Call(get("/v1/samples"), record_of(Samples))


def add_samples() -> Call[list[Job]]:
    """Queue the sample documents in their own collection; returns the jobs of those that were missing."""
    request = Request("POST", "/v1/samples", is_repeatable=True)
    return Call(request, _jobs_of)


def _jobs_of(response: Response) -> list[Job]:
    return [read_record(Job, row) for row in field_of(json_of(response), "jobs")]


def upload(
    collection: str,
    files: Upload | Sequence[Upload],
    *,
    priority: int = 0,
    idempotency_key: str | None = None,
    tags: Sequence[str] = (),
    metadata: Mapping[str, str] | None = None,
) -> Call[list[Job]]:
    """Upload files, from paths or as (name, bytes), or one of them; returns a job for each.

    `tags` and `metadata` are given to every file, beside those that it has.

    A connection that breaks is tried again under the same key, which makes it one upload.
    """
    request = Request(
        "POST",
        f"/v1/collections/{safe(collection)}/documents",
        params={"priority": priority},
        headers={"Idempotency-Key": idempotency_key or uuid4().hex},
        files=uploads_of(files),
        fields=_fields(tags, metadata),
        is_repeatable=True,
    )
    return Call(request, _jobs_of)


def _fields(tags: Sequence[str], metadata: Mapping[str, str] | None) -> dict[str, str]:
    fields = {"tags": ",".join(names_of(tags))} if tags else {}
    return fields | ({"metadata": json.dumps(dict(metadata))} if metadata else {})


def replay_job(job_id: str) -> Call[Job]:
    """Tell the receivers of webhooks of a job that has ended once more."""
    return Call(post(f"/v1/jobs/{safe(job_id)}/replay"), record_of(Job))


def jobs(collection: str | None = None, state: JobState | None = None) -> Listing[Job]:
    """Iterate over jobs, the newest first."""
    filters = {"collection": collection, "state": state}
    params = {name: value for name, value in filters.items() if value is not None}
    return Listing(get("/v1/jobs", **params), "jobs", reader(Job))


def job(job_id: str) -> Call[Job]:
    """Return one job."""
    return Call(get(f"/v1/jobs/{safe(job_id)}"), record_of(Job))


def cancel_job(job_id: str) -> Call[Job]:
    """Cancel a job: at once when it is queued, at its next page when it runs."""
    return Call(post(f"/v1/jobs/{safe(job_id)}/cancel"), record_of(Job))


def retry_job(job_id: str) -> Call[Job]:
    """Queue a failed or cancelled job again."""
    return Call(post(f"/v1/jobs/{safe(job_id)}/retry"), record_of(Job))


def follow_job(job_id: str) -> Stream[Job]:
    """Iterate over a job as it changes; the last one has ended."""

    def event(server_event: ServerEvent) -> Job:
        return read_record(Job, server_event.data)

    return Stream(get(f"/v1/jobs/{safe(job_id)}/events"), event)


def page(page_id: int) -> Call[Page]:
    """Return where a page stands and how large it is."""
    return Call(get(f"/v1/pages/{page_id}"), record_of(Page))


def page_image(page_id: int, width: int | None = None, *, region: Box | None = None) -> Call[bytes]:
    """Download the page image as WebP, as stored or at most `width` pixels wide.

    region  only this part of the page, drawn anew from the PDF, `width` pixels wide
    """
    params: dict[str, str | int] = {} if width is None else {"width": width}
    if region is not None:
        params["region"] = ",".join(f"{value:g}" for value in region)
    return Call(get(f"/v1/pages/{page_id}/image", **params), lambda response: response.content)


def page_text(page_id: int) -> Call[PageText]:
    """Return the page's words in reading order, each with its box."""
    return Call(get(f"/v1/pages/{page_id}/text"), record_of(PageText))


def heat_map(
    page_id: int, query: str, *, token: int | None = None, combine: Literal["max", "sum"] = "max"
) -> Call[HeatMap]:
    """Return where on a page a query looks; `token` is one token of it, counted from 0."""
    return Call(_heat(page_id, query, token, combine, "json"), record_of(HeatMap))


def heat_map_image(
    page_id: int,
    query: str,
    *,
    token: int | None = None,
    combine: Literal["max", "sum"] = "max",
    width: int | None = None,
) -> Call[bytes]:
    """Download the page image under the heat of a query, as PNG."""
    request = _heat(page_id, query, token, combine, "png", width)
    return Call(request, lambda response: response.content)


def _heat(
    page_id: int,
    query: str,
    token: int | None,
    combine: str,
    format_: str,
    width: int | None = None,
) -> Request:
    params: dict[str, str | int] = {"query": query, "combine": combine, "format": format_}
    if token is not None:
        params["token"] = token
    if width is not None:
        params["width"] = width
    return get(f"/v1/pages/{page_id}/heatmap", **params)
