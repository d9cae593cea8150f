"""Makes training lists: one question, a passage that answers it or none, and others that compete with it.

What competes are passages of the same document that share the most words with the question or are nearest to
it as a whole, now and then any, and one of another document.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import normalize

from generator.passages.questions.terms import terms_of
from indexer.base.language.stop_words import STOP_WORDS
from tests.benchmarks.passage_judge.encode_pairs import SOURCE as PAIRS
from tests.benchmarks.passage_judge.groups import AskedQuestion, Group
from tests.benchmarks.passage_judge.network import Pair, pair_of

# Parts of the mix, by source.
SHARES = {
    "squad": 0.40, "shifts-wiki": 0.22, "fairytale": 0.14, "tatqa": 0.06, "gri": 0.05, "aitqa": 0.03,
    "wtq": 0.04, "covidqa": 0.04, PAIRS: 0.30,
}  # fmt: skip
_NONE = 0.2  # of the answerable questions lose the passage that answers them
_UNANSWERABLE = 0.4  # of the questions without an answer are asked, all of the pairs
# What shares no words with its question is what strength cannot tell: it is asked more often.
_LEAST_CHANCE = 0.3
_NEAREST = 15
_MIN_WORDS = 3


class PassageList(NamedTuple):
    """A question with passages that compete; the first answers it if `has_right`, no other does."""

    pairs: list[Pair]
    has_right: bool


class _Competition(NamedTuple):
    group: Group
    question: AskedQuestion
    nearest: list[int]
    most_words: list[int]
    others: list[int]
    cover: float


class ListMaker:
    """Makes lists without end."""

    def __init__(self, groups: Sequence[Group], dice: random.Random) -> None:
        self._groups, self._dice = groups, dice
        self._by_source: dict[str, list[_Competition]] = {}
        for group in groups:
            self._by_source.setdefault(group["source"], []).extend(_competitions(group))

    def lists(self, n_passages: int) -> Iterator[PassageList]:
        names = list(self._by_source)
        shares = [SHARES[name] for name in names]
        while True:
            (name,) = self._dice.choices(names, shares)
            competition = self._dice.choice(self._by_source[name])
            chance = max(1 - competition.cover, _LEAST_CHANCE)
            if not competition.question["right"]:
                chance = _UNANSWERABLE
            if name == PAIRS or self._dice.random() < chance:
                yield self._list(competition, n_passages)

    def _list(self, competition: _Competition, n_passages: int) -> PassageList:
        group, question = competition.group, competition.question
        has_right = bool(question["right"]) and self._dice.random() > _NONE
        places = [self._dice.choice(question["right"])] if has_right else []
        pools = (competition.nearest, competition.most_words, competition.others)
        for _ in range(10 * n_passages):
            if len(places) == n_passages - 1:
                break
            (pool,) = self._dice.choices(pools, (0.45, 0.45, 0.1))
            place = pool[int(self._dice.random() ** 2 * len(pool))]
            if place not in places:
                places.append(place)
        passages = [(group["texts"][i], group["vectors"][i]) for i in places]
        other = self._dice.choice(self._groups)
        if other is not group:
            i = self._dice.randrange(len(other["texts"]))
            passages.append((other["texts"][i], other["vectors"][i]))
        text, asked = question["question"], question["vectors"]
        return PassageList([pair_of(text, asked, *passage) for passage in passages], has_right)


def _competitions(group: Group) -> Iterator[_Competition]:
    texts = [text.lower() for text in group["texts"]]
    terms = [terms_of(text) for text in group["texts"]]
    means = torch.stack([_direction(vectors) for vectors in group["vectors"]])
    for question in group["questions"]:
        asked = terms_of(question["question"]) - STOP_WORDS
        covers = [len(asked & own) / max(len(asked), 1) for own in terms]
        similarity = (means @ _direction(question["vectors"])).tolist()
        answers = [
            re.compile(rf"(?<!\w){re.escape(answer.lower())}(?!\w)")
            for answer in question["answers"]
        ]
        others = [
            i for i, text in enumerate(texts)
            if i not in question["right"] and len(text.split()) >= _MIN_WORDS
            and not any(answer.search(text) for answer in answers)
        ]  # fmt: skip
        if len(others) >= _MIN_WORDS:
            nearest = sorted(others, key=lambda i: -similarity[i])
            yield _Competition(
                group,
                question,
                (3 * question["wrong"] + nearest)[:_NEAREST],
                sorted(others, key=lambda i: -covers[i] - 0.1 * similarity[i])[:_NEAREST],
                others,
                max((covers[i] for i in question["right"]), default=0.0),
            )


def _direction(vectors: Tensor) -> Tensor:
    return normalize(vectors.float().mean(0), dim=0)
