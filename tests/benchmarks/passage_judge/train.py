"""Trains the judge on encoded rows and pairs.

    python -m tests.benchmarks.passage_judge.train TRAIN.pt PAIRS.pt DEV.pt JUDGE.pt [--minutes 10] [--seed 2]

Loss: one softmax over the passages of a list and "none of them", and a cross-entropy of each passage.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from tests.benchmarks.calibrate_support import auc
from tests.benchmarks.passage_judge.groups import load_groups
from tests.benchmarks.passage_judge.lists import ListMaker, PassageList
from tests.benchmarks.passage_judge.network import Judge

_RATE, _WARM_UP, _EACH_WEIGHT = 2e-3, 0.05, 0.5
_LISTS, _PASSAGES, _DEV_LISTS = 24, 8, 300


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the judge of passages.")
    parser.add_argument("train", type=Path)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("dev", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=2)
    arguments = parser.parse_args()
    torch.manual_seed(arguments.seed)
    groups = load_groups(arguments.train) + load_groups(arguments.pairs)
    lists = ListMaker(groups, random.Random(arguments.seed)).lists(_PASSAGES)
    dev_lists = ListMaker(load_groups(arguments.dev), random.Random(0)).lists(_PASSAGES)
    dev = list(islice(dev_lists, _DEV_LISTS))
    judge = Judge()
    optimizer = torch.optim.AdamW(judge.parameters(), weight_decay=0.05)
    begin, n_steps = time.monotonic(), 0
    losses: list[float] = []
    while (part := (time.monotonic() - begin) / (60 * arguments.minutes)) < 1:
        for parameters in optimizer.param_groups:
            parameters["lr"] = _RATE * min(1.0, part / _WARM_UP + _WARM_UP) * (1 - part)
        loss = loss_of(judge, list(islice(lists, _LISTS)))
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(judge.parameters(), 1.0)
        optimizer.step()
        losses.append(float(loss.detach()))
        n_steps += 1
        if n_steps % 300 == 0:
            print(f"{n_steps} steps, loss {np.mean(losses[-300:]):.3f}, {figures(judge, dev)}")
    torch.save(judge.state_dict(), arguments.out)
    print(f"{n_steps} steps, {figures(judge, dev)}")


def loss_of(judge: Judge, lists: Sequence[PassageList]) -> Tensor:
    odds = judge([pair for item in lists for pair in item.pairs])
    is_right = torch.zeros_like(odds)
    of_lists, at = [], 0
    for item, part in zip(lists, odds.split([len(item.pairs) for item in lists]), strict=True):
        choices = torch.cat([part, part.new_zeros(1)])
        goal = torch.tensor([0 if item.has_right else len(part)])
        of_lists.append(cross_entropy(choices[None], goal))
        is_right[at] = float(item.has_right)
        at += len(part)
    of_each = binary_cross_entropy_with_logits(odds, is_right)
    return torch.stack(of_lists).mean() + _EACH_WEIGHT * of_each


@torch.inference_mode()
def figures(judge: Judge, lists: Sequence[PassageList]) -> str:
    """Say how often the right passage is first, and how well the best log odds tell lists with one."""
    judge.eval()
    odds = [judge(item.pairs) for item in lists]
    judge.train()
    has_right = np.array([item.has_right for item in lists])
    best = np.array([float(own.max()) for own in odds])
    is_first = np.array([int(own.argmax()) == 0 for own in odds])
    return (
        f"first {is_first[has_right].mean():.3f}, AUC {auc(best[has_right], best[~has_right]):.3f}"
    )


if __name__ == "__main__":
    main()
