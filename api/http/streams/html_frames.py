"""The text of an answer as HTML while a model writes it: `html` events in the place of `token` events."""

from __future__ import annotations

import time
from collections.abc import Callable

from api.http.streams.event_streams import sse
from api.markup.answer_html import markdown_answer_html
from api.markup.half_written import shown_part
from api.markup.leaves import Marks
from api.schemas.answers import HtmlEvent
from generator.answering.answers import AnswerEvent, CitationAdded, Token

_EVERY_S = 0.1  # the whole text is sent each time


class HtmlFrames:
    """Makes the frames of one answer; `frame` makes those of all other events."""

    def __init__(
        self, frame: Callable[[AnswerEvent], bytes], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._frame = frame
        self._clock = clock
        self._text = ""
        self._is_proof_of: dict[int, bool] = {}
        self._sent_at_s = -_EVERY_S

    def __call__(self, event: AnswerEvent) -> bytes:
        """Return the frame of an event; nothing for a piece of text that the next one brings along."""
        if isinstance(event, CitationAdded):
            self._is_proof_of[event.citation.n] = event.citation.supported
        if not isinstance(event, Token):
            return self._frame(event)
        self._text += event.text
        if self._clock() - self._sent_at_s < _EVERY_S:
            return b""
        self._sent_at_s = self._clock()
        html = markdown_answer_html(shown_part(self._text), Marks(self._is_proof_of))
        return sse("html", HtmlEvent(html=html).model_dump_json().encode())
