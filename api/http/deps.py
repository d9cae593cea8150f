"""What a handler may ask for: parts of the service, its caller, and what its path names."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Path, Query, Request
from fastapi.security import HTTPBearer
from starlette.concurrency import run_in_threadpool

from api.base.errors import KeyRequired, ServiceReadOnly
from api.http.cors import is_cors_origin
from api.http.cursors import MAX_CHARACTERS
from api.http.hosts import check_same_site
from api.http.policy import CLOSED, policy_of
from api.http.running import Running
from api.services.authorization import SQL_INTEGER_MAX as SQL_INTEGER_MAX
from api.services.authorization import Caller, Target
from api.services.conversation_records import Conversation
from api.services.conversations import Conversations as KeptConversations
from api.services.keys import Keys as ApiKeys
from api.services.keys import Scope
from api.services.wiring import Services
from generator.answering.answerer import Answerer
from indexer.catalog.collections import Collection
from indexer.catalog.document_records import Document, Page
from indexer.catalog.jobs.queue import JobQueue
from indexer.catalog.jobs.records import Job
from indexer.stores import Stores
from retriever.page_heat import PageHeats
from retriever.searcher import Searcher

T = TypeVar("T")


# All are coroutines: a plain function would wait for a thread, behind everybody's work.
async def _running(request: Request) -> Running:
    running: Running = request.app.state.running
    return running


async def refuse_cross_site(request: Request) -> None:
    """Raises HTTPException where a web page from elsewhere would change something."""
    if is_cors_origin(request):
        return
    settings = request.app.state.running.services.settings
    check_same_site(request.method, request.headers, settings.public_url)


async def _caller(request: Request) -> Caller:
    caller: Caller | None = getattr(request.state, "caller", None)
    if caller is None:  # `api.http.authentication` did not look at this path: it is open there
        raise KeyRequired("an API key is needed")
    return caller


KEY_HEADER = HTTPBearer(  # in the description of the service; `Authentication` reads the header
    scheme_name="key",
    description="An API key, `ps_...`. Without any key the service needs none.",
    auto_error=False,
)


async def authorize(request: Request) -> Target:
    """Let the caller use this route, and return what its path names: looked up once in a request.

    Raises KeyRequired, NotAllowed, or the error of something that is not there.
    """
    route_policy = policy_of(request.scope["route"].endpoint)
    if route_policy.scope is None:
        return Target()
    _refuse_to_change_a_bundle(request, route_policy.scope)
    caller = await _caller(request)
    if route_policy is CLOSED:
        caller.require_everywhere(Scope.ADMIN)
    if parameters := request.path_params:  # they are looked up in the catalog
        return await run_in_threadpool(caller.authorize, route_policy.scope, parameters)
    return caller.authorize(route_policy.scope, {})


def _refuse_to_change_a_bundle(request: Request, need: Scope) -> None:
    """Raise ServiceReadOnly where the service serves a bundle and the route would change what is in it.

    Conversations are no part of it: they last as long as the process.
    """
    bundle = request.app.state.running.services.bundle
    if bundle is None or need in (Scope.READ, Scope.METRICS) or request.method in ("GET", "HEAD"):
        return
    raise ServiceReadOnly(
        f"this service shows the bundle of {bundle.collection}, which is read-only: change the collection "
        "where the bundle was made, and make it anew"
    )


_Authorized = Annotated[Target, Depends(authorize)]
PageId = Annotated[int, Path(ge=1, le=SQL_INTEGER_MAX)]


async def _collection(name: str, target: _Authorized) -> Collection:
    assert target.collection is not None
    return target.collection


async def _document(document_id: str, target: _Authorized) -> Document:
    assert target.document is not None
    return target.document


async def _page(page_id: PageId, target: _Authorized) -> tuple[Page, Document]:
    assert target.page is not None and target.document is not None
    return target.page, target.document


async def _job(job_id: str, target: _Authorized) -> Job:
    assert target.job is not None
    return target.job


async def _conversation(conversation_id: str, target: _Authorized) -> Conversation:
    assert target.conversation is not None
    return target.conversation


# What the path names; the guard has looked it up.
NamedCollection = Annotated[Collection, Depends(_collection)]
NamedDocument = Annotated[Document, Depends(_document)]
NamedPage = Annotated[tuple[Page, Document], Depends(_page)]
NamedJob = Annotated[Job, Depends(_job)]
NamedConversation = Annotated[Conversation, Depends(_conversation)]


def _part(choose: Callable[[Services], T]) -> Callable[[Request], Coroutine[Any, Any, T]]:
    async def part(request: Request) -> T:
        running: Running = request.app.state.running
        return choose(running.services)

    return part


# Parts of the service, for handlers that need no more than one or two.
Documents = Annotated[Stores, Depends(_part(lambda services: services.stores))]
Search = Annotated[Searcher, Depends(_part(lambda services: services.searcher))]
HeatMaps = Annotated[PageHeats, Depends(_part(lambda services: services.heats))]
Answers = Annotated[Answerer, Depends(_part(lambda services: services.answerer))]
Jobs = Annotated[JobQueue, Depends(_part(lambda services: services.queue))]
Conversations = Annotated[
    KeptConversations, Depends(_part(lambda services: services.conversations))
]
Keys = Annotated[ApiKeys, Depends(_part(lambda services: services.keys))]

Runs = Annotated[Running, Depends(_running)]
Calls = Annotated[Caller, Depends(_caller)]
Cursor = Annotated[
    str | None,
    Query(max_length=MAX_CHARACTERS, description="`next_cursor` of the page before."),
]
