"""Writes the answer to a question that asks several things: one below the other, each with its proof."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from generator.answering.answers import (
    AnswerPart,
    Citation,
    CitationAdded,
    PassageBeside,
    Token,
    WordsMissing,
    WriterEvent,
)
from generator.answering.writer import WritingRequest

_MAX_FURTHER = 4


def write_parts(
    write: Callable[[WritingRequest], Iterator[WriterEvent]], parts: Sequence[WritingRequest]
) -> Iterator[WriterEvent]:
    """Yield the answer to each part below its words; citations are numbered through.

    A part that is not found says so in its place, and what is nearest to it is told among the further
    passages, unless nothing is found at all.
    """
    notes = _Notes()
    for i, part in enumerate(parts):
        gap = "\n\n" if i else ""
        yield Token(f"{gap}{part.question}\n")
        n_before, text = len(notes.citations), ""
        for event in write(replace(part, n_cited_before=n_before)):
            if isinstance(event, Token):
                text += event.text
            if not notes.keep(event):
                yield event
        visible_passages = notes.citations[n_before:] or notes.nearest[-1:]
        support = max((citation.support for citation in visible_passages), default=0.0)
        yield AnswerPart(part.question, text, support)
    yield from notes.beside()


@dataclass(slots=True)
class _Notes:
    """What was told of the parts until now; what stands beside them is told behind the last one."""

    citations: list[Citation] = field(default_factory=list)
    nearest: list[Citation] = field(default_factory=list)
    further: list[Citation] = field(default_factory=list)
    missing: dict[str, None] = field(default_factory=dict)

    def keep(self, event: WriterEvent) -> bool:
        """Take an event; say whether it is held back."""
        match event:
            case CitationAdded(citation):
                self.citations.append(citation)
                return False
            case PassageBeside(citation, is_further=True):
                self.further.append(citation)
            case PassageBeside(citation):
                self.nearest.append(citation)
            case WordsMissing(words):
                self.missing |= dict.fromkeys(words)
            case _:
                return False
        return True

    def beside(self) -> Iterator[WriterEvent]:
        """Yield what stands beside: of refusals alone the best as the nearest, else all as further ones."""
        quotes = {citation.quote for citation in self.citations}
        further = [citation for citation in self.further if citation.quote not in quotes]
        if self.citations:
            further = [*(replace(citation, supported=False) for citation in self.nearest), *further]
        elif self.nearest:
            yield PassageBeside(max(self.nearest, key=lambda citation: citation.support))
        for n, citation in enumerate(further[:_MAX_FURTHER], start=len(self.citations) + 1):
            yield PassageBeside(replace(citation, n=n), is_further=True)
        if self.missing:
            yield WordsMissing(tuple(self.missing))
