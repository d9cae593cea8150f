"""Makes training pages: one question, the passage that answers it, and others that compete with it.

The rows of the data become passages as the product cuts pages: a sentence or a row of a table each. What
competes are passages of the same document that share the most words with the question, as they do when the
product's ranking chooses what is read, and now and then any.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from generator.passages.questions.terms import terms_of
from generator.passages.splitting.sentences import sentences
from indexer.base.language.stop_words import STOP_WORDS
from tests.benchmarks.answer_reader.made_forms import made_form

# Parts of the mix, by source. Left out are sources whose repository says nothing of a licence.
SHARES = {
    "squad": 0.2, "shifts-wiki": 0.14, "fairytale": 0.06, "covidqa": 0.05, "qamr": 0.06,
    "tatqa": 0.10, "aitqa": 0.05, "gri": 0.09, "wtq": 0.07, "fetaqa": 0.01, "made": 0.10, "form": 0.12,
}  # fmt: skip
_NOWHERE = 0.15  # of the answerable questions lose the passage that answers them
_ANY = 0.25  # of the places are for passages that share nothing in particular
_MAX_POOL = 80
_MAX_CONTEXTS = 12


class MadePassage(NamedTuple):
    """A passage as the reader sees it."""

    heading: str
    before: str
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class MadePage:
    """Passages that compete for one question.

    right   the one that answers; None where none does
    span    characters of the answer in it
    covers  of each passage, the share of the question's words in it
    """

    question: str
    passages: list[MadePassage]
    right: int | None
    span: tuple[int, int]
    covers: list[float]


class PageMaker:
    """Reads the rows of `file` and makes pages of them without end."""

    def __init__(self, file: Path, dice: random.Random) -> None:
        self._dice = dice
        self._rows: dict[str, list[dict[str, Any]]] = {
            name: [] for name in SHARES if name != "form"
        }
        self._contexts: dict[str, list[tuple[str, str]]] = {}  # of a document: kind and text
        self._passages: dict[str, list[tuple[int, MadePassage]]] = {}
        seen = set()
        with gzip.open(file, "rt") as lines:
            for row in map(json.loads, lines):
                source = row["source"].removesuffix("-neg")
                name = "made" if source.startswith("made-") else source
                if name not in self._rows or row["source"].endswith("-neg"):
                    continue
                row["page"] = row["doc"].removeprefix("made-")
                self._rows[name].append(row)
                if (row["page"], row["context"]) not in seen:
                    seen.add((row["page"], row["context"]))
                    self._contexts.setdefault(row["page"], []).append((row["kind"], row["context"]))
        self._documents = list(self._contexts)

    def pages(self, n_passages: int) -> Iterator[MadePage]:
        names = list(SHARES)
        weights = list(SHARES.values())
        while True:
            (name,) = self._dice.choices(names, weights)
            page = (
                self._form(n_passages)
                if name == "form"
                else self._page(self._dice.choice(self._rows[name]), n_passages)
            )
            if page is not None:
                yield page

    def _form(self, n_passages: int) -> MadePage:
        form = made_form(self._dice)
        own = [MadePassage(form.heading, "", line) for line in form.lines]
        answer = own.pop(form.right)
        others = own + self._of_other_document(n_passages)
        return self._mixed(form.question, answer, form.span, others, n_passages)

    def _page(self, row: dict[str, Any], n_passages: int) -> MadePage | None:
        own = list(self._cut(row["kind"], row["context"]))
        right, span = None, (0, 0)
        if row["answerable"]:
            start, text = row["answers"][0]["start"], row["answers"][0]["text"]
            for at, passage in own:
                if at <= start < at + len(passage.text):
                    right = passage
                    span = (start - at, min(start - at + len(text), len(passage.text)))
            if right is None:
                return None
        others = [passage for _, passage in own if passage is not right]
        others += self._elsewhere_in_document(row) + self._of_other_document(n_passages)
        return self._mixed(row["question"], right, span, others, n_passages)

    def _elsewhere_in_document(self, row: dict[str, Any]) -> list[MadePassage]:
        """Return passages of the document's other contexts, less those that may answer, too."""
        answers = [_whole_words(answer["text"]) for answer in row["answers"]]
        contexts = [c for c in self._contexts[row["page"]] if c[1] != row["context"]]
        sample = self._dice.sample(contexts, min(len(contexts), _MAX_CONTEXTS))
        passages = [p for kind, context in sample for _, p in self._cut(kind, context)]
        return [p for p in passages if not any(answer.search(p.text) for answer in answers)]

    def _of_other_document(self, n: int) -> list[MadePassage]:
        (kind, context) = self._dice.choice(self._contexts[self._dice.choice(self._documents)])
        return [p for _, p in self._cut(kind, context)][:n]

    def _mixed(
        self,
        question: str,
        answer: MadePassage | None,
        span: tuple[int, int],
        others: list[MadePassage],
        n_passages: int,
    ) -> MadePage:
        if self._dice.random() < _NOWHERE:
            answer = None
        asked = terms_of(question)
        others = list({p.text: p for p in others}.values())
        if len(others) > _MAX_POOL:
            others = self._dice.sample(others, _MAX_POOL)
        terms = [terms_of(f"{p.heading} {p.text}") for p in others]
        n_with = {term: 1 + sum(term in t for t in terms) for term in asked}
        weights = [sum(1 / n_with[term] ** 0.5 for term in asked & t) for t in terms]
        order = sorted(range(len(others)), key=lambda i: -weights[i])
        n_others = n_passages - (answer is not None)
        n_any = sum(self._dice.random() < _ANY for _ in range(n_others))
        chosen = order[: n_others - n_any]
        rest = order[n_others - n_any :]
        chosen += self._dice.sample(rest, min(n_any, len(rest)))
        passages = [others[i] for i in chosen] + ([answer] if answer is not None else [])
        right = len(passages) - 1 if answer is not None else None
        return MadePage(question, passages, right, span, [_cover(asked, p) for p in passages])

    def _cut(self, kind: str, context: str) -> Iterator[tuple[int, MadePassage]]:
        """Yield the passages of a context, each with the character it starts at."""
        if context not in self._passages:
            cut = _sentences_of if kind == "prose" else _rows_of
            self._passages[context] = list(cut(context))
        yield from self._passages[context]


def _cover(asked: frozenset[str], passage: MadePassage) -> float:
    asked = asked - STOP_WORDS
    around = terms_of(f"{passage.heading} {passage.text}")
    return len(asked & around) / max(len(asked), 1)


def _whole_words(text: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(text)}(?!\w)", re.IGNORECASE)


def _sentences_of(context: str) -> Iterator[tuple[int, MadePassage]]:
    words = list(re.finditer(r"\S+", context))
    before = ""
    for start, stop in sentences([word[0] for word in words], 0, len(words)):
        first = words[start].start()
        text = context[first : words[stop - 1].end()]
        yield first, MadePassage("", before, text)
        before = text


def _rows_of(context: str) -> Iterator[tuple[int, MadePassage]]:
    at = 0
    title = ""
    for line in context.split("\n"):
        if at == 0 and ": " not in line and "\n" in context:
            title = line  # or the heads of all columns
        elif line:
            yield at, MadePassage(title, "", line)
        at += len(line) + 1
