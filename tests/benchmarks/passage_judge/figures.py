"""Says what judges are worth on ranked questions: as support, as an order, and by the rule tried last.

python -m tests.benchmarks.passage_judge.figures JUDGE.pt[,JUDGE_2.pt] RANKED.pt ...
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from generator.passages.absence import missing_numbers
from generator.passages.calibration import LITE
from generator.passages.questions.terms import terms_of
from tests.benchmarks.calibrate_support import auc
from tests.benchmarks.passage_judge.network import Judge, pair_of
from tests.benchmarks.passage_judge.ranked import RankedQuestion

_WEIGHTS = (0.0, 0.1, 0.2, 0.3, 0.5, 1.0)
# The rule: the judge chooses among so many, beside strength; from so much on it answers, below it refuses.
_JUDGED, _WEIGHT, _SURE = 5, 0.3, 3.5
_AGREES, _DOUBTS_ROWS, _DENIES, _LOSS = -1.0, 0.5, -2.0, 0.5
_SHORT_PAGES = 5


def main() -> None:
    parser = argparse.ArgumentParser(description="Judge ranked passages.")
    parser.add_argument("judges", help="files, with commas between: the mean of their log odds")
    parser.add_argument("ranked", type=Path, nargs="+")
    arguments = parser.parse_args()
    judges = [_load(Path(file)) for file in arguments.judges.split(",")]
    for file in arguments.ranked:
        questions: list[RankedQuestion] = torch.load(file, weights_only=True)
        _report(file.stem, questions, [_odds(judges, question) for question in questions])


def _load(file: Path) -> Judge:
    judge = Judge()
    judge.load_state_dict(torch.load(file, weights_only=True))
    return judge.eval()


@torch.inference_mode()
def _odds(judges: Sequence[Judge], question: RankedQuestion) -> list[float]:
    pairs = [
        pair_of(question["question"], question["vectors"], passage["text"], passage["vectors"])
        for passage in question["passages"]
    ]
    log_odds: list[float] = torch.stack([judge(pairs) for judge in judges]).mean(0).tolist()
    return log_odds


def _report(
    name: str, questions: Sequence[RankedQuestion], odds: Sequence[Sequence[float]]
) -> None:
    strength = np.array([question["passages"][0]["strength"] for question in questions])
    of_best = np.array([own[0] for own in odds])
    is_right = np.array([q["is_answerable"] and q["passages"][0]["is_right"] for q in questions])
    print(f"{name}: {len(questions)} questions, right first {is_right.sum()}")
    for part, mask in (("all", strength > -np.inf), ("below the floor", strength < LITE.middle)):
        positive, negative = is_right & mask, ~is_right & mask
        if positive.any() and negative.any():
            figures = [auc(x[positive], x[negative]) for x in (strength, of_best)]
            print(
                f"  AUC, {part} ({mask.sum()}): strength {figures[0]:.2f}, judge {figures[1]:.2f}"
            )
    for weight in _WEIGHTS:
        n_right = 0
        for question, own in zip(questions, odds, strict=True):
            passages = question["passages"]
            sums = [p["strength"] + weight * o for p, o in zip(passages, own, strict=True)]
            n_right += question["is_answerable"] and passages[int(np.argmax(sums))]["is_right"]
        print(f"  right first by strength + {weight} judge: {n_right}")
    for is_judged in (False, True):
        outcomes = [
            _outcome(question, own, is_judged=is_judged)
            for question, own in zip(questions, odds, strict=True)
        ]
        counts = {kind: outcomes.count(kind) for kind in ("right", "wrong", "unanswerable")}
        print(f"  answered {'by the rule' if is_judged else 'as it is'}: {counts}")


def _outcome(question: RankedQuestion, odds: Sequence[float], *, is_judged: bool) -> str:
    passages = question["passages"]
    strength = passages[0]["strength"]
    if question["is_refused"] and strength + question["gain"] >= LITE.middle:
        return "refused"  # for another reason
    best = passages[0]
    if not is_judged or strength >= _SURE or best["n_pages"] > _SHORT_PAGES:
        strength += question["gain"]
    else:
        judged = range(min(_JUDGED, len(passages)))
        first = max(judged, key=lambda i: passages[i]["strength"] + _WEIGHT * odds[i])
        best, own = passages[first], odds[first]
        lacks = missing_numbers(question["question"], terms_of(best["text"]))
        if own >= _AGREES + _DOUBTS_ROWS * best["is_row"] and not best["lacks_thing"] and not lacks:
            strength = max(strength, LITE.middle)
        strength -= _LOSS * (own < _DENIES)
    if strength < LITE.middle:
        return "refused"
    if not question["is_answerable"]:
        return "unanswerable"
    return "right" if best["is_right"] else "wrong"


if __name__ == "__main__":
    main()
