"""An answer that waits for a model of this process, which works in a thread of its own."""

from __future__ import annotations

from collections.abc import Callable, Generator
from queue import Empty, SimpleQueue
from threading import Event

from generator.backends.base import AnswerPiece
from generator.backends.messages import Sampling
from generator.prompts import Prompt

_POLL_S = 0.05


class EndOfAnswer:
    """Follows the last piece of an answer; `error` is why it failed, None when it did not."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error


class PendingAnswer:
    """An answer that waits for the model. The model's thread writes `pieces`, its reader takes them.

    reader_left  set when the reader takes no more
    began        whether there has been a piece
    """

    def __init__(
        self, prompt: Prompt, sampling: Sampling, is_cancelled: Callable[[], bool]
    ) -> None:
        self.prompt = prompt
        self.sampling = sampling.with_wishes(prompt.wishes)
        self.pieces: SimpleQueue[AnswerPiece | EndOfAnswer] = SimpleQueue()
        self.reader_left = Event()
        self.began = False
        self._is_cancelled = is_cancelled

    @property
    def is_abandoned(self) -> bool:
        """Say whether nobody waits for the answer any more."""
        return self.reader_left.is_set() or self._is_cancelled()

    def write(self, piece: AnswerPiece) -> None:
        self.began = True
        self.pieces.put(piece)

    def end(self, error: Exception | None = None) -> None:
        """End the answer; only the first end counts."""
        self.pieces.put(EndOfAnswer(error))

    def read(self) -> Generator[AnswerPiece, None, None]:
        """Yield the pieces as they come, until the end or until nobody waits; raises the answer's error."""
        try:
            while not self.is_abandoned:
                try:
                    item = self.pieces.get(timeout=_POLL_S)
                except Empty:
                    continue
                if isinstance(item, EndOfAnswer):
                    if item.error is not None:
                        raise item.error
                    return
                yield item
        finally:
            self.reader_left.set()  # the model's thread stops before the next token
