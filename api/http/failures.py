"""What a client is told of every error, in one shape: `{"error": {"message", "type", "code", "param"}}`."""

from __future__ import annotations

import errno
import logging
import math
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from api.base.errors import KeyRequired, Overloaded, TooManyRequests, http_status
from generator.errors import BackendOverloaded
from indexer.base.errors import CatalogUnavailable, EncoderAway, PagesightError

_log = logging.getLogger("pagesight.api")

_CODES = {
    400: "invalid_request",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    408: "request_timeout",
    413: "request_too_large",
    416: "range_not_satisfiable",
    431: "headers_too_large",
}
_NO_MORE = "pagesight has no more open files or memory to spare: try again in a moment"
_NO_OBJECT = ("missing", "dict_type", "model_type", "model_attributes_type")  # kinds of pydantic
_SEND_JSON = (
    "the request body is no JSON object: send one, with the header content-type: application/json"
)
_SEE = "/openapi.json lists what there is"
_SAID = {  # instead of a bare status phrase
    404: f"nothing is at this address: {_SEE}",
    405: f"this address does not take that method: {_SEE}",
}


class ErrorBody(BaseModel):
    """A line for a person, class and code for a program, and the parameter at fault, if one is."""

    message: str
    type: str
    code: str
    param: str | None = None


class ErrorResponse(BaseModel):
    error: ErrorBody


@dataclass(frozen=True, slots=True)
class Failure:
    """A response that tells an error."""

    status: int
    body: ErrorResponse
    headers: dict[str, str]


EXPECTED = (PagesightError, RequestValidationError, HTTPException)
_EXHAUSTED = (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS)
_RETRY_S = 5  # when a process that has run out of something, or its catalog, may be asked again


def error_body(error: Exception, data_dir: str = "") -> ErrorResponse:
    """Our own errors as they are, less the path `data_dir`; of any other only that there was one."""
    if is_exhausted(error):
        error = Overloaded(_NO_MORE, _RETRY_S)
    if isinstance(error, PagesightError):
        message = str(error).replace(data_dir, "DATA") if data_dir else str(error)
        param: str | None = getattr(error, "param", None)
        return _body(message, error.code, type(error).__name__, param)
    return _body("something went wrong in pagesight; its log says what", "internal_error")


def failure(error: Exception, data_dir: str = "") -> Failure:
    """What a client is told of one of the EXPECTED errors, or of one that `is_exhausted`.

    What is our own fault is also logged.
    """
    if isinstance(error, RequestValidationError):
        return Failure(422, _invalid_request(error), {})
    if isinstance(error, HTTPException):
        return Failure(error.status_code, _http_error(error), dict(error.headers or {}))
    if is_exhausted(error):
        _log.error("out of descriptors or memory", exc_info=error)
        error = Overloaded(_NO_MORE, _RETRY_S)
    assert isinstance(error, PagesightError)
    status = http_status(error)
    if status >= 500 and not isinstance(error, Overloaded):  # no fault, and there are many of them
        _log.error("%s: %s", error.code, error, exc_info=error)
    headers = {}
    if isinstance(error, KeyRequired):
        headers["WWW-Authenticate"] = 'Bearer realm="pagesight"'
    if isinstance(error, Overloaded | TooManyRequests):
        headers["Retry-After"] = str(max(1, math.ceil(error.retry_after_s)))
    if isinstance(error, CatalogUnavailable | EncoderAway):
        headers["Retry-After"] = str(_RETRY_S)
    if isinstance(error, BackendOverloaded):
        headers["Retry-After"] = str(max(1, math.ceil(error.retry_after_s or _RETRY_S)))
    return Failure(status, error_body(error, data_dir), headers)


def openai_error(error: dict[str, Any], status: int) -> dict[str, Any]:
    """Return an error with the type by which OpenAI's clients sort it."""
    return error | {"type": "server_error" if status >= 500 else "invalid_request_error"}


def is_exhausted(error: BaseException | None) -> bool:
    """Whether the process has no descriptor or memory left, which is what another error may come of."""
    while error is not None:
        if isinstance(error, MemoryError) or getattr(error, "errno", None) in _EXHAUSTED:
            return True
        error = error.__cause__
    return False


def _invalid_request(error: RequestValidationError) -> ErrorResponse:
    first = error.errors()[0]
    if tuple(first["loc"]) == ("body",) and first["type"] in _NO_OBJECT:
        return _body(_SEND_JSON, "invalid_request")
    where = [str(part) for part in first["loc"][1:] if first["type"] != "json_invalid"]
    param = ".".join(where) or None
    is_blank = first.get("ctx", {}).get("pattern") == r"\S"  # a regular expression helps no reader
    reason = "it must hold more than blanks" if is_blank else first["msg"]
    message = f"{param}: {reason}" if param else f"the request body: {reason}"
    return _body(message, "invalid_request", param=param)


def _http_error(error: HTTPException) -> ErrorResponse:
    code = _CODES.get(error.status_code, "http_error")
    bare = error.detail == HTTPStatus(error.status_code).phrase
    message = _SAID.get(error.status_code, error.detail) if bare else error.detail
    return _body(message, code)


def _body(message: str, code: str, kind: str = "", param: str | None = None) -> ErrorResponse:
    kind = kind or "".join(word.capitalize() for word in code.split("_"))
    return ErrorResponse(error=ErrorBody(message=message, type=kind, code=code, param=param))
