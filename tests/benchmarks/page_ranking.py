"""nDCG@5 of searches, by document.

    python -m tests.benchmarks.page_ranking QUESTIONS PDF_FOLDER DATA_DIR [NAME ...]

Indexes the PDFs (those of these names, if any are given) with the encoder of the settings, unless that was
done in DATA_DIR before, and searches for each question that has right pages: among all pages, and among those
of its own document. No OCR and no layout model: what differs between two encoders is the encoder.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np

from api.base.settings import load_settings
from api.diagnostics.evaluation.ranking_quality import ndcg
from api.services.wiring import Services, wire
from indexer.base.errors import CollectionNotFound
from indexer.inputs.sources import Source
from retriever.query.filters import SearchFilter

_COLLECTION, _K = "pages", 5


def ranking(
    services: Services, question: str, search_filter: SearchFilter
) -> list[tuple[str, int]]:
    """Return the best pages: (name of the document, page number)."""
    result = services.searcher.search(question, [_COLLECTION], _K, search_filter)
    return [(hit.document.name, hit.page.page_number) for hit in result.hits]


def main(questions: Path, folder: Path, data_dir: Path, names: list[str]) -> None:
    changes = {"data_dir": data_dir, "ocr": "never", "layout": "never", "reserve_bytes": 0}
    services = wire(load_settings().model_copy(update=changes))
    try:
        services.stores.catalog.collections.get(_COLLECTION)
    except CollectionNotFound:
        collection = services.create_collection(_COLLECTION)
        for path in [folder / name for name in names] or sorted(folder.glob("*.pdf")):
            outcome = services.pipeline.ingest(collection, Source(path, path.name))
            print(path.name, outcome.verdict, flush=True)
    scores: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for line in questions.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        name = row["document"]
        if not row["evidence_pages"] or (names and name not in names):
            continue
        gold = {(name, number) for number in row["evidence_pages"]}
        both = [
            ndcg(ranking(services, row["question"], search_filter), gold, _K)
            for search_filter in (SearchFilter(), SearchFilter(documents=(name,)))
        ]
        scores[name].append((both[0], both[1]))
    everything = [pair for pairs in scores.values() for pair in pairs]
    for name, pairs in {**scores, "all": everything}.items():
        among_all, within = np.mean(pairs, axis=0)
        print(f"{name:<64} n {len(pairs):>3}  all pages {among_all:.3f}  own document {within:.3f}")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]), sys.argv[4:])
