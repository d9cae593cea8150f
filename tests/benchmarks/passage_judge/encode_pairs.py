"""Encodes pairs of a question and a passage, of which it is known whether the one answers the other."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch

from indexer.encoders.lite.encoder import LiteEncoder
from tests.benchmarks.passage_judge.groups import AskedQuestion, Group, below_heading, encode

SOURCE = "pairs"


def main() -> None:
    parser = argparse.ArgumentParser(description="Encode pairs of a question and a passage.")
    parser.add_argument("pairs", type=Path, nargs="+")
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    pairs = [json.loads(line) for file in arguments.pairs for line in file.open()]
    places: dict[tuple[str, str], int] = {}
    for pair in pairs:
        places.setdefault((pair["heading"], pair["passage"]), len(places))
    encoder = LiteEncoder(runtime="onnx", device="cpu")
    texts = list(dict.fromkeys(pair["question"] for pair in pairs))
    questions: dict[str, AskedQuestion] = {
        text: {"question": text, "vectors": vectors, "right": [], "wrong": [], "answers": []}
        for text, vectors in zip(texts, encode(encoder, texts), strict=True)
    }
    for pair in pairs:
        place = places[pair["heading"], pair["passage"]]
        questions[pair["question"]]["right" if pair["answers"] else "wrong"].append(place)
    group: Group = {
        "source": SOURCE,
        "texts": [text for _, text in places],
        "vectors": encode(encoder, [below_heading(*place) for place in places]),
        "questions": list(questions.values()),
    }
    torch.save([group], arguments.out)


if __name__ == "__main__":
    main()
