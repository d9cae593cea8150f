"""Try what the library may refuse, in the child: standard library only."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple, TypeVar

T = TypeVar("T")


class Failure(NamedTuple):
    """Why the library gave nothing: ``cause`` is "memory", "error", or what an error names as its `cause`."""

    cause: str
    reason: str


def attempt(work: Callable[[], T]) -> T | Failure:
    """Do the work, or say why not: MuPDF's bindings raise many kinds, down to bare Exception."""
    try:
        return work()
    except Exception as error:  # noqa: BLE001
        source = error if hasattr(error, "cause") else error.__cause__ or error
        reason = re.sub(r"^code=\d+: ", "", str(source)) or type(source).__name__
        reason = reason.encode("utf-8", "replace").decode()
        out_of_memory = isinstance(source, MemoryError) or "alloc" in reason
        cause = getattr(source, "cause", None) or ("memory" if out_of_memory else "error")
        return Failure(cause, reason)
