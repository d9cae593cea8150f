"""Chooses what is shown beside an answer that is not sure: the next best passages, where they stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from generator.answering.answers import Citation
from generator.answering.quoting import cite, parts_of, value_in
from generator.passages.questions.terms import terms_of
from generator.passages.splitting.block_passages import FURNITURE
from generator.passages.support import Quotation

# docs/decisions/0054-what-support-says.md has the curves: beside what, how many, how far below the first.
_SURE = 0.6  # support
_MAX_SHOWN = 4  # those that are quoted included
_NEAR = 2.0  # points of strength
# Two passages that share more of their words than this say the same.
_SAME = 0.8


def further_passages(
    ranking: Sequence[Quotation],
    shown_quotations: Sequence[Quotation],
    n_cited: int,
    min_closeness: float,
) -> Iterator[Citation]:
    """Yield what is worth a look beside what is shown; nothing where the best of that is sure.

    ranking           all passages, strongest first
    shown_quotations  best first
    n_cited           the last number of a citation: theirs go on from it
    min_closeness     what is less close to an answer is not `supported`
    """
    if not shown_quotations or shown_quotations[0].support >= _SURE:
        return
    passages = [*shown_quotations]
    for quotation in ranking:
        if len(passages) >= _MAX_SHOWN or quotation.strength < shown_quotations[0].strength - _NEAR:
            return
        if quotation.passage.kind in FURNITURE or quotation.lacks_thing:
            continue
        if any(repeats(quotation, better) for better in passages):
            continue
        passages.append(quotation)
        n = n_cited + len(passages) - len(shown_quotations)
        citation = cite(n, *parts_of(quotation, value_in(quotation))[0])
        yield replace(citation, supported=quotation.closeness >= min_closeness)


def repeats(a: Quotation, b: Quotation) -> bool:
    """Say whether they overlap on the page, or say the same on different ones."""
    first, second = a.passage, b.passage
    if a.page is b.page and first.start < second.stop and second.start < first.stop:
        return True
    first_terms, second_terms = terms_of(first.quote), terms_of(second.quote)
    n_same = len(first_terms & second_terms)
    return n_same >= _SAME * max(len(first_terms | second_terms), 1)
