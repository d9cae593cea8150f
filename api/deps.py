"""What a route may ask for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, HTTPException, Path, Request

from api.wiring import Services

SQL_INTEGER_MAX = 2**63 - 1  # a larger page id is no page's, and no database can compare it


@dataclass(slots=True)
class Running:
    """One running service.

    ingests         one thread, so that files are ingested one at a time
    encoder_loaded  whether a request has needed the encoder yet
    """

    services: Services
    ingests: ThreadPoolExecutor
    encoder_loaded: bool = False

    @property
    def data_dir(self) -> str:
        """The path that no answer tells; empty when it says nothing about this machine."""
        root = self.services.stores.folder.root
        return str(root) if root.is_absolute() else ""


def _running(request: Request) -> Running:
    running: Running = request.app.state.running
    return running


def refuse_cross_site(request: Request) -> None:
    """A web page from elsewhere must not upload or delete by way of its visitor's browser.

    Browsers send `Sec-Fetch-Site` with every request and no page can forge it; programs send none.
    """
    site = request.headers.get("sec-fetch-site", "none")
    if request.method not in ("GET", "HEAD") and site not in ("none", "same-origin"):
        raise HTTPException(403, "a page of another site cannot change anything here")


Runs = Annotated[Running, Depends(_running)]
PageId = Annotated[int, Path(ge=1, le=SQL_INTEGER_MAX)]
