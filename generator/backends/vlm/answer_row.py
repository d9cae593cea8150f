"""One answer on its way through the model, and its row in a batch: its own limit, stop and cancel."""

from __future__ import annotations

from collections.abc import Callable
from queue import SimpleQueue
from threading import Event

from generator.backends.base import AnswerPiece, Usage
from generator.backends.messages import Sampling
from generator.backends.vlm.text_pieces import TextPieces, TokenBytes
from generator.prompts import Prompt


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
        self.sampling = sampling
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


class AnswerRow:
    """Takes the tokens of one row of a batch; `done` when it needs no more."""

    def __init__(
        self,
        pending: PendingAnswer,
        n_prompt_tokens: int,
        ends: frozenset[int],
        token_bytes: TokenBytes,
    ) -> None:
        self.pending = pending
        self.sampling = pending.sampling
        self.n_prompt_tokens = n_prompt_tokens
        self.n_tokens = 0
        self.done = False
        self._ends = ends
        self._text = TextPieces(token_bytes, pending.sampling.stop)

    def take(self, token: int) -> None:
        """Take the next token of the answer; after `done` it is padding, and is ignored."""
        if self.done:
            return
        if self.pending.is_abandoned:
            self.done = True
            return
        self.n_tokens += 1
        if token in self._ends:
            self._finish("stop")
            return
        self._write(self._text.feed(token))
        if self._text.stopped:
            self._finish("stop")
        elif self.n_tokens >= self.sampling.max_tokens:
            self._finish("length")

    def _finish(self, reason: str) -> None:
        self._write(self._text.close())
        self.pending.write(Usage(self.n_prompt_tokens, self.n_tokens, reason))
        self.pending.end()  # its reader does not wait for the rest of the batch
        self.done = True

    def _write(self, piece: str) -> None:
        if piece:
            self.pending.write(piece)
