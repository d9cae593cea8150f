"""One answer's row in a batch: its own limit, stop and cancel."""

from __future__ import annotations

from generator.backends.base import Usage
from generator.backends.pending_answer import PendingAnswer
from generator.backends.vlm.text_pieces import TextPieces, TokenBytes
from generator.backends.vlm.written_calls import written_calls


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
        self._pieces: list[str] = []
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
        calls = () if self.pending.prompt.tool_use is None else written_calls("".join(self._pieces))
        self.pending.write(Usage(self.n_prompt_tokens, self.n_tokens, reason, calls=calls))
        self.pending.end()  # its reader does not wait for the rest of the batch
        self.done = True

    def _write(self, piece: str) -> None:
        if piece:
            self._pieces.append(piece)
            self.pending.write(piece)
