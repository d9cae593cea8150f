"""An answer model that gives a fixed answer: for development without a server."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from threading import Lock

from generator.backends.base import AnswerPiece, Usage
from generator.errors import BackendError
from generator.prompts import Prompt

_LOOK_S = 0.05


class FakeAnswerModel:
    """Streams `pieces` for every prompt, then fails with `error` if one is given.

    pause_s  how long it thinks before each piece

    `prompts` are those it was given, `n_streamed` counts the pieces taken from it, `n_running` the answers
    that it is writing now.
    """

    name = "fake"

    def __init__(
        self,
        pieces: Sequence[str],
        error: BackendError | None = None,
        reads_images: bool = False,
        pause_s: float = 0.0,
    ) -> None:
        self.reads_images = reads_images
        self.prompts: list[Prompt] = []
        self.n_streamed = 0
        self.n_running = 0
        self._pieces = tuple(piece for piece in pieces if piece)
        self._error = error
        self._pause_s = pause_s
        self._lock = Lock()

    def unavailable_reason(self) -> str:
        return ""

    def stream(
        self, prompt: Prompt, is_cancelled: Callable[[], bool]
    ) -> Generator[AnswerPiece, None, None]:
        with self._lock:
            self.prompts.append(prompt)
            self.n_running += 1
        try:
            yield from self._pieces_of(prompt, is_cancelled)
        finally:
            with self._lock:
                self.n_running -= 1

    def _pieces_of(
        self, prompt: Prompt, is_cancelled: Callable[[], bool]
    ) -> Generator[AnswerPiece, None, None]:
        for piece in self._pieces:
            if self._think(is_cancelled):
                return
            with self._lock:
                self.n_streamed += 1
            yield piece
        if self._error is not None:
            raise self._error
        yield Usage(len(prompt.question.split()), len(self._pieces))

    def _think(self, is_cancelled: Callable[[], bool]) -> bool:
        """Wait before a piece; say whether the answer was cancelled."""
        left_s = self._pause_s
        while left_s > 0 and not is_cancelled():
            time.sleep(min(left_s, _LOOK_S))
            left_s -= _LOOK_S
        return is_cancelled()
