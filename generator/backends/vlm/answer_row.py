"""One question on its way through the model, and one row of a batch: its own limit, stop and cancel."""

from __future__ import annotations

from collections.abc import Callable
from queue import SimpleQueue
from threading import Event

from generator.backends.base import AnswerPiece, Usage
from generator.backends.messages import Sampling
from generator.backends.vlm.text_pieces import TextPieces, TokenBytes
from generator.prompts import Prompt


class End:
    """Behind the last piece of a question: how it ended."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error


class Question:
    """What waits for the model. `pieces` is read by the asker, written by the model's thread."""

    def __init__(self, prompt: Prompt, sampling: Sampling, cancelled: Callable[[], bool]) -> None:
        self.prompt = prompt
        self.sampling = sampling
        self.pieces: SimpleQueue[AnswerPiece | End] = SimpleQueue()
        self.left = Event()
        self.began = False
        self._cancelled = cancelled

    @property
    def unwanted(self) -> bool:
        """Nobody waits for the answer any more."""
        return self.left.is_set() or self._cancelled()

    def tell(self, piece: AnswerPiece) -> None:
        self.began = True
        self.pieces.put(piece)

    def end(self, error: Exception | None = None) -> None:
        """Only the first end counts."""
        self.pieces.put(End(error))


class AnswerRow:
    """Takes the tokens of one row; `done` when no more are wanted."""

    def __init__(
        self,
        question: Question,
        n_prompt_tokens: int,
        ends: frozenset[int],
        token_bytes: TokenBytes,
    ) -> None:
        self.question = question
        self.sampling = question.sampling
        self.n_prompt_tokens = n_prompt_tokens
        self.n_tokens = 0
        self.done = False
        self._ends = ends
        self._text = TextPieces(token_bytes, question.sampling.stop)

    def take(self, token: int) -> None:
        """The next token of the answer; after `done`, padding that is nobody's."""
        if self.done:
            return
        if self.question.unwanted:
            self.done = True
            return
        self.n_tokens += 1
        if token in self._ends:
            self._finish("stop")
            return
        self._tell(self._text.feed(token))
        if self._text.stopped:
            self._finish("stop")
        elif self.n_tokens >= self.sampling.max_tokens:
            self._finish("length")

    def _finish(self, reason: str) -> None:
        self._tell(self._text.close())
        self.question.tell(Usage(self.n_prompt_tokens, self.n_tokens, reason))
        self.question.end()  # the asker does not wait for the rest of the batch
        self.done = True

    def _tell(self, piece: str) -> None:
        if piece:
            self.question.tell(piece)
