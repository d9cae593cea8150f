"""An answer as JSON, whole and in the events of its stream."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from pydantic import BaseModel

from api.base.links import Links
from api.schemas.hits import Completeness, HitBody, completeness, hit_body
from generator.answering.answers import Answer, Citation


class AnswerResponse(Completeness):
    """`grounded`: citations support everything that the answer claims; if not, `pages` are the nearest.

    `answer` is text and harmless as Markdown; `unsupported_claims` are its sentences that no citation
    supports, or those that a strict answer left out. A `quote` holds the words of the page as they are:
    show it as text.
    """

    question: str
    answer: str
    grounded: bool
    citations: tuple[Citation, ...]
    pages: list[HitBody]
    usage: dict[str, float]
    unsupported_claims: tuple[str, ...]


class PagesEvent(BaseModel):
    """The pages that an answer is read from."""

    pages: list[HitBody]


class TokenEvent(BaseModel):
    """A piece of the answer's text."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedCitation(Citation):
    """A citation for those who read it elsewhere; `url` shows the page with the quotation marked."""

    url: str | None


def answer_body(answer: Answer) -> AnswerResponse:
    return AnswerResponse(
        question=answer.question,
        answer=answer.answer,
        grounded=answer.grounded,
        citations=answer.citations,
        pages=[hit_body(hit) for hit in answer.pages],
        usage=answer.usage,
        unsupported_claims=answer.unsupported_claims,
        **completeness(answer.missing_pages),
    )


def linked_citation(citation: Citation, links: Links | None) -> LinkedCitation:
    """A citation with its address; `links` is None where no address of this service is known."""
    url = links.viewer(citation.page_id, [citation.box]) if links else None
    return LinkedCitation(**asdict(citation), url=url)
