"""Failures: how they are told, and which of them is no end yet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from pagesight_client.errors import (
    CLASS_OF_STATUS,
    PagesightError,
    ServiceError,
    ServiceTimeout,
    ServiceUnreachable,
    UnexpectedReply,
)
from pagesight_client.reading import field_of

MAX_RETRY_AFTER_S = 30
_FIRST_PAUSE_S = 0.1


class Retries:
    """Decides after a failure whether a request is sent again, and when.

    Again is sent what a busy service refused with `Retry-After`: it did nothing. And what a broken
    connection may have lost, when twice does no harm.
    """

    def __init__(self, max_retries: int, *, is_repeatable: bool) -> None:
        self._is_repeatable = is_repeatable
        self._n_left = max_retries
        self._pause_s = _FIRST_PAUSE_S

    def pause_after(self, error: PagesightError) -> float:
        """Return the seconds until the next try. Raises `error` when there is none."""
        if self._n_left == 0:
            raise error
        self._n_left -= 1
        if isinstance(error, ServiceError):
            after_s = error.retry_after_s
            if error.status not in (429, 503) or after_s is None or after_s > MAX_RETRY_AFTER_S:
                raise error
            return float(after_s)
        if not self._is_repeatable or type(error) is not ServiceUnreachable:
            raise error
        self._pause_s *= 2
        return self._pause_s / 2


@contextmanager
def translated_errors() -> Iterator[None]:
    """Raise httpx's errors as this package's own."""
    try:
        yield
    except httpx.TimeoutException as error:
        raise ServiceTimeout(
            f"pagesight does not answer in time ({type(error).__name__})"
        ) from error
    except httpx.TransportError as error:
        raise ServiceUnreachable(
            f"pagesight does not answer ({type(error).__name__}): is `pagesight serve` running?"
        ) from error
    except httpx.DecodingError as error:
        raise UnexpectedReply("the reply cannot be decoded: is this pagesight?") from error


def refusal(response: httpx.Response) -> ServiceError:
    """Return the error of a reply that is no success."""
    after = response.headers.get("retry-after", "")
    retry_after_s = int(after) if after.isdecimal() and len(after) < 10 else None
    try:
        body = response.json()["error"]
        body = {"message": str(body["message"])} | body
    except (ValueError, KeyError, TypeError):  # something in between answered
        body = {"message": f"HTTP status {response.status_code}"}
    return service_error(body, response.status_code, retry_after_s)


def service_error(body: Any, status: int, retry_after_s: int | None = None) -> ServiceError:
    """Return the error that a JSON body describes."""
    kind = CLASS_OF_STATUS.get(status, ServiceError)
    return kind(
        field_of(body, "message"),
        status,
        body.get("type", ""),
        body.get("code", "http_error"),
        body.get("param"),
        retry_after_s,
    )
