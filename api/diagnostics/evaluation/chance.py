"""How often an answer would be right by chance: compared with the right answers of other questions.

A quotation of a whole table holds many numbers. Where this figure is not small, "right" says little.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from api.diagnostics.comparison.gold import GoldAnswer, items_of
from api.diagnostics.comparison.rules import compare
from api.diagnostics.evaluation.records import QuestionRecord

FIGURE = "right_by_chance"
_N_OTHERS = 5  # questions of the same format that each answer is compared with


def add_chance(records: Sequence[QuestionRecord]) -> None:
    """Write into each record the share of other right answers that its first line or quotation holds."""
    by_format: dict[str, list[QuestionRecord]] = defaultdict(list)
    for record in records:
        if "first_right" in record.figures:
            by_format[record.answer_format].append(record)
    for group in by_format.values():
        for n, record in enumerate(group):
            rivals = [rival for rival in group[n + 1 :] + group[:n] if _differ(rival, record)]
            answers = [_gold(rival) for rival in rivals[:_N_OTHERS]]
            if answers:
                hits = sum(_is_held(answer, record) for answer in answers)
                record.figures[FIGURE] = hits / len(answers)


def _differ(a: QuestionRecord, b: QuestionRecord) -> bool:
    return a.gold_answer != b.gold_answer


def _gold(record: QuestionRecord) -> GoldAnswer:
    return GoldAnswer(record.gold_answer, items_of(record.gold_answer), record.answer_format)


def _is_held(answer: GoldAnswer, record: QuestionRecord) -> bool:
    if record.refused:
        return False
    texts = {record.first_line, *(citation.quote for citation in record.citations[:1])}
    return any(compare(answer, text).is_right for text in texts)
