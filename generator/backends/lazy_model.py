"""A model of this process that is loaded at its first question, and why that failed the last time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from indexer.base.errors import PagesightError
from indexer.base.lazy import Lazy

T = TypeVar("T")


class LazyModel(Generic[T]):
    """Loads the model at the first `get`, which is called in the model's thread.

    failure  of the last try; empty when there was none. The next question tries again.
    """

    def __init__(self, load: Callable[[], T]) -> None:
        self._model = Lazy(load)
        self.failure = ""

    def get(self) -> T:
        """Return the model. Raises what loading raises."""
        try:
            model = self._model.get()
        except PagesightError as error:
            self.failure = str(error)
            raise
        self.failure = ""
        return model
