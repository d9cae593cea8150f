"""PUT /process: what Open WebUI asks of an external document loader.

The file is the body, its name stands in `X-Filename`; each page comes back as Markdown. Nothing is stored.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from urllib.parse import unquote

from fastapi import APIRouter, Header, HTTPException, Request
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from api.base.errors import InvalidUpload
from api.http.deps import Calls, Runs
from api.http.limits.bodies import PolicyRoute
from api.http.policy import policy
from api.http.uploads import clean_name
from api.services.authorization import Caller
from api.services.file_reading import FileReader
from api.services.keys import Scope
from indexer.layout.export.markdown import page_markdown
from indexer.layout.export.page_content import page_content

router = APIRouter(tags=["products"], route_class=PolicyRoute)

_TEXTS = ("application/json", "application/xml", "application/x-yaml", "application/yaml")


class LoadedPage(BaseModel):
    """A page of the file; `metadata` has its number, and the name of the file as `source`."""

    page_content: str
    metadata: dict[str, str | int]


@router.put(
    "/process",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
            },
        }
    },
)
@policy(Scope.READ, max_body_bytes=None)
async def load_document(
    request: Request,
    running: Runs,
    caller: Calls,
    x_filename: Annotated[str, Header(description="Name of the file, percent-encoded.")] = "",
    content_type: Annotated[str, Header(include_in_schema=False)] = "",
) -> list[LoadedPage]:
    """Read a PDF, scanned or not, and return its pages as Markdown; a text file comes back as it is."""
    name = clean_name(unquote(x_filename) or "unnamed.pdf")
    services = running.services
    max_bytes = services.settings.max_file_bytes
    if caller.key is not None:
        n_bytes_left = await run_in_threadpool(services.quotas.bytes_left, caller.key)
        max_bytes = max_bytes if n_bytes_left is None else min(max_bytes, n_bytes_left)
    with services.stores.folder.staging_folder("process-") as folder:
        path = folder / "0.pdf"
        n_bytes = await _save(request, path, max_bytes)
        await run_in_threadpool(_charge, caller, n_bytes)
        kind = content_type.partition(";")[0].strip().lower()
        if kind.startswith("text/") or kind in _TEXTS:
            text = (await run_in_threadpool(path.read_bytes)).decode(errors="replace")
            return [LoadedPage(page_content=text, metadata={"source": name})]
        with await running.admission.readings.take():
            return await run_in_threadpool(_pages, services.reader, path, name)


async def _save(request: Request, path: Path, max_bytes: int) -> int:
    """Raises InvalidUpload, HTTPException (413)."""
    n_bytes = 0
    try:
        with path.open("xb") as file:
            async for piece in request.stream():
                n_bytes += len(piece)
                if n_bytes > max_bytes:
                    raise HTTPException(413, f"the file has more than {max_bytes:,} bytes")
                await run_in_threadpool(file.write, piece)
    except ClientDisconnect as error:
        raise InvalidUpload("the upload broke off") from error
    return n_bytes


def _charge(caller: Caller, n_bytes: int) -> None:
    """Count the file to the quota of its key. Raises QuotaReached."""
    if caller.key is not None:
        caller.services.quotas.take_upload(caller.key, n_bytes, 1)


def _pages(reader: FileReader, path: Path, name: str) -> list[LoadedPage]:
    """Raises DocumentRejected, Unreadable."""
    return [
        LoadedPage(
            page_content=page_markdown(page_content(page.words)),
            metadata={"source": name, "page": page.page_number, "page_label": page.label},
        )
        for page in reader.pages(path, name)
    ]
