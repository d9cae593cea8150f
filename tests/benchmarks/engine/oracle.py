"""Does a search find what float32 finds? python -m tests.benchmarks.engine.oracle --help

At a target recall of 1 every real question must get the ten best pages of exact float32 MaxSim, with
its scores within 1e-3. Pages whose exact scores tie with the tenth count as equal.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from retriever.ranking import Ranker
from retriever.scoring.cpu import CpuScorer
from retriever.settings import RetrieverSettings
from tests.benchmarks.engine.client import ROOT
from tests.benchmarks.engine.corpus import read_pages, read_queries
from tests.benchmarks.engine.data import ensure_corpus
from tests.benchmarks.engine.ours import Ours
from tests.benchmarks.engine.truth import TIE, Truth, exact

K = 10
SCORE_TOLERANCE = 1e-3


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="tests.benchmarks.engine.oracle", description=__doc__)
    parser.add_argument("--pages", type=int, default=3_000)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--cache", type=Path, default=ROOT / "build" / "bench")
    given = parser.parse_args(words)
    corpus = ensure_corpus(given.cache, given.pages)
    chosen = range(min(given.queries, len(read_queries(corpus).vectors)))
    truth = exact(corpus, given.pages, chosen, len(os.sched_getaffinity(0)))
    with tempfile.TemporaryDirectory() as folder:
        wrong, worst = _compare(corpus, given.pages, chosen, truth, Path(folder))
    print(
        f"{len(chosen)} questions, {given.pages} pages: {wrong} with other pages than float32, "
        f"scores at most {worst:.1e} apart"
    )
    return 1 if wrong or worst > SCORE_TOLERANCE else 0


def _compare(
    corpus: Path, n_pages: int, chosen: Sequence[int], truth: Truth, folder: Path
) -> tuple[int, float]:
    """How many questions got other pages, and the largest difference of a score."""
    pages = read_pages(corpus, n_pages)
    queries = read_queries(corpus).vectors
    engine = Ours()
    engine.build(pages, folder)
    engine.open(pages, folder)
    ranker = Ranker(
        CpuScorer(len(os.sched_getaffinity(0))),
        RetrieverSettings(target_recall=1.0, recall_sampling=0),
    )
    wrong, worst = 0, 0.0
    for number in chosen:
        (ranking,) = ranker.rank([queries[number]], [engine.target], K)
        scores = truth.scores(number)
        found = [page.page_id - 1 for page in ranking.pages]
        least = np.partition(scores, -K)[-K]
        wrong += len(set(found)) != K or any(scores[page] < least - TIE for page in found)
        worst = max(
            worst, *(abs(page.score - float(scores[page.page_id - 1])) for page in ranking.pages)
        )
    return wrong, worst


if __name__ == "__main__":
    sys.exit(main())
