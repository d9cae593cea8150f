"""An answer as JSON, whole and in the events of its stream."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from pydantic import BaseModel

from api.base.links import Links
from api.schemas.answer_html import answer_html
from api.schemas.hits import Completeness, HitBody, completeness, hit_body
from generator.answering.answers import Answer, AnswerPart, Citation, RemovedCitation
from generator.answering.steps import StepTaken
from generator.grounding.pointings import Pointing
from indexer.base.pages import FractionBox


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedCitation(Citation):
    """A citation for those who read it elsewhere.

    `url` shows the page with the quotation marked, `image_url` is its image. Both open without a key where
    links are signed, until they expire. Null where no address of the service is known.
    """

    url: str | None
    image_url: str | None


class KeptAnswer(Completeness):
    """An answer as it is kept: its HTML is made whenever it is read."""

    question: str
    answer: str
    grounded: bool
    citations: tuple[LinkedCitation, ...]
    pages: list[HitBody]
    usage: dict[str, float]
    unsupported_claims: tuple[str, ...]
    searched_question: str
    missing_words: tuple[str, ...]
    values: tuple[str, ...]
    is_markdown: bool
    removed_citations: tuple[RemovedCitation, ...]
    data: dict[str, Any] | None = None
    refusal: str = ""
    pointings: tuple[Pointing, ...] = ()
    steps: tuple[StepTaken, ...] = ()
    nearest: LinkedCitation | None = None
    further: tuple[LinkedCitation, ...] = ()
    parts: tuple[AnswerPart, ...] = ()


class AnswerResponse(KeptAnswer):
    """`grounded`: citations support everything that the answer claims; if not, `pages` are the nearest.

    Where nothing suffices for an answer, `nearest` is the passage that comes closest, if one comes close: it
    is no proof. Of an answer that is not sure, and of a refusal, `further` are the next best passages: they
    are not quoted in `answer`, their `n` goes on from the citations, and they prove nothing either.

    `answer` is text and harmless as Markdown; `unsupported_claims` are its sentences that no citation
    supports, or those that a strict answer left out. A `quote` holds the words of the page as they are:
    show it as text. `searched_question` is the question as it was searched, completed from the conversation
    where it needs it; `missing_words` are names, codes and numbers of it that no page that was read has.
    Where a `schema` was given, `data` is the answer of that schema, and each citation names the `field` that
    it proves; `refusal` says why there is no such answer.
    `html` is the answer for a page, made safe: it may be put there as it is. Its elements with a class are
    `a.marker`, the citation of its `data-n` (`weak`: its page does not carry the claim); `del.removed`, one
    of `removed_citations`; `span.unproved`, an unsupported claim or part of it; `strong.value`, one of
    `values`. `is_markdown`: a model wrote the answer, else it quotes. `parts` are the questions in it,
    where it asks several things: each with its part of `answer` and its support.
    """

    html: str


class PagesEvent(BaseModel):
    """The pages that an answer is read from, and the question as it was searched."""

    pages: list[HitBody]
    searched_question: str = ""


class TokenEvent(BaseModel):
    """A piece of the answer's text; `is_value`: the value that answers, on a line of its own."""

    text: str
    is_value: bool = False


class HtmlEvent(BaseModel):
    """The text so far, as safe as the `html` of a whole answer; what is not proved is marked there only."""

    html: str


def answer_body(answer: Answer, links: Links | None = None) -> AnswerResponse:
    """Return an answer as JSON; `links` is None where no address of this service is known."""
    return AnswerResponse(**_values_of(answer, links), html=answer_html(answer))


def kept_answer(answer: Answer) -> KeptAnswer:
    """Return an answer as it is kept, without addresses."""
    return KeptAnswer(**_values_of(answer, None))


def _values_of(answer: Answer, links: Links | None) -> dict[str, Any]:
    nearest = answer.nearest_shown
    return {
        "question": answer.question,
        "answer": answer.answer,
        "grounded": answer.grounded,
        "citations": tuple(linked_citation(citation, links) for citation in answer.citations),
        "pages": [hit_body(hit) for hit in answer.pages],
        "usage": answer.usage,
        "unsupported_claims": answer.unsupported_claims,
        "searched_question": answer.searched_question,
        "missing_words": answer.missing_words,
        "values": answer.values,
        "is_markdown": answer.is_markdown,
        "removed_citations": answer.removed_citations,
        "data": answer.data,
        "refusal": answer.refusal,
        "pointings": answer.pointings,
        "steps": answer.steps,
        "parts": answer.parts,
        "nearest": linked_citation(nearest, links) if nearest else None,
        "further": tuple(linked_citation(citation, links) for citation in answer.further),
        **completeness(answer.missing_pages),
    }


def linked_citation(citation: Citation, links: Links | None) -> LinkedCitation:
    """A citation with its address; `links` is None where no address of this service is known."""
    values = {field.name: getattr(citation, field.name) for field in fields(citation)}
    return LinkedCitation(
        **values,
        url=citation_url(citation, links) if links else None,
        image_url=links.image(citation.page_id) if links else None,
    )


def answer_with_links(answer: Mapping[str, Any], links: Links) -> dict[str, Any]:
    """Return an answer that was kept as JSON, its citations with addresses of today: links expire."""
    linked_answer = {**answer}
    for name in ("citations", "further"):
        linked_answer[name] = [_with_address(citation, links) for citation in answer.get(name, ())]
    if answer.get("nearest"):
        linked_answer["nearest"] = _with_address(answer["nearest"], links)
    return linked_answer


def _with_address(citation: Mapping[str, Any], links: Links) -> dict[str, Any]:
    page_id, context_boxes = citation["page_id"], citation.get("context_boxes", ())
    url = _marked_page(page_id, citation["box"], citation.get("value_box"), context_boxes, links)
    return {**citation, "url": url, "image_url": links.image(page_id)}


def citation_url(citation: Citation, links: Links) -> str:
    """Return the page with the value marked, and lightly what gives it meaning; or the quotation."""
    return _marked_page(
        citation.page_id, citation.box, citation.value_box, citation.context_boxes, links
    )


def _marked_page(
    page_id: int,
    box: FractionBox,
    value_box: FractionBox | None,
    context_boxes: Sequence[FractionBox],
    links: Links,
) -> str:
    if value_box is None:
        return links.viewer(page_id, [box])
    return links.viewer(page_id, [value_box], [box, *context_boxes])
