"""An answer model that says what it was told to say: for development without a server."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence

from generator.backends.base import AnswerPiece, Usage
from generator.errors import BackendError
from generator.prompts import Prompt


class FakeAnswerModel:
    """Streams `pieces` for every prompt, then fails with `error` if one is given.

    `prompts` are those it was asked, `n_streamed` the pieces taken from it.
    """

    name = "fake"

    def __init__(
        self,
        pieces: Sequence[str],
        error: BackendError | None = None,
        reads_images: bool = False,
    ) -> None:
        self.reads_images = reads_images
        self.prompts: list[Prompt] = []
        self.n_streamed = 0
        self._pieces = tuple(piece for piece in pieces if piece)
        self._error = error

    def trouble(self) -> str:
        return ""

    def stream(
        self, prompt: Prompt, cancelled: Callable[[], bool]
    ) -> Generator[AnswerPiece, None, None]:
        self.prompts.append(prompt)
        for piece in self._pieces:
            if cancelled():
                return
            self.n_streamed += 1
            yield piece
        if self._error is not None:
            raise self._error
        yield Usage(len(prompt.question.split()), len(self._pieces))
