"""What the judge is trained on: passages of one document and questions about them, with their vectors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

import torch
from torch import Tensor

from indexer.encoders.lite.encoder import LiteEncoder

MAX_PIECES = 48
_BATCH = 64


class AskedQuestion(TypedDict):
    """A question.

    right    places of the passages that answer it; none where nothing does
    wrong    places of passages that are known not to answer it
    answers  texts that no other passage may hold, or it may answer, too
    """

    question: str
    vectors: Tensor
    right: list[int]
    wrong: list[int]
    answers: list[str]


class Group(TypedDict):
    """Passages without what stands above them; vectors (P, D) float16 of both together."""

    source: str
    texts: list[str]
    vectors: list[Tensor]
    questions: list[AskedQuestion]


def encode(encoder: LiteEncoder, texts: Sequence[str]) -> list[Tensor]:
    """Return the vectors of texts, at most MAX_PIECES of each, in their order."""
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    vectors = [torch.empty(0)] * len(texts)
    for at in range(0, len(order), _BATCH):
        places = order[at : at + _BATCH]
        embeddings = encoder.encode_queries([texts[i] for i in places])
        for i, embedding in zip(places, embeddings, strict=True):
            vectors[i] = torch.tensor(embedding.vectors[:MAX_PIECES]).half()
    return vectors


def below_heading(heading: str, text: str) -> str:
    return f"{heading}. {text}" if heading else text


def load_groups(file: Path) -> list[Group]:
    groups: list[Group] = torch.load(file, weights_only=True)
    return groups
