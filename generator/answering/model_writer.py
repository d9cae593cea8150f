"""Answers that a model writes over the pages, each statement tied to the passage that proves it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing

from generator.answering.answers import Cited, Spent, Token
from generator.answering.citations import ClaimReader, Marker, MarkerReader, citation, support_for
from generator.answering.extractive_writer import not_found
from generator.answering.side_tasks import SIDE_TASK_SYSTEM
from generator.backends.base import AnswerModel, Usage
from generator.passages.support import ReadPage
from generator.prompts import (
    NOT_FOUND,
    Prompt,
    PromptLimits,
    Turn,
    build_prompt,
    clean,
    in_stable_order,
)
from indexer.base.pages import QueryEmbedding
from retriever.hits import PageHit

_ONLY_AN_IMAGE = "These pages were found with an image instead of words. What do they show?"
_NOT_FOUND = re.compile(r"[\s\"'`*“]*not[ _]found(?![^\W_])", re.IGNORECASE)


class ModelWriter:
    """Lets `model` answer. `image_of` gives a page's image as JPEG, for models that read images."""

    def __init__(
        self,
        model: AnswerModel,
        image_of: Callable[[PageHit], bytes],
        limits: PromptLimits = PromptLimits(),  # noqa: B008 - frozen
    ) -> None:
        self._model = model
        self._image_of = image_of
        self._limits = limits

    def trouble(self) -> str:
        return self._model.unavailable_reason()

    def answer(
        self,
        question: str,
        query: QueryEmbedding,
        pages: Sequence[ReadPage],
        cancelled: Callable[[], bool] = lambda: False,
        history: Sequence[Turn] = (),
        wishes: str = "",
    ) -> Iterator[Token | Cited | Spent]:
        """Token and Cited, last Spent; without a Cited event nothing supports an answer.

        It ends early, without Spent, soon after `cancelled` turns true. Raises BackendError.
        """
        if not pages:  # a model that is given nothing would answer from its memory
            yield Token(not_found(pages))
            return
        given = in_stable_order(pages)
        image_of = self._image_of if self._model.reads_images else None
        prompt = build_prompt(
            question.strip() or _ONLY_AN_IMAGE, given, image_of, history, self._limits, wishes
        )
        began = time.perf_counter()
        writer = _Writer(given, query, not_found(pages))
        figures: dict[str, float] = {}
        with closing(self._model.stream(prompt, cancelled)) as pieces:
            for piece in pieces:
                if isinstance(piece, Usage):
                    figures |= piece.figures()
                else:
                    figures.setdefault("first_token_ms", _since_ms(began))
                    yield from writer.write(piece)
        if cancelled():
            return
        yield from writer.close()
        yield Spent(figures | {"wrong_citations": writer.n_wrong})

    def side_task(self, task: str, cancelled: Callable[[], bool]) -> Iterator[Token | Spent]:
        """The task goes to the model as it is. Raises BackendError."""
        prompt = Prompt(SIDE_TASK_SYSTEM, (), (), clean(task))
        with closing(self._model.stream(prompt, cancelled)) as pieces:
            for piece in pieces:
                yield Spent(piece.figures()) if isinstance(piece, Usage) else Token(piece)


class _Writer:
    """The model's text -> events. Citations are numbered anew: each number is one passage."""

    def __init__(self, given: Sequence[ReadPage], query: QueryEmbedding, not_found: str) -> None:
        self._given = given
        self._query = query
        self._not_found = not_found
        self._held = ""  # what may still turn out to say "not found"
        self._wrote = False
        self._markers = MarkerReader()
        self._claims = ClaimReader()
        self._numbers: dict[tuple[int, str], int] = {}
        self.n_wrong = 0

    def write(self, piece: str) -> Iterator[Token | Cited]:
        self._held += piece
        if self._wrote or not _may_say_not_found(self._held):
            yield from self._release()

    def close(self) -> Iterator[Token | Cited]:
        if not self._wrote and self._says_nothing():
            yield Token(self._not_found)
            return
        yield from self._release()
        yield from self._events(self._markers.close())

    def _says_nothing(self) -> bool:
        """Nothing, or "not found" without a page that would be cited after all."""
        parts = [*MarkerReader().feed(self._held + "\n")]
        cited = any(isinstance(part, Marker) and self._known(part) for part in parts)
        return not self._held.strip() or (_NOT_FOUND.match(self._held) is not None and not cited)

    def _release(self) -> Iterator[Token | Cited]:
        text, self._held = self._held, ""
        self._wrote = True
        yield from self._events(self._markers.feed(text))

    def _events(self, parts: Sequence[str | Marker]) -> Iterator[Token | Cited]:
        for part in parts:
            if isinstance(part, Marker):
                yield from self._cite(part)
            else:
                self._claims.add(part)
                yield Token(part)

    def _cite(self, marker: Marker) -> Iterator[Token | Cited]:
        known = self._known(marker)
        self.n_wrong += len(marker.numbers) - len(known)
        claim = self._claims.claim() if known else ""
        space = marker.space
        for number in known:
            page = self._given[number - 1]
            support = support_for(claim, self._query, page)
            passage = (number, support.passage.quote if support else "")
            is_new = passage not in self._numbers
            n = self._numbers.setdefault(passage, len(self._numbers) + 1)
            yield Token(f"{space}[{n}]")
            space = ""
            if is_new:
                yield Cited(citation(n, page, support))

    def _known(self, marker: Marker) -> list[int]:
        """Its numbers that name a page that was given, each once."""
        return [n for n in dict.fromkeys(marker.numbers) if 1 <= n <= len(self._given)]


def _may_say_not_found(text: str) -> bool:
    """Whether `text` begins with NOT FOUND, or may when it goes on."""
    begins = text.lstrip(" \t\n\"'`*“").upper().replace("_", " ")
    if len(begins) <= len(NOT_FOUND):
        return NOT_FOUND.startswith(begins)
    return _NOT_FOUND.match(text) is not None


def _since_ms(began: float) -> float:
    return round((time.perf_counter() - began) * 1e3, 2)
