"""Lets a model word a search anew where the pages found did not answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from generator.answering.answer_so_far import AnswerSoFar
from generator.answering.answers import AnswerUsage, Token
from generator.answering.finding.page_finder import PageFinder, PageSearch
from generator.answering.writer import AnswerWriter, WritingRequest
from retriever.hits import PageHit, SearchResult

_MAX_CHARACTERS = 200
_MAX_NAMED = 5  # pages


def search_again(
    writer: AnswerWriter,
    finder: PageFinder,
    request: WritingRequest,
    result: SearchResult,
    search: PageSearch,
    so_far: AnswerSoFar,
) -> tuple[WritingRequest, SearchResult] | None:
    """Return what is written from pages that were not read yet; None where there is nothing new.

    The hits of the result are then those of both searches. Raises BackendError.
    """
    query, usage = _rewritten_query(
        writer, request.searched_question, result.hits, request.is_cancelled
    )
    so_far.spend(usage)
    if not query or request.is_cancelled():
        return None
    pages_read = frozenset(hit.page.id for hit in result.hits)
    left_out = search.filter.without_page_ids | pages_read
    other_pages = replace(search, filter=replace(search.filter, without_page_ids=left_out))
    other_result, pages = finder.find(query, other_pages)
    if not pages:
        return None
    next_request = replace(
        request, pages=pages, query=other_result.embedding, searched_question=query
    )
    return next_request, replace(other_result, hits=other_result.hits + result.hits)


def _rewritten_query(
    writer: AnswerWriter,
    question: str,
    hits: Sequence[PageHit],
    is_cancelled: Callable[[], bool],
) -> tuple[str, dict[str, float]]:
    """Return other words to search with, and what they took; empty where the model has none.

    Raises BackendError.
    """
    names = "; ".join(f"{hit.document.name}, {hit.page.name}" for hit in hits[:_MAX_NAMED])
    task = (
        "A search in documents found only pages that do not answer a question. Write another search query "
        "for it: other words for the same thing, on one line, nothing else.\n"
        f"Question: {question}\nPages that do not answer it: {names}\nSearch query:"
    )
    text, usage = "", dict[str, float]()
    for event in writer.side_task(task, is_cancelled):
        if isinstance(event, AnswerUsage):
            usage = event.figures()
        elif isinstance(event, Token):
            text += event.text
    line = next((line for line in text.splitlines() if line.strip()), "")
    query = line.strip().strip("\"'“”`*").strip()[:_MAX_CHARACTERS]
    return ("" if query.casefold() == question.strip().casefold() else query), usage
