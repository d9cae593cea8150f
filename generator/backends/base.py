"""The interface of answer models: a prompt in, the answer's text in pieces, and its usage out."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Protocol

from generator.prompts import Prompt
from generator.tool_calls import ToolCall


@dataclass(frozen=True, slots=True)
class Usage:
    """How an answer ended and what it cost; None where the model does not say it.

    finish_reason  "stop" for a whole answer, "length" for one that reached its limit
    cost           in the currency of the prices that the operator set
    mean_logprob   natural logarithm of the probability of the answer's tokens, their mean: near 0 is sure
    calls          of the prompt's tools: then the text, if any, is no answer
    """

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    finish_reason: str = "stop"
    mean_logprob: float | None = None
    cost: float | None = None
    calls: tuple[ToolCall, ...] = ()

    def figures(self) -> dict[str, float]:
        """Return what is known, by name; `cut_at_limit` is 1 for an answer that reached its limit."""
        counts = {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
        }
        figures: dict[str, float] = {name: n for name, n in counts.items() if n is not None}
        if self.mean_logprob is not None:
            figures["mean_logprob"] = round(self.mean_logprob, 4)
        if self.cost is not None:
            figures["cost"] = round(self.cost, 8)
        return figures | {"cut_at_limit": 1} if self.finish_reason == "length" else figures


AnswerPiece = str | Usage


class AnswerModel(Protocol):
    """Writes answers. Safe to use from several threads."""

    @property
    def name(self) -> str: ...

    @property
    def reads_images(self) -> bool:
        """Say whether the prompt's pages should come with their images."""
        ...

    def unavailable_reason(self) -> str:
        """Say in one line what keeps it from answering now; empty when nothing is known to.

        It may take a second, and gives the model no work.
        """
        ...

    def stream(
        self, prompt: Prompt, is_cancelled: Callable[[], bool]
    ) -> Generator[AnswerPiece, None, None]:
        """Yield pieces of text that joined are the answer, none empty; last its Usage.

        End early, without Usage, soon after `is_cancelled` returns true; it may be called from another
        thread. Closing the generator also stops the work. Raises BackendError; ToolsRefused for a prompt
        with tools where the model knows none.
        """
        ...
