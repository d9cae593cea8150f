"""Draws the next token of each row by its own temperature and nucleus. B rows, V words of the vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from generator.backends.messages import Sampling

if TYPE_CHECKING:
    from torch import Tensor


def draw(logits: Tensor, samplings: Sequence[Sampling]) -> list[int]:
    """Return a token for each row of logits (B, V): the likeliest at temperature 0."""
    import torch

    tokens: list[int] = logits.argmax(dim=-1).tolist()
    for row, sampling in enumerate(samplings):
        if sampling.temperature > 0:
            chances = torch.softmax(_nucleus(logits[row].float(), sampling), dim=-1)
            tokens[row] = int(torch.multinomial(chances, 1))
    return tokens


def _nucleus(scores: Tensor, sampling: Sampling) -> Tensor:
    """Return tempered scores (V,), -inf outside of the nucleus."""
    from transformers import TopPLogitsWarper

    tempered_row = (scores / sampling.temperature)[None]
    nucleus: Tensor = TopPLogitsWarper(sampling.top_p)(None, tempered_row)[0]
    return nucleus
