"""The judge: each piece of a question is compared with what it is nearest to in the passage, and the reverse.

Dimension key: B pairs, Q vectors of a question, P of a passage, D dim of vectors (128), C compared, H hidden.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize
from torch.nn.utils.rnn import pad_sequence

from tests.benchmarks.passage_judge.groups import MAX_PIECES

_DIM, _COMPARED, _HIDDEN, _LAST = 128, 96, 64, 64
_LOST = 0.1  # of the pieces while it is trained
_ALIKE = 0.85
_NEVER = -1e4
# What a question asks for, first come first served, and what a passage has: the vectors leave out words such
# as "who" and tell one figure from another badly.
_ASKED = (
    r"\bwho\b|\bwhose\b|\bwhom\b",
    r"\bwhen\b|what time|what date|what day",
    r"\bwhere\b",
    r"how (many|much)|what (amount|price|cost)",
    r"how (long|old|far|often|soon|fast|big|large|tall|high)",
    r"\bwhy\b",
    r"^(is|are|do|does|did|can|could|will|would|may|must|should|has|have|was|were|am)\b",
    r"\bhow\b",
    r"\bwhat\b|\bwhich\b",
)
_DAYS = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
_MONTHS = "january|february|march|april|june|july|august|september|october|november|december"
_HAS = (
    r"\d",
    r"[$£€%]",
    rf"(?i)\b({_MONTHS}|{_DAYS}|am|pm|o'clock|\d{{4}}|\d{{1,2}}[:.]\d\d)\b",
    r"(?<=[a-z,] )[A-Z][a-z]+",
    r"(?i)\b(day|days|week|weeks|month|months|year|years|hour|hours|minutes|km|m|kg|miles)\b",
    r":",
)


class Pair(NamedTuple):
    """A question and a passage: vectors (Q, D) and (P, D), and marks of both (M,)."""

    asked: Tensor
    passage: Tensor
    marks: list[float]


def pair_of(question: str, asked: Tensor, text: str, passage: Tensor) -> Pair:
    lower = question.lower()
    first = next((i for i, pattern in enumerate(_ASKED) if re.search(pattern, lower)), None)
    marks = [float(i == first) for i in range(len(_ASKED))]
    marks += [float(re.search(pattern, text) is not None) for pattern in _HAS]
    return Pair(asked.float(), passage.float(), marks)


class Judge(nn.Module):
    """`dropout` is of pieces' features and of the last layer's."""

    def __init__(self, dropout: float = 0.2) -> None:
        super().__init__()
        self.project = nn.Linear(_DIM, _COMPARED)
        self.sharpness = nn.Parameter(torch.tensor(12.0))
        self.of_question = nn.Linear(4 * _COMPARED, _HIDDEN)
        self.of_passage = nn.Linear(4 * _COMPARED, _HIDDEN)
        n_marks, n_figures = len(_ASKED) + len(_HAS), 8
        self.join = nn.Linear(4 * _HIDDEN + 2 * _DIM + n_figures + n_marks, _LAST)
        self.odds = nn.Linear(_LAST, 1)
        # It starts as a similarity of the whole texts and of their pieces.
        self.gains = nn.Parameter(torch.tensor([6.0, 2.0, 2.0]))
        self.bias = nn.Parameter(torch.tensor(-4.0))
        self.dropout = nn.Dropout(dropout)
        nn.init.orthogonal_(self.project.weight)
        nn.init.normal_(self.odds.weight, std=0.02)

    def forward(self, pairs: Sequence[Pair]) -> Tensor:
        """Return the log odds (B,) that the passage of each pair answers its question."""
        q, in_q = self._padded([pair.asked for pair in pairs])
        p, in_p = self._padded([pair.passage for pair in pairs])
        similarity = q @ p.transpose(1, 2)
        nearest = similarity.masked_fill(~in_p[:, None], -1).amax(2)
        nearest_q = similarity.masked_fill(~in_q[:, :, None], -1).amax(1)
        mean_q, mean_p = (normalize(_mean(x, m), dim=1) for x, m in ((q, in_q), (p, in_p)))
        cosine = (mean_q * mean_p).sum(1)
        mean_nearest = _mean(nearest[..., None], in_q)[:, 0]
        least = nearest.masked_fill(~in_q, 1).amin(1)
        ends = q[:, 0] * p[:, 0]
        figures = [
            cosine, mean_nearest, least, _mean(nearest_q[..., None], in_p)[:, 0], ends.sum(1),
            in_q.sum(1) / 16, in_p.sum(1) / MAX_PIECES,
            _mean((nearest > _ALIKE).float()[..., None], in_q)[:, 0],
        ]  # fmt: skip
        features = torch.cat(
            [
                *self._compared(q, in_q, p, in_p, similarity),
                8 * mean_q * mean_p,
                8 * ends,
                torch.stack(figures, 1),
                torch.tensor([pair.marks for pair in pairs]),
            ],
            1,
        )
        odds: Tensor = self.odds(self.dropout(torch.relu(self.join(features))))[:, 0]
        return odds + torch.stack([cosine, mean_nearest, least], 1) @ self.gains + self.bias

    def _compared(
        self, q: Tensor, in_q: Tensor, p: Tensor, in_p: Tensor, similarity: Tensor
    ) -> list[Tensor]:
        """Return for each text (B, 2 H): what its pieces and what they attend to make of each other."""
        a, b = self.dropout(self.project(q)), self.dropout(self.project(p))
        attention = a @ b.transpose(1, 2) / math.sqrt(_COMPARED) + self.sharpness * similarity
        of_q = attention.masked_fill(~in_p[:, None], _NEVER).softmax(2) @ b
        of_p = attention.masked_fill(~in_q[:, :, None], _NEVER).softmax(1).transpose(1, 2) @ a
        pooled = []
        for layer, own, other, mask in (
            (self.of_question, a, of_q, in_q),
            (self.of_passage, b, of_p, in_p),
        ):
            states = torch.relu(layer(torch.cat([own, other, own * other, own - other], 2)))
            states = states * mask[..., None]
            pooled += [_mean(states, mask), states.amax(1)]
        return pooled

    def _padded(self, vectors: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        """Return vectors (B, longest, D), and which of them are (B, longest); in training some are lost."""
        padded = pad_sequence(list(vectors), batch_first=True)
        lengths = torch.tensor([*map(len, vectors)])
        places = torch.arange(padded.shape[1])
        mask = places < lengths[:, None]
        if self.training:
            mask &= (torch.rand(mask.shape) > _LOST) | (places == 0)
        return padded, mask


def _mean(x: Tensor, mask: Tensor) -> Tensor:
    return (x * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
