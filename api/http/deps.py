"""What a route may ask for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, HTTPException, Path, Query, Request
from fastapi.security import HTTPBearer
from starlette.concurrency import run_in_threadpool

from api.base.errors import KeyRequired
from api.http.admission import Admission
from api.http.cursors import MAX_CHARACTERS
from api.http.policy import CLOSED, policy_of
from api.services.authorization import SQL_INTEGER_MAX as SQL_INTEGER_MAX
from api.services.authorization import Caller
from api.services.keys import Scope
from api.services.wiring import Services
from api.worker.worker import Worker


@dataclass(slots=True)
class Running:
    """One running service.

    admission  how many questions are worked on at a time
    worker     runs jobs in a thread of this process; None where other processes do
    """

    services: Services
    admission: Admission
    worker: Worker | None = None

    def wake_worker(self) -> None:
        """There are new jobs; a worker elsewhere finds them by itself."""
        if self.worker is not None:
            self.worker.wake()

    @property
    def data_dir(self) -> str:
        """The path that no answer tells; empty when it says nothing about this machine."""
        root = self.services.stores.folder.root
        return str(root) if root.is_absolute() else ""


# All are coroutines: a plain function would wait for a thread, behind everybody's work.
async def _running(request: Request) -> Running:
    running: Running = request.app.state.running
    return running


async def refuse_cross_site(request: Request) -> None:
    """A web page from elsewhere must not upload or delete by way of its visitor's browser.

    Browsers send `Sec-Fetch-Site` with every request and no page can forge it; programs send none.
    """
    site = request.headers.get("sec-fetch-site", "none")
    if request.method not in ("GET", "HEAD") and site not in ("none", "same-origin"):
        raise HTTPException(403, "a page of another site cannot change anything here")


async def _caller(request: Request) -> Caller:
    caller: Caller | None = getattr(request.state, "caller", None)
    if (
        caller is None
    ):  # `api.http.authentication` did not look at this address: it counts as open there
        raise KeyRequired("an API key is needed")
    return caller


KEY_HEADER = HTTPBearer(  # in the description of the service; `Authentication` reads the header
    scheme_name="key",
    description="An API key, `ps_...`. Without any key the service needs none.",
    auto_error=False,
)


async def authorize(request: Request) -> None:
    """Whether the caller may use this route on what its path names. Raises NotAllowed, NotFound."""
    declared = policy_of(request.scope["route"].endpoint)
    if declared.scope is None:
        return
    caller = await _caller(request)
    if declared is CLOSED:
        caller.require_everywhere(Scope.ADMIN)
    if named := request.path_params:
        await run_in_threadpool(caller.check, declared.scope, named)  # looks it up in the catalog
    else:
        caller.check(declared.scope, named)


Runs = Annotated[Running, Depends(_running)]
Calls = Annotated[Caller, Depends(_caller)]
Cursor = Annotated[
    str | None,
    Query(max_length=MAX_CHARACTERS, description="`next_cursor` of the page before."),
]
PageId = Annotated[int, Path(ge=1, le=SQL_INTEGER_MAX)]
