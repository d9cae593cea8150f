"""Tells what no quotation answers: it has to be counted, calculated or seen by whoever reads the pages."""

from __future__ import annotations

from collections.abc import Sequence

from generator.passages.questions import english
from generator.passages.questions.parsed_question import ParsedQuestion
from generator.passages.questions.terms import terms_of
from generator.passages.strength import lacks_derived
from generator.passages.support import Quotation
from generator.passages.values.cells import fits_kind, match_row, shown_value
from generator.passages.values.spans import answer_span

COUNTED, CALCULATED, COMPARED, SEEN = "counted", "calculated", "compared", "seen"

# A count or a colour that the pages do say stands in one of so many of the best passages.
_N_BEST = 5


def work_to_do(question: ParsedQuestion, strongest_first: Sequence[Quotation]) -> str:
    """Return what has to be done where no page says the answer, one of the words above; else empty."""
    lower_case = question.text.lower()
    best = strongest_first[:_N_BEST]
    counts = question.unit_asked is None and english.ASKS_TO_COUNT.search(lower_case) is not None
    if counts and not any(map(_says_count, best)):
        return COUNTED
    if english.ASKS_TO_SEE.search(lower_case) and not _says_look(lower_case, best):
        return SEEN
    if english.ASKS_TO_COMPARE.search(lower_case):
        return CALCULATED
    if english.ASKS_FOR_EXTREME.search(question.text) and not _says_extreme(question, best):
        return COMPARED
    if best and lacks_derived(question, best[0].passage):
        return CALCULATED
    return ""


def work_asked_for(question: ParsedQuestion) -> str:
    """Return what a question asks to be done by its words alone: where nothing was found, it may help."""
    return work_to_do(question, [])


def _says_count(quotation: Quotation) -> bool:
    passage, question = quotation.passage, quotation.question
    if passage.table is not None:
        match = match_row(question, passage.table, passage.row)
        if match is None or not match.crosses:
            return False
        return fits_kind(question, shown_value(passage.table, match.cell))
    if passage.field is not None:
        return question.answered_in_kind(passage.quote)
    span = answer_span(question, quotation.page.words, passage.start, passage.stop)
    return span is not None and not terms_of(question.unit).isdisjoint(terms_of(span.text))


def _says_extreme(question: ParsedQuestion, best: Sequence[Quotation]) -> bool:
    """Say whether a passage says of something that it is the most, in a word of the question or its equal."""
    asked_terms = terms_of(" ".join(english.EXTREMES.findall(question.text)))
    texts = (f"{q.passage.surroundings} {q.passage.quote}" for q in best)
    return any(
        not asked_terms.isdisjoint(terms) or question.cover_of(asked_terms, terms) > 0
        for terms in map(terms_of, texts)
    )


def _says_look(asked_text: str, best: Sequence[Quotation]) -> bool:
    """Say whether a passage names the colours asked about, or some colour or shape where none is."""
    looks = set(english.LOOKS.findall(asked_text))
    for quotation in best:
        page_looks = set(english.LOOKS.findall(quotation.passage.quote.lower()))
        if page_looks and looks <= page_looks:
            return True
    return False
