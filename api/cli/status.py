"""`pagesight status`: what is well and what is not, the queue, and how each collection is kept."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import typer
from rich.table import Table

from api.cli.output import FAILED, AsJson, console, print_json, services
from api.diagnostics.readiness import CheckBody, State, checks, worst
from api.services.wiring import Services
from indexer.catalog.job_records import QueueLoad
from indexer.catalog.records import Collection


def status(as_json: AsJson = False) -> None:
    """Checks of every part, the job queue, and the segments, indexes and recall of every collection.

    Ends with 1 when questions cannot be answered.
    """
    wired = services()
    looked = checks(wired)
    load = wired.queue.load()
    found = [_of(wired, collection) for collection in wired.stores.catalog.collections()]
    state = worst(looked)
    if as_json:
        told = [one.model_dump(mode="json") for one in looked]
        print_json({"state": state, "checks": told, "jobs": asdict(load), "collections": found})
    else:
        _print(looked, load, found)
    if state is State.FAILED:
        raise typer.Exit(FAILED)


def _print(looked: list[CheckBody], load: QueueLoad, found: list[dict[str, Any]]) -> None:
    for check in looked:
        line = f"{check.state:<9} {check.name:<10} {check.detail}"
        console.print(line, markup=False, soft_wrap=True)
    for owner in load.workers:
        console.print(f"          at work: {owner}", markup=False, soft_wrap=True)
    console.print()
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
