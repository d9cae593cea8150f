"""The loss of ColPali against its formula, written out."""

from __future__ import annotations

import math

import pytest
import torch

from indexer.encoders.visual.training.loss import contrastive_loss, maxsim_scores


def test_scores_are_sums_of_the_best_products() -> None:
    drawn = torch.Generator().manual_seed(3)
    questions = [torch.randn(n, 8, generator=drawn) for n in (2, 5)]
    pages = [torch.randn(n, 8, generator=drawn) for n in (1, 4, 3)]
    scores = maxsim_scores(questions, pages)
    for i, question in enumerate(questions):
        for j, page in enumerate(pages):
            by_hand = sum(max(float(token @ vector) for vector in page) for token in question)
            assert float(scores[i, j]) == pytest.approx(by_hand, abs=1e-4)


def test_the_hardest_wrong_page_counts_and_right_ones_never() -> None:
    scores = torch.tensor([[3.0, 1.0, 2.0], [9.0, 4.0, 5.0]])
    wrong = torch.tensor([[False, True, True], [False, False, True]])
    loss = contrastive_loss(scores, torch.tensor([0, 1]), wrong)
    by_hand = (math.log(1 + math.exp(2 - 3)) + math.log(1 + math.exp(5 - 4))) / 2
    assert float(loss) == pytest.approx(by_hand, abs=1e-6)


def test_a_question_whose_pages_are_all_right_counts_nothing() -> None:
    scores = torch.tensor([[3.0, 1.0], [1.0, 2.0]])
    wrong = torch.tensor([[False, False], [True, False]])
    loss = contrastive_loss(scores, torch.tensor([0, 1]), wrong)
    assert float(loss) == pytest.approx(math.log(1 + math.exp(-1)), abs=1e-6)
    nothing = contrastive_loss(scores, torch.tensor([0, 1]), torch.zeros_like(wrong))
    assert float(nothing) == 0
