"""The arithmetic of a run: intervals, risk and coverage, reliability, groups, what changed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from api.base.errors import InvalidQuestions
from api.diagnostics.evaluation.abstention import (
    refused_at,
    reliability,
    risk_coverage,
    support_figures,
)
from api.diagnostics.evaluation.chance import FIGURE, add_chance
from api.diagnostics.evaluation.figures import figures_of
from api.diagnostics.evaluation.intervals import difference_interval, means_with_intervals
from api.diagnostics.evaluation.records import CitationRecord, QuestionRecord
from api.diagnostics.evaluation.runs import compare_runs, read_run, write_run


def record(
    n: int, *, is_right: bool, answerable: bool = True, refused: bool = False
) -> QuestionRecord:
    figures = {"correct": float(is_right), "refused": float(refused)}
    if answerable:
        figures["first_right"] = float(is_right)
    return QuestionRecord(
        document="a.pdf",
        question=f"question {n}",
        answer_format="Int",
        evidence_sources=["Table"],
        gold_answer=str(n + 100) if answerable else "Not answerable",
        accept=[],
        gold_pages=[("a.pdf", 1)] if answerable else [],
        answerable=answerable,
        is_printed=True if answerable else None,
        pages=[("a.pdf", 1)],
        answer=str(n),
        refused=refused,
        support=0.0 if refused else 0.5,
        verdict="right" if is_right else "wrong",
        figures=figures,
    )


def test_a_mean_has_an_interval_around_it_and_the_same_one_every_time() -> None:
    rows = [{"share": float(n % 2), "rare": 1.0} if n else {"share": 0.0} for n in range(100)]
    summary = means_with_intervals(rows)
    assert summary == means_with_intervals(rows)
    share = summary["share"]
    assert share["mean"] == 0.5 and share["n"] == 100
    # The standard error of 100 tosses is .05: two of them to each side.
    assert share["low"] == pytest.approx(0.4, abs=0.03) and share["high"] == pytest.approx(
        0.6, abs=0.03
    )
    assert summary["rare"] == {"mean": 1.0, "low": 1.0, "high": 1.0, "n": 99}
    assert means_with_intervals([]) == {}


def test_risk_rises_with_coverage_when_support_is_good() -> None:
    support = np.array([0.9, 0.8, 0.2, 0.1])
    coverage, risk = risk_coverage(support, np.array([1.0, 1.0, 0.0, 0.0]))
    assert coverage.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert risk.tolist() == pytest.approx([0, 0, 1 / 3, 0.5])
    _, backwards = risk_coverage(-support, np.array([1.0, 1.0, 0.0, 0.0]))
    assert backwards.mean() > risk.mean()


def test_questions_of_equal_support_share_their_risk_in_any_order() -> None:
    support = np.full(4, 0.5)
    for answers in ([1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0]):
        assert risk_coverage(support, np.array(answers))[1].tolist() == [0.5] * 4


def test_the_floor_that_answers_four_of_five_refuses_what_is_below_it() -> None:
    support = np.array([0.9, 0.8, 0.7, 0.6, 0.1, 0.5, 0.65, 0.05])
    answerable = np.array([True] * 5 + [False] * 3)
    assert refused_at(support, answerable, support[answerable]) == pytest.approx(2 / 3, abs=1e-4)
    assert refused_at(support, np.ones(8, bool), support) is None


def test_reliability_has_bins_of_equally_many_questions() -> None:
    support = np.linspace(0, 1, 100)
    bins = reliability(support, (support > 0.5).astype(float))
    assert [bin_["questions"] for bin_ in bins] == [10] * 10
    assert bins[0]["right"] == 0 and bins[-1]["right"] == 1


def test_a_refused_question_counts_by_what_a_lower_floor_would_say() -> None:
    right, refused = record(1, is_right=True), record(2, is_right=False, refused=True)
    refused.nearest = CitationRecord("a.pdf", 1, 1, (0, 0, 1, 1), "102", 0.2, False, "right")
    refused.support = 0.2
    figures = support_figures([right, refused, record(3, is_right=False)])
    assert figures["area_of_perfect_order"] == pytest.approx((0 + 0 + 1 / 3) / 3, abs=1e-4)
    assert support_figures([]) == {}


def test_figures_are_given_by_group() -> None:
    records = [record(n, is_right=n < 3) for n in range(4)]
    records.append(record(9, is_right=True, answerable=False, refused=True))
    figures = figures_of(records)
    assert figures["questions"] == 5 and figures["answerable"] == 4 and figures["printed"] == 4
    assert figures["figures"]["first_right"]["mean"] == 0.75
    assert figures["figures"]["correct"]["mean"] == 0.8
    groups = figures["groups"]
    assert groups["answerable"]["no"]["figures"]["refused"]["mean"] == 1.0
    assert groups["evidence"]["Table"]["questions"] == 4
    assert figures["abstention"]["rightly_abstained"] == 1


def test_chance_is_the_share_of_other_right_answers_in_an_answer() -> None:
    records = [record(n, is_right=False) for n in range(3)]
    records[0].first_line = "100 101 102"
    add_chance(records)
    assert [row.figures[FIGURE] for row in records] == [1.0, 0.0, 0.0]


def test_a_run_is_read_as_it_was_written(tmp_path: Path) -> None:
    citation = CitationRecord(
        "a.pdf", 1, 1, (0, 0, 0.5, 1), "“quote”", 0.9, True, on_gold_page=True
    )
    records = [record(1, is_right=True), record(2, is_right=False)]
    records[0].citations.append(citation)
    records[1].nearest = citation
    write_run(tmp_path / "run.json", "c", {}, records)
    copies = read_run(tmp_path / "run.json")
    assert [copy.key for copy in copies] == [row.key for row in records]
    assert copies[0].citations[0].quote == "“quote”" and copies[1].nearest is not None
    assert compare_runs(records, copies).losses == ()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"form": 99}', '{"form": 1, "questions": [{}]}'])
def test_a_file_that_is_no_run_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(InvalidQuestions, match=r"run\.json"):
        read_run(tmp_path / "run.json")


def test_a_loss_of_many_is_a_regression_and_of_few_is_noise() -> None:
    before = [record(n, is_right=True) for n in range(40)]
    few = [record(n, is_right=n > 1) for n in range(40)]
    many = [record(n, is_right=n > 15) for n in range(40)]
    names = [difference.figure for difference in compare_runs(before, many).regressions(0.0)]
    assert names == ["correct", "first_right"]
    assert compare_runs(before, many).regressions(0.5) == []
    assert compare_runs(before, few).regressions(0.05) == []
    assert len(compare_runs(before, few).losses) == 2
    assert compare_runs(many, before).regressions(0.0) == []
    assert len(compare_runs(many, before).wins) == 16
    assert compare_runs(before, many[:30]).n_missing == 10


def test_a_difference_of_nothing_has_no_interval() -> None:
    same = np.ones(10)
    assert difference_interval(same, same) == (0.0, 0.0, 0.0)
