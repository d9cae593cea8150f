"""The HTML of an answer that was just written, and of one that was stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.markup.answer_html import markdown_answer_html, plain_answer_html
from api.markup.leaves import Marks
from generator.answering.answers import Answer


def answer_html(answer: Answer) -> str:
    """Return the text of an answer as HTML that may be put into a page as it is."""
    marks = Marks(
        {citation.n: citation.supported for citation in answer.citations}, answer.unsupported_claims
    )
    if not answer.is_markdown:
        return plain_answer_html(answer.answer, marks, answer.values)
    return markdown_answer_html(
        answer.answer, marks, [(number.n, number.at) for number in answer.removed_citations]
    )


def stored_answer_html(text: str, answer: Mapping[str, Any]) -> str:
    """Return the same of an answer as it was stored, by this pagesight or one before it."""
    citations = answer.get("citations", ())
    marks = Marks(
        {citation["n"]: citation.get("supported", True) for citation in citations},
        answer.get("unsupported_claims", ()),
    )
    # Before answers told who wrote them, only those of a model told how long its first word took.
    if not answer.get("is_markdown", "first_token_ms" in answer.get("usage", {})):
        values = answer.get("values", [citation.get("value", "") for citation in citations])
        return plain_answer_html(text, marks, [value for value in values if value])
    numbers = answer.get("removed_citations", ())
    return markdown_answer_html(text, marks, [(number["n"], number["at"]) for number in numbers])
