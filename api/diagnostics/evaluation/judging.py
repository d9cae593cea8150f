"""Judges an answer by what is right: its first line, its quotations, its boxes, its pages."""

from __future__ import annotations

import re
from statistics import fmean

from api.diagnostics.comparison.gold import GoldAnswer
from api.diagnostics.comparison.rules import compare
from api.diagnostics.comparison.verdicts import Comparison, best, right, wrong
from api.diagnostics.evaluation.page_words import StoredPages
from api.diagnostics.evaluation.questions import Question
from api.diagnostics.evaluation.records import CitationRecord, QuestionRecord
from generator.answering.answers import Answer, Citation
from indexer.base.pages import FractionBox

_MARKERS = re.compile(r"\s*\[\d+\]")
_MARKUP = re.compile(r"\*\*|__|^#+\s+|`")


def first_line(answer: Answer) -> str:
    """Return the first line of an answer without citation marks, Markdown and quotation marks.

    Of a question that asks several things, those of the answers to each.
    """
    texts = [part.answer for part in answer.parts] or [answer.answer]
    first_lines = [text.strip().split("\n")[0] for text in texts]
    text = _MARKUP.sub("", _MARKERS.sub("", "; ".join(first_lines)))
    return text.strip().strip('“”"').strip()


def judge(record: QuestionRecord, question: Question, answer: Answer, pages: StoredPages) -> None:
    """Write into a record what the answer is worth."""
    gold = question.answer
    record.citations = [_citation(citation, question, pages) for citation in answer.citations]
    record.further = [_citation(citation, question, pages) for citation in answer.further]
    if answer.nearest is not None:
        record.nearest = _citation(answer.nearest, question, pages)
    record.first_line = "" if record.refused else first_line(answer)
    if record.error:
        comparison = wrong("failed")
    elif not question.answerable:
        comparison = right("refused") if record.refused else wrong("answered")
    elif record.refused:
        comparison = right("refusal accepted") if gold.refuse_ok else wrong("refused")
    elif gold.is_known:
        quotes = [citation.quote for citation in record.citations[:1]]
        comparison = best(compare(gold, text) for text in (record.first_line, *quotes))
    else:
        comparison = wrong("no right answer is known")
    record.verdict, record.rule = comparison.verdict.value, comparison.rule
    record.score = round(comparison.score, 4)
    shows_nearest = answer.nearest_shown is not None
    record.figures |= _answer_figures(record, question, nearest_is_shown=shows_nearest)


def _citation(citation: Citation, question: Question, pages: StoredPages) -> CitationRecord:
    place = (citation.document, citation.page_number)
    record = CitationRecord(
        document=citation.document,
        page_number=citation.page_number,
        page_id=citation.page_id,
        box=citation.box,
        quote=citation.quote,
        support=citation.support,
        supported=citation.supported,
        on_gold_page=place in question.gold if question.gold else None,
    )
    if question.answer.is_known:
        comparison = compare(question.answer, citation.quote)
        record.verdict, record.rule = comparison.verdict.value, comparison.rule
        text = pages.text_in(citation.page_id, citation.box)
        record.box_verdict = compare(question.answer, text).verdict.value
    return record


def _answer_figures(
    record: QuestionRecord, question: Question, *, nearest_is_shown: bool
) -> dict[str, float]:
    """Return the figures that apply; docs/evaluation.md says what each one means."""
    figures: dict[str, float] = {"refused": float(record.refused and not record.error)}
    if record.citations:
        figures["box_area"] = fmean(_area(citation.box) for citation in record.citations)
    if not question.answerable:
        return figures | {"correct": figures["refused"]}
    if question.answer.is_known:
        is_right = record.verdict == "right"
        figures |= {
            "correct": float(is_right),
            "first_right": float(is_right),
            "first_score": record.score,
            "any_right": float(is_right or _any_quotation(record, question.answer).is_right),
            "shown_right": float(
                _is_shown(record, question.answer, nearest_is_shown=nearest_is_shown)
            ),
            "wrong_and_grounded": float(not record.refused and record.verdict == "wrong"),
        }
        if not (record.refused and question.answer.refuse_ok):
            head = record.citations[0] if record.citations else None
            figures["box_first"] = float(bool(head and _is_box_right(head)))
            figures["attributed_first"] = float(bool(is_right and head and _is_box_right(head)))
            quotations = _quotations(record)
            figures["attributed_any"] = float(any(c.is_attributed for c in quotations))
    return figures | _page_figures(record, question)


def _is_box_right(citation: CitationRecord) -> bool:
    return citation.box_verdict == "right" and citation.on_gold_page is not False


def _quotations(record: QuestionRecord) -> list[CitationRecord]:
    """Return what an answer quotes, and the further passages beside it; not those below a refusal."""
    return [*record.citations, *([] if record.refused else record.further)]


def _any_quotation(record: QuestionRecord, gold: GoldAnswer) -> Comparison:
    """Compare every quotation, and all together where a list is asked for."""
    quotes = [citation.quote for citation in _quotations(record)]
    if gold.items and quotes:
        quotes.append(" ; ".join(quotes))
    return best(compare(gold, quote) for quote in quotes)


def _is_shown(record: QuestionRecord, gold: GoldAnswer, *, nearest_is_shown: bool) -> bool:
    """Say whether what is right can be read: in the answer, or below a refusal, in what is nearest."""
    if record.refused:
        nearest = [*([record.nearest] if record.nearest else []), *record.further]
        return nearest_is_shown and any(citation.verdict == "right" for citation in nearest)
    return record.verdict == "right" or _any_quotation(record, gold).is_right


def _page_figures(record: QuestionRecord, question: Question) -> dict[str, float]:
    if not question.gold:
        return {}
    places = [(citation.document, citation.page_number) for citation in record.citations]
    hits = set(places) & question.gold
    figures = {"citation_recall": len(hits) / len(question.gold)}
    if places:
        figures["citation_precision"] = len(hits) / len(set(places))
        figures["first_citation_on_gold_page"] = float(places[0] in question.gold)
    return figures


def _area(box: FractionBox) -> float:
    return abs(box[2] - box[0]) * abs(box[3] - box[1])
