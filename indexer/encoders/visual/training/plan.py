"""What a training is to do: examples, options, and the order in which they come. Imports no torch."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TrainingExample:
    """A question and one page that answers it.

    page       the page's id, as are the others
    right      all pages that answer it, `page` among them: none of them is a wrong one
    negatives  pages that do not, though they look like it
    """

    question: str
    page: int
    right: tuple[int, ...]
    negatives: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class TrainingOptions:
    """How to train.

    rank        of the adapter's matrices; their product is added as it is (alpha = rank)
    batch       questions of one step; each brings its page and its negatives
    seed        decides where the matrices begin and in which order examples come
    checkpoint_steps
                after so many steps what was learnt is put down, for a training that is killed
    """

    rank: int = 32
    learning_rate: float = 5e-5
    epochs: int = 3
    batch: int = 4
    seed: int = 0
    checkpoint_steps: int = 20


def batches(n_examples: int, options: TrainingOptions) -> list[list[int]]:
    """Return the numbers of the examples of every step, epoch after epoch: the same for the same seed."""
    steps = []
    for epoch in range(options.epochs):
        order = list(range(n_examples))
        random.Random(f"{options.seed} {epoch}").shuffle(order)  # noqa: S311 - nothing is kept secret
        steps += [order[i : i + options.batch] for i in range(0, n_examples, options.batch)]
    return steps


def learning_rate_at(step: int, n_steps: int, options: TrainingOptions) -> float:
    """Return the rate of a step: up in the first twentieth, then down in a straight line to nothing."""
    warm_steps = max(n_steps // 20, 1)
    share = min((step + 1) / warm_steps, (n_steps - step) / max(n_steps - warm_steps, 1), 1.0)
    return options.learning_rate * share


def pages_of(examples: Sequence[TrainingExample]) -> list[int]:
    """Return the pages of a batch, each once: those of its questions, then their negatives."""
    own = [example.page for example in examples]
    negatives = [page for example in examples for page in example.negatives]
    return list(dict.fromkeys(own + negatives))
