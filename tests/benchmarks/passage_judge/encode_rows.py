"""Encodes documents and questions of question-answering sets, those with many questions first.

Contexts become passages as the product cuts pages: a sentence or a row of a table each.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from generator.passages.splitting.sentences import sentences
from indexer.encoders.lite.encoder import LiteEncoder
from tests.benchmarks.passage_judge.groups import AskedQuestion, Group, below_heading, encode

# Parts of all vectors. Left out are sources whose repository says nothing of a licence, and made questions.
SHARES = {
    "squad": 0.40, "shifts-wiki": 0.22, "fairytale": 0.15, "tatqa": 0.07, "gri": 0.05, "aitqa": 0.03,
    "wtq": 0.05, "covidqa": 0.03,
}  # fmt: skip
_CONTEXTS, _QUESTIONS = 12, 8  # of a group, and about each of its contexts
_TITLED = 0.5  # of the documents of prose have their title above each passage
_MAX_CHARACTERS = 400

Row = dict[str, Any]
Context = tuple[tuple[str, str], list[Row]]  # kind and text, and the questions about it


def main() -> None:
    parser = argparse.ArgumentParser(description="Encode rows of question-answering sets.")
    parser.add_argument("rows", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=float, default=60)
    arguments = parser.parse_args()
    dice = random.Random(3)
    queues = _queues(arguments.rows, dice)
    encoder = LiteEncoder(runtime="onnx", device="cpu")
    n_vectors = dict.fromkeys(queues, 1)
    groups: list[Group] = []
    end = time.monotonic() + 60 * arguments.minutes
    while any(queues.values()) and time.monotonic() < end:
        source = min(filter(queues.get, queues), key=lambda name: n_vectors[name] / SHARES[name])
        group = _group(source, queues[source].pop(), encoder, dice)
        if group is not None:
            groups.append(group)
            n_vectors[source] += sum(map(len, group["vectors"]))
    torch.save(groups, arguments.out)
    print(f"{sum(len(group['questions']) for group in groups)} questions, {n_vectors}")


def _queues(file: Path, dice: random.Random) -> dict[str, list[list[Context]]]:
    """Return some contexts of one document at a time, by source; what has most questions is last."""
    documents: dict[str, dict[str, dict[tuple[str, str], list[Row]]]] = {}
    with gzip.open(file, "rt") as lines:
        for row in map(json.loads, lines):
            if row["source"] in SHARES:
                own = documents.setdefault(row["source"], {}).setdefault(row["doc"], {})
                own.setdefault((row["kind"], row["context"]), []).append(row)
    queues = {}
    for source, of_source in documents.items():
        parts: list[list[Context]] = []
        for contexts in of_source.values():
            ordered = sorted(contexts.items(), key=lambda context: -len(context[1]))
            parts += [ordered[at : at + _CONTEXTS] for at in range(0, len(ordered), _CONTEXTS)]
        dice.shuffle(parts)
        parts.sort(key=lambda part: sum(len(rows) for _, rows in part))
        queues[source] = parts
    return queues


def _group(
    source: str, contexts: list[Context], encoder: LiteEncoder, dice: random.Random
) -> Group | None:
    document = contexts[0][1][0]["doc"].partition("/")[2]
    title = re.sub(r"[_-]", " ", document) if dice.random() < _TITLED else ""
    texts: list[str] = []
    whole_texts: list[str] = []
    questions: list[AskedQuestion] = []
    for (kind, context), rows in contexts:
        heading, cut = title, list(_sentences_of(context))
        if kind != "prose":
            cut = list(_lines_of(context))
            has_heads = len(cut) > 1 and ": " not in cut[0][1]
            heading, cut = (cut[0][1], cut[1:]) if has_heads else ("", cut)
        base = len(texts)
        texts += [text[:_MAX_CHARACTERS] for _, text in cut]
        whole_texts += [below_heading(heading, text[:_MAX_CHARACTERS]) for _, text in cut]
        for row in dice.sample(rows, min(len(rows), _QUESTIONS)):
            starts = [answer["start"] for answer in row["answers"]]
            right = [
                base + i for i, (at, text) in enumerate(cut)
                if any(at <= start < at + len(text) for start in starts)
            ]  # fmt: skip
            if right or not row["answerable"]:
                questions.append(
                    {
                        "question": row["question"],
                        "vectors": torch.empty(0),
                        "right": right,
                        "wrong": [],
                        "answers": [answer["text"] for answer in row["answers"]],
                    }
                )
    if not texts or not questions:
        return None
    vectors = encode(encoder, [question["question"] for question in questions])
    for question, own_vectors in zip(questions, vectors, strict=True):
        question["vectors"] = own_vectors
    return {
        "source": source,
        "texts": texts,
        "vectors": encode(encoder, whole_texts),
        "questions": questions,
    }


def _sentences_of(context: str) -> Iterator[tuple[int, str]]:
    words = list(re.finditer(r"\S+", context))
    for start, stop in sentences([word[0] for word in words], 0, len(words)):
        first = words[start].start()
        yield first, context[first : words[stop - 1].end()]


def _lines_of(context: str) -> Iterator[tuple[int, str]]:
    at = 0
    for line in context.split("\n"):
        if line:
            yield at, line
        at += len(line) + 1


if __name__ == "__main__":
    main()
