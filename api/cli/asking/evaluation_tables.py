"""The figures of `pagesight eval` as tables."""

from __future__ import annotations

from typing import Any

from rich.table import Table

from api.cli.output import console, count_of
from api.diagnostics.evaluation.figures import RANKING
from api.diagnostics.evaluation.records import QuestionRecord
from api.diagnostics.evaluation.runs import RunComparison

_ANSWERS = {
    "correct": "right, or rightly refused",
    "first_right": "right in the first line or quotation",
    "any_right": "right in any quotation",
    "shown_right": "right in any, or beside a refusal",
    "first_score": "share of the answer that is right",
    "box_first": "answer inside the first box",
    "attributed_first": "answer right and first box right",
    "attributed_any": "a quotation and its box right",
    "right_by_chance": "right answers of other questions in it",
    "wrong_and_grounded": "wrong and marked grounded",
    "citation_precision": "cited pages that are right",
    "citation_recall": "right pages that are cited",
    "first_citation_on_gold_page": "first citation on a right page",
    "box_area": "share of the page inside a box",
}
_GROUP_FIGURES = ("ndcg@5", "first_right", "any_right", "attributed_first", "refused")
_SHOWN_GROUPS = {"evidence": "evidence", "format": "answer format", "printed": "printed"}
_MAX_CHANGES = 20  # questions that a terminal shows


def print_figures(figures: dict[str, Any]) -> None:
    """Print what was measured: pages, answers, groups, refusals."""
    _print_ranking(figures)
    _print_answers(figures["figures"])
    _print_groups(figures["groups"])
    _print_abstention(figures["abstention"], figures["support"])
    for code, n in figures["failed"].items():
        console.print(
            f"{count_of(n, 'question')} failed and {'counts' if n == 1 else 'count'} as wrong: {code}",
            style="yellow",
        )


def print_changes(changes: RunComparison, allow: float) -> None:
    """Print what changed since the earlier run, figure by figure and question by question."""
    table = Table("figure", "questions", "before", "after", "change, 95 %", "", box=None)
    for difference in changes.differences:
        table.add_row(
            difference.figure,
            str(difference.questions),
            _text(difference.before),
            _text(difference.after),
            f"{difference.low:+.3f} to {difference.high:+.3f}",
            "regression" if difference.is_regression(allow) else "",
        )
    console.print(table)
    _print_pairs("won", changes.wins)
    _print_pairs("lost", changes.losses)
    if changes.n_missing:
        console.print(f"in one of the runs only: {count_of(changes.n_missing, 'question')}")


def _print_pairs(name: str, pairs: tuple[tuple[QuestionRecord, QuestionRecord], ...]) -> None:
    console.print(f"{name}: {count_of(len(pairs), 'question')}", style="bold")
    for before, after in pairs[:_MAX_CHANGES]:
        where = f" ({after.document})" if after.document else ""
        console.print(f"  {after.question}{where}", markup=False)
        console.print(f"    right: {after.gold_answer or 'not found'}", markup=False)
        console.print(f"    {_line(before)}  ->  {_line(after)}", markup=False)


def _line(record: QuestionRecord) -> str:
    return "not found" if record.refused else f"{record.first_line[:100]!r}"


def _print_ranking(figures: dict[str, Any]) -> None:
    table = Table("pages", "questions", *RANKING, box=None)
    for source, row in figures["by"].items():
        table.add_row(source, str(row["questions"]), *(_text(row[name]) for name in RANKING))
    n = figures["figures"].get("ndcg@5", {"n": 0})["n"]
    every = (_text(figures[name]) for name in RANKING)
    table.add_row("all", str(n), *every, style="bold")
    console.print(table)


def _print_answers(figures: dict[str, Any]) -> None:
    table = Table("answers", "questions", "share", "95 %", box=None)
    for name, title in _ANSWERS.items():
        if row := figures.get(name):
            interval = f"{row['low']:.3f} to {row['high']:.3f}"
            table.add_row(title, str(row["n"]), _text(row["mean"]), interval)
    console.print(table)


def _print_groups(groups: dict[str, Any]) -> None:
    titles = [*_GROUP_FIGURES[:1], "first right", "any right", "with box", "refused"]
    table = Table("group", "", "questions", *titles, box=None)
    for kind, title in _SHOWN_GROUPS.items():
        for name, group in groups[kind].items():
            means = [group["figures"].get(figure, {}).get("mean") for figure in _GROUP_FIGURES]
            table.add_row(title, name, str(group["questions"]), *map(_text, means))
    if table.row_count:
        console.print(table)


def _print_abstention(abstention: dict[str, Any], support: dict[str, Any]) -> None:
    table = Table("", "answered", "not found", box=None)
    counts = {name: str(value) for name, value in abstention.items()}
    table.add_row("answerable", counts["answered"], counts["wrongly_abstained"])
    table.add_row("not answerable", counts["wrongly_answered"], counts["rightly_abstained"])
    console.print(table)
    if not support:
        return
    area, perfect = support["area_under_risk_coverage"], support["area_of_perfect_order"]
    console.print(f"area under risk and coverage: {area:.3f} (at best {perfect:.3f})")
    console.print(
        "unanswerable refused where 80 % of the answerable are answered: "
        f"{_text(support['unanswerable_refused@80'])}"
    )
    console.print(f"support and share right differ by at most {_text(support['largest_distance'])}")


def _text(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
