"""A value that costs too much to make before somebody needs it: a model, an OCR engine."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Lazy(Generic[T]):
    """Makes a value at the first `get` and keeps it. Safe to use from several threads.

    A failure is not kept: the next `get` tries again.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._values: list[T] = []  # none or one
        self._lock = Lock()

    @property
    def loaded(self) -> bool:
        """Whether the value is there. Never waits, also while another thread makes it."""
        return bool(self._values)

    def get(self) -> T:
        """Raises what making the value raises."""
        if not self._values:
            with self._lock:
                if not self._values:
                    self._values.append(self._make())
        return self._values[0]
