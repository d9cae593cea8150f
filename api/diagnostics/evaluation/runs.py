"""A run as a file, and what changed since an earlier one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from api.base.errors import InvalidQuestions
from api.diagnostics.evaluation.intervals import difference_interval
from api.diagnostics.evaluation.records import QuestionRecord

FORM = 1  # of the file
# Higher is better; a run that is worse in any of them beyond noise has losses.
COMPARED = ("correct", "first_right", "any_right", "attributed_first", "attributed_any", "ndcg@5")


@dataclass(frozen=True, slots=True)
class Difference:
    """The change of a figure over the questions that both runs have, with its 95 % interval."""

    figure: str
    questions: int
    before: float
    after: float
    low: float
    high: float

    def is_regression(self, allow: float) -> bool:
        """Say whether it fell by more than `allow`, and more than chance explains."""
        return self.after - self.before < -allow and self.high < 0


@dataclass(frozen=True, slots=True)
class RunComparison:
    """What changed: figures, and the questions that were won and lost, as (before, after)."""

    differences: tuple[Difference, ...]
    wins: tuple[tuple[QuestionRecord, QuestionRecord], ...]
    losses: tuple[tuple[QuestionRecord, QuestionRecord], ...]
    n_missing: int

    def regressions(self, allow: float) -> list[Difference]:
        return [difference for difference in self.differences if difference.is_regression(allow)]

    def to_dict(self, allow: float) -> dict[str, Any]:
        return {
            "differences": [
                {
                    "figure": difference.figure,
                    "questions": difference.questions,
                    "before": round(difference.before, 4),
                    "after": round(difference.after, 4),
                    "low": round(difference.low, 4),
                    "high": round(difference.high, 4),
                    "regression": difference.is_regression(allow),
                }
                for difference in self.differences
            ],
            "won": [_change(*pair) for pair in self.wins],
            "lost": [_change(*pair) for pair in self.losses],
            "missing": self.n_missing,
        }


def write_run(
    path: Path, collection: str, figures: Mapping[str, Any], records: Sequence[QuestionRecord]
) -> None:
    """Write a run as JSON. Raises InvalidQuestions where the file cannot be written."""
    body = {
        "form": FORM,
        "collection": collection,
        "figures": figures,
        "questions": [record.to_dict() for record in records],
    }
    write_text(path, json.dumps(body, ensure_ascii=False, indent=1) + "\n")


def check_writable(path: Path) -> None:
    """Find out before minutes of asking whether a file can be written. Raises InvalidQuestions."""
    if path.is_dir():
        raise InvalidQuestions(f"cannot write {path}: it is a folder")
    if not path.absolute().parent.is_dir():
        raise InvalidQuestions(f"cannot write {path}: its folder does not exist")


def write_text(path: Path, text: str) -> None:
    """Write a file beside the data folder. Raises InvalidQuestions where it cannot be written."""
    try:
        path.write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise InvalidQuestions(f"cannot write {path}: {error.strerror}") from error


def read_run(path: Path) -> list[QuestionRecord]:
    """Read the questions of a run. Raises InvalidQuestions."""
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
        if body["form"] != FORM:
            raise InvalidQuestions(
                f"{path} is a run of form {body['form']}: this version reads {FORM}"
            )
        return [QuestionRecord.from_dict(question) for question in body["questions"]]
    except OSError as error:
        raise InvalidQuestions(f"cannot read {path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"{path} is no run that this version of `pagesight eval --output` wrote"
        raise InvalidQuestions(message) from error


def compare_runs(
    before: Sequence[QuestionRecord], after: Sequence[QuestionRecord]
) -> RunComparison:
    """Compare two runs over the questions that both have."""
    earlier = {record.key: record for record in before}
    pairs = [(earlier[record.key], record) for record in after if record.key in earlier]
    n_missing = len(before) + len(after) - 2 * len(pairs)
    changes = [(old, new, _correct(new) - _correct(old)) for old, new in pairs]
    return RunComparison(
        differences=tuple(
            difference for name in COMPARED if (difference := _difference(name, pairs)) is not None
        ),
        wins=tuple((old, new) for old, new, change in changes if change > 0),
        losses=tuple((old, new) for old, new, change in changes if change < 0),
        n_missing=n_missing,
    )


def _difference(
    name: str, pairs: Sequence[tuple[QuestionRecord, QuestionRecord]]
) -> Difference | None:
    values = [
        (old.figures[name], new.figures[name])
        for old, new in pairs
        if name in old.figures and name in new.figures
    ]
    if not values:
        return None
    old, new = np.array(values, np.float64).T
    _, low, high = difference_interval(old, new)
    return Difference(name, len(values), float(old.mean()), float(new.mean()), low, high)


def _correct(record: QuestionRecord) -> float:
    return record.figures.get("correct", 0.0)


def _change(before: QuestionRecord, after: QuestionRecord) -> dict[str, Any]:
    return {
        "document": after.document,
        "question": after.question,
        "gold_answer": after.gold_answer,
        "before": {"answer": before.answer, "verdict": before.verdict, "rule": before.rule},
        "after": {"answer": after.answer, "verdict": after.verdict, "rule": after.rule},
    }
