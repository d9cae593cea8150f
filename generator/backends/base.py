"""What an answer model is: a prompt in, the answer's text in pieces, and what it cost."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Protocol

from generator.prompts import Prompt


@dataclass(frozen=True, slots=True)
class Usage:
    """What an answer cost, as far as the model says so.

    finish_reason  "stop" for a whole answer, "length" for one that reached its limit
    """

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    finish_reason: str = "stop"

    def figures(self) -> dict[str, float]:
        counts = {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
        }
        known: dict[str, float] = {name: n for name, n in counts.items() if n is not None}
        return known | {"cut_at_limit": 1} if self.finish_reason == "length" else known


AnswerPiece = str | Usage


class AnswerModel(Protocol):
    """Writes answers. Safe to use from several threads."""

    @property
    def name(self) -> str: ...

    @property
    def reads_images(self) -> bool:
        """Whether the prompt's pages should come with their images."""
        ...

    def trouble(self) -> str:
        """What would keep it from answering now, in one line; empty when nothing is known to.

        It may take a second, and costs the model nothing.
        """
        ...

    def stream(
        self, prompt: Prompt, cancelled: Callable[[], bool]
    ) -> Generator[AnswerPiece, None, None]:
        """Pieces of text that joined are the answer, none empty; last its Usage.

        It ends early, without Usage, soon after `cancelled` turns true (which may be called from
        another thread); closing the generator also stops the work. Raises BackendError.
        """
        ...
