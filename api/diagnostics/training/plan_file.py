"""What a training set out to do, kept beside what it has learnt, so that it can be gone on with."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from api.base.errors import InvalidSettings
from api.diagnostics.evaluation.questions import Question
from api.diagnostics.training.labelled import LabelledSet
from indexer.encoders.visual.training.plan import TrainingExample, TrainingOptions

_PLAN = "plan.json"


@dataclass(frozen=True, slots=True)
class TrainingRequest:
    """What to train.

    name         of the adapter
    encoder      that it is fitted to
    held_out     share 0..1 of the documents whose questions are only asked, before and after
    n_negatives  pages beside each right one that the collection's search confuses with it
    """

    collection: str
    questions: tuple[Question, ...]
    name: str
    encoder: str
    options: TrainingOptions
    held_out: float
    n_negatives: int


def key_of(request: TrainingRequest) -> dict[str, Any]:
    """What a training that is gone on with must have in common with the one that was broken off."""
    return {
        "collection": request.collection,
        "encoder": request.encoder,
        "questions": [question.question for question in request.questions],
        "held_out": request.held_out,
        "negatives": request.n_negatives,
        "options": asdict(request.options),
    }


def read_plan(
    folder: Path, request: TrainingRequest, question_set: LabelledSet
) -> tuple[list[TrainingExample], list[list[int]]] | None:
    """Read what a training that was broken off had set out to do; None where there was none.

    Raises InvalidSettings where it was another one, or the pages of its questions are others by now.
    """
    path = folder / _PLAN
    if not path.is_file():
        return None
    try:
        plan = json.loads(path.read_bytes())
        is_same = plan["key"] == json.loads(json.dumps(key_of(request)))
        examples = [
            TrainingExample(
                str(line["question"]),
                int(line["page"]),
                tuple(line["right"]),
                tuple(line["negatives"]),
            )
            for line in plan["examples"]
        ]
        before = [[int(page) for page in order] for order in plan["before"]]
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidSettings(f"{path} is damaged: train with --restart") from error
    if not is_same:
        raise InvalidSettings(
            f"a training called {request.name!r} was broken off, with other questions or options: give "
            "the same, another --name, or --restart"
        )
    page_ids = sorted(page.id for page in question_set.pages)
    if len(before) != len(question_set.questions) or any(sorted(o) != page_ids for o in before):
        raise InvalidSettings(
            f"the documents of {request.collection} have changed since the training was broken off: train "
            "with --restart"
        )
    return examples, before


def write_plan(
    folder: Path,
    request: TrainingRequest,
    examples: Sequence[TrainingExample],
    before: Sequence[Sequence[int]],
) -> None:
    plan = {"key": key_of(request), "examples": [*map(asdict, examples)], "before": before}
    part = folder / f"{_PLAN}.part"
    part.write_text(json.dumps(plan), encoding="utf-8")
    part.replace(folder / _PLAN)
