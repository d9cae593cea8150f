"""Answers by quoting: the best supported passages of the pages, word for word, no language model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from generator.answering.answers import Citation, Cited, Token
from generator.answering.side_tasks import side_task_without_model
from generator.passages.questions import read_question, terms_of
from generator.passages.support import Quotation, ReadPage, quotations
from generator.prompts import Turn
from indexer.base.pages import QueryEmbedding, fraction_box

# A further quotation is worth reading when its support is at most this much below the first one's.
_CLOSE = 0.1
# Two quotations that share more of their words than this say the same.
_SAME = 0.8


class ExtractiveWriter:
    """Quotes up to `max_quotations` passages whose support is at least `min_support`."""

    def __init__(self, min_support: float, max_quotations: int) -> None:
        self._min_support = min_support
        self._max_quotations = max_quotations

    def trouble(self) -> str:
        return ""

    def answer(
        self,
        question: str,
        query: QueryEmbedding,
        pages: Sequence[ReadPage],
        cancelled: Callable[[], bool] = lambda: False,
        history: Sequence[Turn] = (),
        wishes: str = "",
    ) -> Iterator[Token | Cited]:
        """Token and Cited events; without a Cited event nothing supports an answer.

        It is done in milliseconds: `cancelled` is never asked. A quotation depends on neither
        `history` nor `wishes`.
        """
        found = quotations(read_question(question), query, pages)
        chosen = self._choose(found)
        for n, quotation in enumerate(chosen, start=1):
            quote = f"“{quotation.passage.quote}”"
            yield Token(quote if n == 1 else "\n" + quote)
            yield Token(f" [{n}]")
            yield Cited(_citation(n, quotation))
        if not chosen:
            yield Token(not_found(pages))

    def side_task(self, task: str, cancelled: Callable[[], bool]) -> Iterator[Token]:
        """Something harmless of the form that is asked for: there is no model to carry it out."""
        yield Token(side_task_without_model(task))

    def _choose(self, found: Sequence[Quotation]) -> list[Quotation]:
        if not found:
            return []
        least = max(self._min_support, found[0].support - _CLOSE)
        chosen: list[Quotation] = []
        for quotation in found:
            if len(chosen) == self._max_quotations or quotation.support < least:
                break
            if not any(_repeats(quotation, earlier) for earlier in chosen):
                chosen.append(quotation)
        return chosen


def _repeats(one: Quotation, other: Quotation) -> bool:
    """Whether they overlap on the page, or say the same on different ones."""
    a, b = one.passage, other.passage
    if one.page is other.page and a.start < b.stop and b.start < a.stop:
        return True
    terms, others = terms_of(a.quote), terms_of(b.quote)
    return len(terms & others) >= _SAME * max(len(terms | others), 1)


def _citation(n: int, quotation: Quotation) -> Citation:
    hit = quotation.page.hit
    return Citation(
        n=n,
        page_id=hit.page.id,
        document_id=hit.document.id,
        document=hit.document.name,
        page_number=hit.page.page_number,
        box=fraction_box(quotation.passage.box),
        quote=quotation.passage.quote,
        support=round(quotation.support, 4),
    )


def not_found(pages: Sequence[ReadPage]) -> str:
    """What is said when nothing supports an answer: the nearest page, best first."""
    if not pages:
        return "Not found: no page could be read."
    nearest = pages[0].hit
    return (
        "Not found in these pages. The nearest is "
        f"page {nearest.page.page_number} of {nearest.document.name}."
    )
