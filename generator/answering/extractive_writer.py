"""Answers by quoting: the best supported passages of the pages, word for word, no language model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from generator.answering.answers import Citation, CitationAdded, Insufficient, Token
from generator.answering.side_tasks import side_task_without_model
from generator.answering.writer import WritingRequest
from generator.passages.questions import read_question, terms_of
from generator.passages.support import Quotation, ReadPage, quotations
from indexer.base.pages import fraction_box

# A further quotation is worth reading when its support is at most this much below the first one's.
_CLOSE = 0.1
# Two quotations that share more of their words than this say the same.
_SAME = 0.8


class ExtractiveWriter:
    """Quotes up to `max_quotations` passages whose support is at least `min_support`."""

    def __init__(self, min_support: float, max_quotations: int) -> None:
        self._min_support = min_support
        self._max_quotations = max_quotations

    def unavailable_reason(self) -> str:
        return ""

    def write(self, request: WritingRequest) -> Iterator[Token | CitationAdded | Insufficient]:
        """As `AnswerWriter.write`.

        It takes milliseconds: `is_cancelled` is never asked. A quotation depends on neither `history` nor
        `client_instructions`.
        """
        question = read_question(request.question)
        strongest_first = quotations(question, request.query, request.pages)
        best = self._choose(strongest_first)
        for n, quotation in enumerate(best, start=1):
            quote = f"“{quotation.passage.quote}”"
            yield Token(quote if n == 1 else "\n" + quote)
            yield Token(f" [{n}]")
            yield CitationAdded(_citation(n, quotation))
        if not best:
            if strongest_first:
                yield Insufficient(_citation(0, strongest_first[0]))
            yield Token(not_found(request.pages))

    def side_task(self, task: str, is_cancelled: Callable[[], bool]) -> Iterator[Token]:
        """Say something harmless in the form that is asked for: there is no model to carry it out."""
        yield Token(side_task_without_model(task))

    def _choose(self, strongest_first: Sequence[Quotation]) -> list[Quotation]:
        if not strongest_first:
            return []
        min_support = max(self._min_support, strongest_first[0].support - _CLOSE)
        best: list[Quotation] = []
        for quotation in strongest_first:
            if len(best) == self._max_quotations or quotation.support < min_support:
                break
            if not any(_repeats(quotation, better) for better in best):
                best.append(quotation)
        return best


def _repeats(a: Quotation, b: Quotation) -> bool:
    """Say whether they overlap on the page, or say the same on different ones."""
    first, second = a.passage, b.passage
    if a.page is b.page and first.start < second.stop and second.start < first.stop:
        return True
    first_terms, second_terms = terms_of(first.quote), terms_of(second.quote)
    n_same = len(first_terms & second_terms)
    return n_same >= _SAME * max(len(first_terms | second_terms), 1)


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
        page_label=hit.page.label,
        version=hit.document.version,
        attachment_of=hit.document.attachment_of,
    )


def not_found(pages: Sequence[ReadPage]) -> str:
    """Return what to say when nothing supports an answer: it names the first page, the nearest."""
    if not pages:
        return "Not found: no page could be read."
    nearest = pages[0].hit
    return (
        f"Not found in these pages. The nearest is {nearest.page.name} of {nearest.document.title}."
    )
