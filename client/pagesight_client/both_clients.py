"""What the sync and the async client share beside the calls."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable
from functools import update_wrapper
from typing import Any, TypedDict, TypeVar

from pagesight_client.errors import WaitTimeout
from pagesight_client.records import Job

VERSION = "0.2.0"
_FIRST_LOOK_S, _LAST_LOOK_S = 0.1, 2.0

F = TypeVar("F", bound=Callable[..., Any])


class ClientSettings(TypedDict):
    """Arguments of httpx's clients."""

    base_url: str
    headers: dict[str, str]
    timeout: float


def client_settings(base_url: str, api_key: str | None, timeout_s: float) -> ClientSettings:
    """Return the settings of a client. Raises ValueError for an address that is none.

    The address that programs for OpenAI's protocol have, which ends in `/v1`, is understood, too.
    """
    if not base_url.startswith(("http://", "https://")):
        raise ValueError(f"base_url must begin with http:// or https://, and not {base_url!r}")
    base_url = base_url.rstrip("/").removesuffix("/v1")
    headers = {"User-Agent": f"pagesight-client/{VERSION}"}
    if api_key is not None:
        headers["Authorization"] = f"Bearer {api_key}"
    return {"base_url": base_url, "headers": headers, "timeout": timeout_s}


def as_method(method: F, build: Callable[..., object]) -> F:
    """Give a method that was made from a route the route's name, docstring and signature."""
    update_wrapper(method, build)
    signature = inspect.signature(build)
    self = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    parameters = [self, *signature.parameters.values()]
    empty = inspect.Signature.empty  # the route returns a call, the method what comes of it
    signature = signature.replace(parameters=parameters, return_annotation=empty)
    method.__signature__ = signature  # type: ignore[attr-defined]
    return method


class LookPauses:
    """The pauses between two looks at a job: short for a job that ends soon, up to two seconds."""

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._end = time.monotonic() + timeout_s
        self._pause_s = _FIRST_LOOK_S

    def begin(self) -> None:
        """Begin with another job."""
        self._pause_s = _FIRST_LOOK_S

    def before_look_at(self, job: Job) -> float:
        """Return the seconds to the next look. Raises WaitTimeout."""
        if time.monotonic() >= self._end:
            raise WaitTimeout(f"job {job.id} is {job.state} after {self._timeout_s} s")
        pause_s = self._pause_s
        self._pause_s = min(pause_s * 1.5, _LAST_LOOK_S)
        return pause_s
