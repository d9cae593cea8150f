"""The figures of a run, over all questions and by group."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from api.diagnostics.evaluation.abstention import support_figures
from api.diagnostics.evaluation.intervals import means_with_intervals
from api.diagnostics.evaluation.records import QuestionRecord

RANKING = ("ndcg@5", "recall@1", "recall@5", "recall@10")
GROUPS = ("evidence", "format", "document", "answerable", "printed")


def figures_of(records: Sequence[QuestionRecord]) -> dict[str, Any]:
    """Return the figures of `eval --json`; docs/evaluation.md says what each one means."""
    every = means_with_intervals([record.figures for record in records])
    records_without_error = [record for record in records if not record.error]
    groups = _by_group(records)
    return {
        "questions": len(records),
        "answerable": sum(record.answerable for record in records),
        "printed": sum(record.is_printed is True for record in records),
        **{name: _mean(every, name) for name in (*RANKING, "stage1_recall@10")},
        "figures": every,
        "failed": dict(Counter(record.error.split(":")[0] for record in records if record.error)),
        "abstention": _abstention(records_without_error),
        "support": support_figures(records_without_error),
        "groups": groups,
        "by": {source: _ranking(group) for source, group in groups["evidence"].items()},
        "rules": _rules(records),
        "mean_answer_ms": _mean_answer_ms(records),
    }


def _by_group(records: Sequence[QuestionRecord]) -> dict[str, dict[str, Any]]:
    members: dict[str, dict[str, list[QuestionRecord]]] = {
        kind: defaultdict(list) for kind in GROUPS
    }
    for record in records:
        for kind, name in _groups(record):
            members[kind][name].append(record)
    return {
        kind: {
            name: {
                "questions": len(group),
                "figures": means_with_intervals([record.figures for record in group]),
            }
            for name, group in sorted(groups.items())
        }
        for kind, groups in members.items()
    }


def _groups(record: QuestionRecord) -> Iterator[tuple[str, str]]:
    if record.answerable or record.gold_pages:
        yield from (("evidence", source) for source in record.evidence_sources)
    if record.answer_format:
        yield "format", record.answer_format
    if record.document:
        yield "document", record.document
    yield "answerable", "yes" if record.answerable else "no"
    if record.is_printed is not None:
        yield "printed", "yes" if record.is_printed else "no"


def _abstention(records: Sequence[QuestionRecord]) -> dict[str, Any]:
    """Count who was answered, who was told "not found", and who should have been."""
    counts = {
        "answered": sum(record.answerable and not record.refused for record in records),
        "wrongly_abstained": sum(
            record.answerable and record.refused and record.verdict != "right" for record in records
        ),
        "rightly_abstained": sum(not record.answerable and record.refused for record in records),
        "wrongly_answered": sum(not record.answerable and not record.refused for record in records),
    }
    on_gold = [
        record.figures["first_citation_on_gold_page"]
        for record in records
        if "first_citation_on_gold_page" in record.figures and not record.refused
    ]
    share = round(sum(on_gold) / len(on_gold), 4) if on_gold else None
    return {**counts, "first_citation_on_gold_page": share}


def _ranking(group: dict[str, Any]) -> dict[str, Any]:
    figures = group["figures"]
    n = figures["ndcg@5"]["n"] if "ndcg@5" in figures else 0
    return {"questions": n, **{name: _mean(figures, name) for name in RANKING}}


def _rules(records: Sequence[QuestionRecord]) -> dict[str, int]:
    """Count by which rule each answer was judged, most frequent first."""
    counts: dict[str, int] = defaultdict(int)
    for record in records:
        counts[f"{record.verdict}: {record.rule}"] += 1
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _mean(figures: dict[str, dict[str, float | int]], name: str) -> float | None:
    return figures[name]["mean"] if name in figures else None


def _mean_answer_ms(records: Sequence[QuestionRecord]) -> float | None:
    times = [record.total_ms for record in records]
    return round(sum(times) / len(times), 1) if times else None
