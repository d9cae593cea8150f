"""Finds the pages of each thing that a question asks for, beside those of the question as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from generator.answering.finding.page_finder import PageFinder, PageSearch
from generator.answering.follow_ups import completed_question
from generator.answering.writer import WritingRequest
from generator.passages.questions.several import questions_in
from generator.passages.support import ReadPage
from generator.prompts import Turn
from retriever.hits import PageHit, SearchResult


def with_parts(
    request: WritingRequest, result: SearchResult, finder: PageFinder, search: PageSearch
) -> tuple[WritingRequest, SearchResult]:
    """Return a request with its parts, and the result with their pages; as they are where it asks one thing.

    Each part is searched by itself, as it would be asked without the one before it ("when is it due"), and
    read from its own pages and those of the whole. Raises what `Searcher.search` raises.
    """
    questions = questions_in(request.searched_question)
    if len(questions) == 1:
        return request, result
    parts: list[WritingRequest] = []
    hits = {hit.page.id: hit for hit in result.hits}
    missing_pages, total_ms = result.missing_pages, result.timing_ms["total"]
    for question in questions:
        whole_question = _as_asked_alone(question, questions[0])
        own_result, own_pages = finder.find(whole_question, search)
        parts.append(
            replace(
                request,
                question=question,
                searched_question=whole_question,
                query=own_result.embedding,
                pages=_together(own_pages, request.pages),
            )
        )
        hits = {hit.page.id: hit for hit in own_result.hits} | hits
        missing_pages = missing_pages or own_result.missing_pages
        total_ms += own_result.timing_ms["total"]
    whole_result = replace(
        result,
        hits=_in_order(result.hits, hits),
        missing_pages=missing_pages,
        timing_ms={**result.timing_ms, "total": total_ms},
    )
    return replace(request, parts=tuple(parts)), whole_result


def _as_asked_alone(question: str, first: str) -> str:
    """Return a part of a question without words that mean something in the first part: "when is it due"."""
    if question == first:
        return question
    whole_question = completed_question(question, [Turn(first, "")])
    return question if whole_question.startswith(first) else whole_question


def _together(own: Sequence[ReadPage], whole: Sequence[ReadPage]) -> list[ReadPage]:
    """Return the pages of a part, then those of the whole question that are not among them."""
    own_ids = {page.hit.page.id for page in own}
    return [*own, *(page for page in whole if page.hit.page.id not in own_ids)]


def _in_order(first: Sequence[PageHit], all_hits: dict[int, PageHit]) -> tuple[PageHit, ...]:
    """Return the hits of the whole question, then the others, ranked on."""
    first_ids = {hit.page.id for hit in first}
    other_hits = (hit for page_id, hit in all_hits.items() if page_id not in first_ids)
    further_hits = [replace(hit, rank=n) for n, hit in enumerate(other_hits, start=len(first) + 1)]
    return (*first, *further_hits)
