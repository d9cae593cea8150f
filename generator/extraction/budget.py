"""What an extraction may take before it stops, to go on another time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Budget:
    """Documents, seconds and tokens of a model that may be used up; None: any number."""

    documents: int | None = None
    seconds: float | None = None
    tokens: int | None = None


class Spending:
    """Counts what was used of a budget, from now on. It is looked at between two documents."""

    def __init__(self, budget: Budget, clock: Callable[[], float] = time.monotonic) -> None:
        self._budget = budget
        self._clock = clock
        self._began = clock()
        self._n_documents = 0
        self._n_tokens = 0.0

    def add(self, usage: dict[str, float]) -> None:
        """Count one document, and what a model took for it."""
        self._n_documents += 1
        self._n_tokens += usage.get("prompt_tokens", 0) + usage.get("completion_tokens", 0)

    def end(self) -> str:
        """Say what is used up; empty while something of everything is left, and before the first document."""
        budget = self._budget
        if not self._n_documents:
            return ""
        if budget.documents is not None and self._n_documents >= budget.documents:
            return f"{budget.documents} documents"
        if budget.seconds is not None and self._clock() - self._began >= budget.seconds:
            return f"{budget.seconds:g} s"
        if budget.tokens is not None and self._n_tokens >= budget.tokens:
            return f"{budget.tokens} tokens"
        return ""
