"""Several servers of one model: where one fails before its first word, the next is asked."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing

from generator.backends.base import AnswerModel, AnswerPiece
from generator.errors import BackendError
from generator.prompts import Prompt


class FailoverModel:
    """Asks `models`, at least one, in their order: the circuit breaker of one that keeps failing is quick."""

    def __init__(self, models: Sequence[AnswerModel]) -> None:
        self.name = models[0].name
        self.reads_images = models[0].reads_images
        self._models = tuple(models)

    def unavailable_reason(self) -> str:
        """Say what keeps all of them from answering; empty where one is ready."""
        reasons = [model.unavailable_reason() for model in self._models]
        return "; ".join(reasons) if all(reasons) else ""

    def stream(
        self, prompt: Prompt, is_cancelled: Callable[[], bool]
    ) -> Generator[AnswerPiece, None, None]:
        """Stream as `AnswerModel.stream` does; raises the error of the last.

        What is the prompt's fault is raised at once, and so is what happens amid an answer: a second server
        would begin another one.
        """
        for n, model in enumerate(self._models, start=1):
            has_begun = False
            try:
                with closing(model.stream(prompt, is_cancelled)) as pieces:
                    for piece in pieces:
                        has_begun = True
                        yield piece
            except BackendError as error:
                may_help = error.retryable or error.at_fault
                if has_begun or not may_help or n == len(self._models) or is_cancelled():
                    raise
            else:
                return
