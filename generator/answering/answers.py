"""What an answer is, and the events in which it streams."""

from __future__ import annotations

from dataclasses import dataclass

from indexer.base.pages import FractionBox
from retriever.hits import PageHit


@dataclass(frozen=True, slots=True)
class Citation:
    """Proof of one part of an answer: a verbatim quotation, and where on which page it stands.

    n        the number in the answer's text, [n]
    box      the region of the quotation, page fractions
    support  how well the quotation carries the answer, 0..1, calibrated
    """

    n: int
    page_id: int
    document_id: str
    document: str
    page_number: int
    box: FractionBox
    quote: str
    support: float


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. `grounded` is false when nothing found supports one; `pages` are then the nearest."""

    question: str
    answer: str
    grounded: bool
    citations: tuple[Citation, ...]
    pages: tuple[PageHit, ...]
    usage: dict[str, float]


@dataclass(frozen=True, slots=True)
class PagesFound:
    """First event: the pages that the answer is read from, and what they were searched with."""

    pages: tuple[PageHit, ...]
    query: str = ""


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the answer's text; all pieces joined are `Answer.answer`."""

    text: str


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation whose [n] has just been streamed."""

    citation: Citation


@dataclass(frozen=True, slots=True)
class Done:
    """Last event: the same answer, whole."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class Spent:
    """Last event of a model, kept inside: figures that belong to the answer's usage.

    prompt_tokens, completion_tokens  as the model counts them, where it does
    cut_at_limit      1 when the answer reached the limit of tokens
    first_token_ms    until the model's first word
    wrong_citations   how many [n] named no page that was given; they are left out of the text
    """

    figures: dict[str, float]


AnswerEvent = PagesFound | Token | Cited | Done
