"""Lets a small model answer first, and a large one where no page carries the small one's answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from generator.answering.answers import (
    AnswerUsage,
    CitationAdded,
    EvidenceMissing,
    JsonWritten,
    Token,
    UnsupportedClaim,
    WriterEvent,
)
from generator.answering.looking.actions import ACTION_SCHEMA
from generator.answering.steps import StepTaken
from generator.answering.writer import AnswerWriter, WritingRequest
from generator.errors import BackendError


class Cascade:
    """An AnswerWriter over two. The small one's answer is read whole before a word of it is told.

    min_support  least support of its best citation for the answer to stand
    large_name   of the model that is asked then, for a person
    """

    def __init__(
        self, small: AnswerWriter, large: AnswerWriter, min_support: float, large_name: str
    ) -> None:
        self._small = small
        self._large = large
        self._min_support = min_support
        self._large_name = large_name

    @property
    def writes_json(self) -> bool:
        return self._small.writes_json and self._large.writes_json

    @property
    def writes_markdown(self) -> bool:
        return self._large.writes_markdown

    def unavailable_reason(self) -> str:
        """Say what keeps the large one from answering: it is the last to be asked."""
        return self._large.unavailable_reason()

    def write(self, request: WritingRequest) -> Iterator[WriterEvent]:
        """As `AnswerWriter.write`; what the small model took is told with what the large one takes."""
        events: list[WriterEvent] = []
        try:
            events += self._small.write(request)
        except BackendError:  # the large one may be well
            events.clear()
        if request.is_cancelled():
            return
        if events and self._stands(request, events):
            yield from events
            return
        yield from (event for event in events if isinstance(event, AnswerUsage))
        if request.json_schema is None and request.tool_use is None:
            yield StepTaken("model", self._large_name)
        yield from self._large.write(request)

    def side_task(
        self, task: str, is_cancelled: Callable[[], bool]
    ) -> Iterator[Token | AnswerUsage]:
        """Do it with the small model. Raises BackendError."""
        return self._small.side_task(task, is_cancelled)

    def _stands(self, request: WritingRequest, events: list[WriterEvent]) -> bool:
        """Say whether what the small model wrote is an answer that its pages carry."""
        if request.tool_use is not None:  # no page proves what it wants to look at
            return True
        if request.json_schema is ACTION_SCHEMA:
            return any(isinstance(event, JsonWritten) for event in events)
        best = 0.0
        for event in events:
            match event:
                case EvidenceMissing() | UnsupportedClaim(is_left_out=False):
                    return False
                case AnswerUsage(is_unsure=True):
                    return False
                case CitationAdded(citation) if citation.supported:
                    best = max(best, citation.support)
        return best >= self._min_support
