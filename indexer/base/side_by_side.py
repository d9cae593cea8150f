"""The same for several things at a time, where each of them is waited for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def side_by_side(function: Callable[[T], R], arguments: Iterable[T], at_once: int) -> list[R]:
    """Return what the function makes of each argument, in their order. Raises what it raises.

    at_once  in threads of their own; 1: one after the other, in this one
    """
    if at_once == 1:
        return [function(argument) for argument in arguments]
    with ThreadPoolExecutor(at_once, "side-by-side") as threads:
        return [*threads.map(function, arguments)]
