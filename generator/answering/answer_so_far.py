"""Gathers a whole answer from the events in which a writer tells it, and makes its text harmless."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from generator.answering.answers import (
    Answer,
    AnswerEvent,
    AnswerPart,
    AnswerUsage,
    Citation,
    CitationAdded,
    CitationRemoved,
    ImagesMissing,
    JsonWritten,
    PagesFound,
    PassageBeside,
    PlacePointedAt,
    RemovedCitation,
    Token,
    UnsupportedClaim,
    WordsMissing,
    WriterEvent,
)
from generator.answering.inert_text import InertText, inert
from generator.answering.steps import StepTaken
from generator.errors import GeneratorError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from generator.grounding.pointings import Pointing
    from retriever.hits import MissingPages, SearchResult

    IsCancelled = Callable[[], bool]


class AnswerSoFar:
    """What a writer has told of one answer until now."""

    def __init__(self) -> None:
        self._inert_text = InertText()
        self._pieces: list[str] = []
        self._n_characters = 0
        self._values: list[str] = []
        self._citations: list[Citation] = []
        self._removed_citations: list[RemovedCitation] = []
        self._claims: list[str] = []
        self._nearest: Citation | None = None
        self._further: list[Citation] = []
        self._missing_words: tuple[str, ...] = ()
        self._unseen_pages: MissingPages | None = None
        self._usage: AnswerUsage | None = None
        self._data: dict[str, Any] | None = None
        self._pointings: list[Pointing] = []
        self._steps: list[StepTaken] = []
        self._amounts: dict[str, float] = {}
        self._parts: list[AnswerPart] = []
        self._all_claims_hold = True

    @property
    def cost(self) -> float:
        """What models have cost until now, 0 without prices."""
        latest = self._usage.model.cost if self._usage is not None else None
        return self._amounts.get("cost", 0.0) + (latest or 0.0)

    def spend(self, usage: dict[str, float]) -> None:
        """Count what a model took beside the writing: tokens and cost are told together."""
        for name in ("prompt_tokens", "completion_tokens", "cost"):
            if name in usage:
                self._amounts[name] = self._amounts.get(name, 0) + usage[name]

    def note(self, event: WriterEvent) -> Token | CitationAdded | StepTaken | None:
        """Take one event; return what its reader is told of it at once, if anything."""
        match event:
            case Token(piece, is_value):
                harmless = self._inert_text.feed(piece)
                self._pieces.append(harmless)
                self._n_characters += len(harmless)
                if is_value:
                    self._values.append(harmless)
                return replace(event, text=harmless)
            case CitationAdded(citation):
                self._citations.append(citation)
                return event
            case CitationRemoved(n):
                self._removed_citations.append(RemovedCitation(n, self._n_characters))
            case UnsupportedClaim(claim, is_left_out):
                self._claims.append(inert(claim))
                self._all_claims_hold &= is_left_out
            case PassageBeside(citation, is_further=True):
                self._further.append(citation)
            case PassageBeside(citation):
                self._nearest = citation
            case WordsMissing(words):
                self._missing_words = words
            case AnswerPart():
                self._parts.append(replace(event, answer=inert(event.answer)))
            case StepTaken():
                self._steps.append(event)
                return event
            case PlacePointedAt(pointing):
                self._pointings.append(pointing)
            case JsonWritten(data):
                self._data = data
            case ImagesMissing(pages):
                self._unseen_pages = pages
            case AnswerUsage():
                if self._usage is not None:  # of an earlier round
                    self.spend(self._usage.figures())
                self._usage = event
        return None

    def stopped_answer(
        self, question: str, searched_question: str, result: SearchResult, *, is_markdown: bool
    ) -> Answer:
        """Return what there is of an answer whose reader has left: it was not read to its end."""
        answer = self.whole(question, searched_question, result, {"pages": len(result.hits)})
        return replace(answer, grounded=False, is_markdown=is_markdown)

    def whole(
        self,
        question: str,
        searched_question: str,
        result: SearchResult,
        figures: dict[str, float],
    ) -> Answer:
        """Return the answer; `figures` are what it took beside the model."""
        usage, missing_pages = self._usage, result.missing_pages
        if self._unseen_pages is not None:
            unseen = self._unseen_pages
            missing_pages = unseen if missing_pages is None else missing_pages | unseen
        is_unsure = usage is not None and usage.is_unsure
        model_figures = usage.figures() if usage else {}
        for name, figure in self._amounts.items():
            model_figures[name] = model_figures.get(name, 0) + figure
        return Answer(
            question=question,
            answer="".join(self._pieces),
            grounded=self._all_claims_hold
            and not is_unsure
            and any(citation.supported for citation in self._citations),
            citations=tuple(self._citations),
            pages=result.hits,
            usage=model_figures | figures,
            unsupported_claims=tuple(self._claims),
            missing_pages=missing_pages,
            nearest=self._nearest,
            further=tuple(self._further),
            searched_question=searched_question,
            missing_words=self._missing_words,
            values=tuple(self._values),
            is_markdown=usage is not None and self._data is None,
            removed_citations=tuple(self._removed_citations),
            data=self._data,
            pointings=tuple(self._pointings),
            steps=tuple(self._steps),
            parts=tuple(self._parts),
        )


def told_while_written(
    pages: PagesFound,
    write: Callable[[IsCancelled], Iterator[WriterEvent]],
    so_far: AnswerSoFar,
    is_cancelled: IsCancelled,
    on_stopped: Callable[[], None],
) -> Generator[AnswerEvent, None, bool]:
    """Yield what is told of an answer while it is written into `so_far`; return whether it is whole.

    When the reader leaves, the writer is asked to end, and heard to its end: it may still say what nothing
    proves of what was told. Then `on_stopped` is called.
    """
    has_left = False

    def is_over() -> bool:
        return has_left or is_cancelled()

    try:
        yield pages
    except GeneratorExit:
        has_left = True
    try:
        for event in () if has_left else write(is_over):
            if has_left and isinstance(event, Token | CitationAdded):
                continue  # nobody was told
            news = so_far.note(event)
            if news is None or has_left:
                continue
            try:
                yield news
            except GeneratorExit:
                has_left = True
    except GeneratorError:
        if not has_left:
            raise
    if not is_over():
        return True
    on_stopped()
    return False
