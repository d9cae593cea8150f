"""Leaves out of a written answer what no citation supports: the rest stands, numbered anew."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from generator.answering.answers import (
    AnswerUsage,
    Citation,
    CitationAdded,
    EvidenceMissing,
    ImagesMissing,
    PlacePointedAt,
    Token,
    UnsupportedClaim,
    WriterEvent,
)
from generator.answering.steps import StepTaken
from generator.passages.questions.parsed_question import read_question

_NUMBER = re.compile(r"\[(\d{1,2})\]")
_BEHIND = re.compile(r"(?:\s*\[\d{1,2}\])*[.!?;,]*")  # goes with a sentence that is left out


def without_unsupported(events: Iterable[WriterEvent], not_found: str) -> Iterator[WriterEvent]:
    """Yield the events of an answer once it is whole, without the sentences that no citation supports.

    They are told all the same, as UnsupportedClaim, and so is what the answer cost. Citations of nothing
    else are left out, too. `not_found` is the answer where nothing stands.
    """
    text, citations, claims = "", dict[int, Citation](), list[str]()
    usage: AnswerUsage | None = None
    for event in events:
        match event:
            case Token(piece):
                text += piece
            case CitationAdded(citation):
                citations[citation.n] = citation
            case UnsupportedClaim(claim):
                claims.append(claim)
            case ImagesMissing() | PlacePointedAt() | EvidenceMissing() | StepTaken():
                yield event
            case AnswerUsage():
                usage = event
    if claims:
        text = _without(text, claims)
        says = bool(read_question(_NUMBER.sub("", text)).terms)
        yield from _answer(text if says else "", citations, not_found)
    elif text:
        yield Token(text)
        yield from map(CitationAdded, citations.values())
    for claim in claims:
        yield UnsupportedClaim(claim, is_left_out=True)
    if usage is not None:
        yield usage


def _without(text: str, claims: Sequence[str]) -> str:
    """Cut the claims, which stand in the text in this order, and the numbers behind them."""
    stays, at = "", 0
    for claim in claims:
        begin = text.find(claim, at)
        if begin < 0:
            continue
        end = begin + len(claim)
        stays += text[at:begin]
        at = end + len((_BEHIND.match(text, end) or [""])[0])
    return re.sub(r"[ \t]{2,}", " ", stays + text[at:]).strip()


def _answer(text: str, citations: dict[int, Citation], not_found: str) -> Iterator[WriterEvent]:
    if not text:
        yield Token(not_found)
        return
    numbers: dict[int, int] = {}

    def renumber(match: re.Match[str]) -> str:
        n = numbers.setdefault(int(match[1]), len(numbers) + 1)
        return f"[{n}]"

    yield Token(_NUMBER.sub(renumber, text))
    for old, new in numbers.items():
        if old in citations:
            yield CitationAdded(replace(citations[old], n=new))
