"""Logs as one JSON object a line, each with the id of the request that it belongs to.

What people ask and what stands on their pages is in no log. Of an error of ours the message is told, of
any other only its kind and where it was raised: libraries quote the values that they choke on.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from contextvars import ContextVar
from random import getrandbits
from types import TracebackType
from typing import Any, Literal

from indexer.base.errors import PagesightError

LogFormat = Literal["auto", "json", "text"]
LogLevel = Literal["debug", "info", "warning", "error"]

_MAX_FRAMES = 40
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}")

request_id: ContextVar[str] = ContextVar("request_id", default="")


def request_id_of(client_id: str | None) -> str:
    """The client's own id where it can stand in a log, else a new one.

    Nobody gains by guessing one. The system's own chance, as in uuid4, is asked without the interpreter's
    lock: under load every request would queue for that once more.
    """
    return (
        client_id if client_id and _REQUEST_ID.fullmatch(client_id) else f"{getrandbits(128):032x}"
    )


def configure_logs(level: LogLevel, form: LogFormat) -> None:
    """All logs of the process go to standard error, in this form from now on.

    auto  text on a terminal, JSON elsewhere
    """
    import structlog

    as_text = form == "text" or (form == "auto" and sys.stderr.isatty())
    renderer: Any = (
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
        if as_text
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.stdlib.ExtraAdder(),
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                _add_request_id,
                _tell_exception,
            ],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)  # other people's libraries
    for name in ("pagesight", "api", "generator", "retriever", "indexer"):
        logging.getLogger(name).setLevel(level.upper())


def describe_error(error: BaseException) -> str:
    """An exception without the values that it may quote: kinds, places, and messages of ours."""
    parts: list[str] = []
    reported_ids: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in reported_ids:
        reported_ids.add(id(link))
        parts.append(f"{_kind(link)}{_message(link)}\n{_places(link.__traceback__)}")
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    return "caused by ".join(parts).rstrip()


def _kind(error: BaseException) -> str:
    kind = type(error)
    return (
        kind.__qualname__
        if kind.__module__ == "builtins"
        else f"{kind.__module__}.{kind.__qualname__}"
    )


def _message(error: BaseException) -> str:
    if isinstance(error, PagesightError):
        return f": {error}"
    if isinstance(error, OSError) and error.strerror:
        return f": {error.strerror}"
    return ""


def _places(trace: TracebackType | None) -> str:
    frames = traceback.extract_tb(trace)[-_MAX_FRAMES:]
    return "".join(f"  {frame.filename}:{frame.lineno} in {frame.name}\n" for frame in frames)


def _add_request_id(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if current := request_id.get():
        event["request_id"] = current
    return event


def _tell_exception(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    info = event.pop("exc_info", None)
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["exception"] = describe_error(error)
    return event
