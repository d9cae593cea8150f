"""Lets a model word a search anew where the pages found did not answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from generator.answering.answers import AnswerUsage, Token
from generator.answering.writer import AnswerWriter
from retriever.hits import PageHit

_MAX_CHARACTERS = 200
_MAX_NAMED = 5  # pages


def rewritten_query(
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
