"""`pagesight status`: how each collection is kept, and what its candidate index was measured to find."""

from __future__ import annotations

from typing import Any

from rich.table import Table

from api.cli.output import AsJson, console, print_json, services
from api.wiring import Services
from indexer.catalog.records import Collection


def status(as_json: AsJson = False) -> None:
    """Segments, copies, candidate indexes and measured recall of every collection."""
    wired = services()
    found = [_of(wired, collection) for collection in wired.stores.catalog.collections()]
    if as_json:
        print_json({"collections": found})
        return
    if not found:
        console.print("no collection yet: pagesight ingest PATH -c NAME")
        return
    table = Table(
        "collection", "pages", "vectors", "segments", "int8", "candidates", "recall@10", box=None
    )
    for one in found:
        recall = one["recall"]
        told = "-" if recall["mean"] is None else f"{recall['mean']:.3f} of {recall['n_sampled']}"
        counts = (one[name] for name in ("pages", "vectors", "segments", "int8_copies"))
        table.add_row(one["name"], *map(str, counts), str(one["candidate_indexes"]), told)
    console.print(table)


def _of(wired: Services, collection: Collection) -> dict[str, Any]:
    stores = wired.stores
    snapshot = stores.catalog.snapshot(collection.name)
    report = wired.searcher.recall(collection.name)
    return {
        "name": collection.name,
        "documents": len(snapshot.documents),
        "pages": sum(document.n_pages for document in snapshot.documents),
        "vectors": sum(segment.n_vectors for segment in snapshot.segments),
        "segments": len(snapshot.segments),
        "int8_copies": sum(stores.derived.int8(one) is not None for one in snapshot.segments),
        "candidate_indexes": sum(
            stores.derived.tokens(one) is not None for one in snapshot.segments
        ),
        "recall": {"mean": report.recall, "worst": report.worst, "n_sampled": report.n_sampled},
    }
