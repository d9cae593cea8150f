"""Answers that a model writes over the pages, each statement tied to the passage that proves it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace

from generator.answering.answers import (
    AnswerUsage,
    Citation,
    CitationAdded,
    CitationRemoved,
    EvidenceMissing,
    ImagesMissing,
    Token,
    UnsupportedClaim,
    WriterEvent,
)
from generator.answering.brief_answers import BriefReader, is_below
from generator.answering.citations import (
    ClaimReader,
    Marker,
    MarkerReader,
    citation,
    is_enough,
    support_for,
)
from generator.answering.model_prompt import model_prompt
from generator.answering.pointing_reader import PointingOptions, PointingReader
from generator.answering.refusals import not_found
from generator.answering.strict import without_unsupported
from generator.answering.structured.json_reader import JsonReader
from generator.answering.talk.side_tasks import SIDE_TASK_SYSTEM
from generator.answering.writer import WritingRequest, prompt_pages
from generator.backends.base import AnswerModel, Usage
from generator.passages.support import Quotation, ReadPage
from generator.prompts import (
    NOT_FOUND,
    Prompt,
    PromptLimits,
    clean,
)
from indexer.base.pages import QueryEmbedding
from retriever.hits import MissingPages, PageHit

_MIN_SUPPORT = 0.5  # as AnswerSettings.min_support
_NOT_FOUND = re.compile(r"[\s\"'`*“]*not[ _]found(?![^\W_])", re.IGNORECASE)


class ModelWriter:
    """Lets `model` answer.

    image_of     gives a page's image as JPEG, for models that read images; where it raises DamagedFile the
                 model gets the page's text instead, and the answer says so
    min_support  least support of a citation that proves something
    min_logprob  least mean log-probability of a grounded answer's tokens, for models that tell it; None: any
    strict       leave out sentences that no citation supports; the answer then comes whole, not in pieces
    pointing     how the model points at places of its pages; None: it is not asked to
    """

    def __init__(
        self,
        model: AnswerModel,
        image_of: Callable[[PageHit], bytes],
        limits: PromptLimits = PromptLimits(),  # noqa: B008 - frozen
        min_support: float = _MIN_SUPPORT,
        min_logprob: float | None = None,
        strict: bool = False,
        pointing: PointingOptions | None = None,
    ) -> None:
        self._model = model
        self._image_of = image_of
        self._limits = limits
        self._min_support = min_support
        self._min_logprob = min_logprob
        self._strict = strict
        self._pointing = pointing if model.reads_images else None
        if self._pointing is not None:
            self._limits = replace(limits, pointing=self._pointing.scale)

    @property
    def writes_json(self) -> bool:
        return True

    @property
    def writes_markdown(self) -> bool:
        return True

    def unavailable_reason(self) -> str:
        return self._model.unavailable_reason()

    def write(self, request: WritingRequest) -> Iterator[WriterEvent]:
        """As `AnswerWriter.write`. Raises BackendError."""
        events = self._write(request)
        if not self._strict or request.json_schema is not None:
            return events
        return without_unsupported(events, not_found(request.pages))

    def _write(self, request: WritingRequest) -> Iterator[WriterEvent]:
        if not request.pages:  # a model that is given nothing would answer from its memory
            if request.json_schema is None:
                yield Token(not_found(request.pages))
            return
        pages = prompt_pages(request)
        hidden_hits: list[PageHit] = []
        image_of = self._image_of if self._model.reads_images else None
        prompt = model_prompt(request, pages, image_of, self._limits, hidden_hits)
        if hidden_hits:
            names = tuple(sorted({hit.document.name for hit in hidden_hits}))
            yield ImagesMissing(MissingPages(names, len(hidden_hits)))
        if request.tool_use is not None:
            yield from self._call_tools(prompt, request.is_cancelled)
            return
        began = time.perf_counter()
        answer: _AnswerReader | BriefReader | JsonReader | PointingReader
        if request.json_schema is not None:
            answer = JsonReader(request, pages, self._min_support)
        elif self._limits.brief:
            answer = BriefReader(request, pages, self._min_support, self._min_logprob)
        else:
            answer = _AnswerReader(
                pages, request.query, not_found(request.pages), self._min_support
            )
            if self._pointing is not None:
                answer = PointingReader(answer, pages, prompt, self._pointing)
        first_token_ms: float | None = None
        usage = Usage()
        with closing(self._model.stream(prompt, request.is_cancelled)) as pieces:
            for piece in pieces:
                if isinstance(piece, Usage):
                    usage = piece
                    continue
                if first_token_ms is None:
                    first_token_ms = _since_ms(began)
                yield from answer.feed(piece)
        if request.is_cancelled():
            if isinstance(answer, _AnswerReader | PointingReader):
                yield from answer.break_off()
            return
        yield from answer.close(usage)
        is_unsure = is_below(usage.mean_logprob, self._min_logprob)
        yield AnswerUsage(usage, first_token_ms, answer.n_wrong, is_unsure)

    def _call_tools(
        self, prompt: Prompt, is_cancelled: Callable[[], bool]
    ) -> Iterator[AnswerUsage]:
        with closing(self._model.stream(prompt, is_cancelled)) as pieces:
            for piece in pieces:
                if isinstance(piece, Usage):  # the text beside the calls is no answer
                    yield AnswerUsage(piece)

    def side_task(
        self, task: str, is_cancelled: Callable[[], bool]
    ) -> Iterator[Token | AnswerUsage]:
        """Hand the task to the model as it is. Raises BackendError."""
        prompt = Prompt(SIDE_TASK_SYSTEM, (), (), clean(task))
        with closing(self._model.stream(prompt, is_cancelled)) as pieces:
            for piece in pieces:
                yield AnswerUsage(piece) if isinstance(piece, Usage) else Token(piece)


class _AnswerReader:
    """Reads the model's text into events. Citations are numbered anew: each number is one passage.

    n_wrong  how many [n] named no page so far
    """

    def __init__(
        self,
        pages: Sequence[ReadPage],
        query: QueryEmbedding,
        not_found: str,
        min_support: float,
    ) -> None:
        self._min_support = min_support
        self._pages = pages
        self._query = query
        self._not_found = not_found
        self._opening = ""  # what may still turn out to say "not found"
        self._opening_is_over = False
        self._markers = MarkerReader()
        self._claims = ClaimReader()
        self._numbers: dict[tuple[int, str, bool], int] = {}
        self.n_wrong = 0

    def feed(self, piece: str) -> Iterator[WriterEvent]:
        """Yield what is certain by now."""
        self._opening += piece
        if self._opening_is_over or not _may_say_not_found(self._opening):
            yield from self._release()

    def close(self, usage: Usage) -> Iterator[WriterEvent]:
        """Yield what was still held back, or that nothing was found."""
        if not self._opening_is_over and self._says_nothing():
            yield EvidenceMissing()
            yield Token(self._not_found)
            return
        yield from self._release()
        yield from self._events(self._markers.close())
        yield from map(UnsupportedClaim, self._claims.close())

    def break_off(self) -> Iterator[WriterEvent]:
        """Yield what nothing proves of an answer that is stopped here."""
        yield from map(UnsupportedClaim, self._claims.break_off())

    def _says_nothing(self) -> bool:
        """Say whether the text is empty, or "not found" without a page that would be cited after all."""
        parts = [*MarkerReader().feed(self._opening + "\n")]
        cites = any(isinstance(part, Marker) and self._pages_named(part) for part in parts)
        return not self._opening.strip() or (
            _NOT_FOUND.match(self._opening) is not None and not cites
        )

    def _release(self) -> Iterator[WriterEvent]:
        text, self._opening = self._opening, ""
        self._opening_is_over = True
        yield from self._events(self._markers.feed(text))

    def _events(self, parts: Sequence[str | Marker]) -> Iterator[WriterEvent]:
        for part in parts:
            if isinstance(part, Marker):
                yield from self._cite(part)
            else:
                self._claims.add(part)
                yield Token(part)

    def _cite(self, marker: Marker) -> Iterator[WriterEvent]:
        page_numbers = self._pages_named(marker)
        self.n_wrong += len(marker.numbers) - len(page_numbers)
        if page_numbers:
            yield from map(UnsupportedClaim, self._claims.pass_marker())
        for number in dict.fromkeys(marker.numbers):
            if number not in page_numbers:
                yield CitationRemoved(number)
        space = marker.space
        for number in page_numbers:
            page = self._pages[number - 1]
            proof = self._prove_claims(page)
            key = (number, proof.quote, proof.supported)
            is_new = key not in self._numbers
            n = self._numbers.setdefault(key, len(self._numbers) + 1)
            yield Token(f"{space}[{n}]")
            space = ""
            if is_new:
                yield CitationAdded(replace(proof, n=n))

    def _prove_claims(self, page: ReadPage) -> Citation:
        """Note which claims the page supports; cite it, without a number, for the last: the marker's own."""
        support: Quotation | None = None
        is_proof = False
        for claim in self._claims.claims() or [""]:
            support = support_for(claim, self._query, page, self._min_support)
            is_proof = is_enough(support, claim, self._min_support)
            if is_proof:
                self._claims.note_support(claim)
        return citation(0, page, support, is_proof)

    def _pages_named(self, marker: Marker) -> list[int]:
        """Return its numbers that name a page of the prompt, none twice."""
        return [n for n in dict.fromkeys(marker.numbers) if 1 <= n <= len(self._pages)]


def _may_say_not_found(text: str) -> bool:
    """Say whether `text` begins with NOT FOUND, or may when it goes on."""
    begins = text.lstrip(" \t\n\"'`*“").upper().replace("_", " ")
    if len(begins) <= len(NOT_FOUND):
        return NOT_FOUND.startswith(begins)
    return _NOT_FOUND.match(text) is not None


def _since_ms(began: float) -> float:
    return round((time.perf_counter() - began) * 1e3, 2)
