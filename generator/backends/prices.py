"""What an answer costs: tokens by their price, told with the usage, and a prompt that is too dear refused."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace

from generator.backends.base import AnswerModel, AnswerPiece, Usage
from generator.errors import PromptTooDear
from generator.prompts import Prompt

_MILLION = 1_000_000
_CHARACTERS_OF_TOKEN = 4
_IMAGE_TOKENS = 1_000  # of a page image within the default of PAGESIGHT_MAX_PROMPT_IMAGE_PX
_TURN_TOKENS = 8  # that a chat template adds


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices of a million tokens, in any currency; `max_cost` of one prompt and its answer, None: any."""

    prompt: float = 0.0
    completion: float = 0.0
    max_cost: float | None = None

    def cost(self, prompt_tokens: float, completion_tokens: float) -> float:
        return (prompt_tokens * self.prompt + completion_tokens * self.completion) / _MILLION


class PricedModel:
    """Another model, whose usage says what it cost. `max_tokens`: most of an answer."""

    def __init__(self, model: AnswerModel, prices: Prices, max_tokens: int) -> None:
        self.name = model.name
        self.reads_images = model.reads_images
        self._model = model
        self._prices = prices
        self._max_tokens = max_tokens

    def unavailable_reason(self) -> str:
        return self._model.unavailable_reason()

    def stream(
        self, prompt: Prompt, is_cancelled: Callable[[], bool]
    ) -> Generator[AnswerPiece, None, None]:
        """Stream as `AnswerModel.stream` does. Raises PromptTooDear before anything is sent."""
        self._refuse_too_dear(prompt)
        for piece in self._model.stream(prompt, is_cancelled):
            if isinstance(piece, Usage) and piece.prompt_tokens is not None:
                cost = self._prices.cost(piece.prompt_tokens, piece.completion_tokens or 0)
                piece = replace(piece, cost=cost)
            yield piece

    def _refuse_too_dear(self, prompt: Prompt) -> None:
        max_cost = self._prices.max_cost
        if max_cost is None:
            return
        n_answer = min(prompt.wishes.max_tokens or self._max_tokens, self._max_tokens)
        n_prompt = estimated_tokens(prompt)
        cost = self._prices.cost(n_prompt, n_answer)
        if cost > max_cost:
            raise PromptTooDear(
                f"about {n_prompt} tokens and an answer of up to {n_answer} may cost {cost:.4g}, and "
                f"PAGESIGHT_MAX_ANSWER_COST is {max_cost:g}: ask over fewer pages, or raise it"
            )


def estimated_tokens(prompt: Prompt) -> int:
    """Estimate the tokens of a prompt, rather too many: four characters are one, images by their limit."""
    texts = [prompt.system, prompt.question]
    texts += [part for turn in prompt.history for part in (turn.question, turn.answer)]
    texts += [page.label + page.data for page in prompt.pages]
    n_characters = sum(map(len, texts))
    n_images = sum(page.image is not None for page in prompt.pages)
    return (
        n_characters // _CHARACTERS_OF_TOKEN + n_images * _IMAGE_TOKENS + _TURN_TOKENS * len(texts)
    )
