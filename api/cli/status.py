"""`pagesight status`: what is well and what is not, the queue, and how each collection is kept."""

from __future__ import annotations

from typing import Any

import typer
from rich.table import Table

from api.cli.output import FAILED, AsJson, console, count_of, load_services, print_json
from api.diagnostics.readiness import CheckBody, State, checks, worst
from api.diagnostics.service_status import collection_statuses, queue_status
from api.schemas.status import QueueStatus
from api.services.wiring import Services


def status(as_json: AsJson = False) -> None:
    """Check every part; show the job queue and the segments, indexes and recall of every collection.

    Exit code 1 when questions cannot be answered.
    """
    services = load_services()
    check_list = checks(services)
    queue = queue_status(services)
    collections = services.stores.catalog.collections.all()
    rows = [row.model_dump(mode="json") for row in collection_statuses(services, collections)]
    state = worst(check_list)
    if as_json:
        check_bodies = [check.model_dump(mode="json") for check in check_list]
        print_json(
            {
                "state": state,
                "checks": check_bodies,
                "jobs": queue.model_dump(mode="json"),
                "deleted": _deleted_body(services),
                "quarantine": _quarantine_body(services),
                "collections": rows,
            }
        )
    else:
        _print_checks(check_list, queue)
        _print_remains(services)
        _print_collections(rows)
    if state is State.FAILED:
        raise typer.Exit(FAILED)


def _deleted_body(services: Services) -> dict[str, Any]:
    """What was deleted and is still on the disk."""
    pending = services.reclaimer.pending()
    return {"files": pending.n_files, "bytes": pending.n_bytes, "segments": pending.n_segments}


def _quarantine_body(services: Services) -> dict[str, Any]:
    batches = services.stores.quarantine.batches()
    return {
        "batches": len(batches),
        "files": sum(batch.n_files for batch in batches),
        "bytes": sum(batch.n_bytes for batch in batches),
    }


def _print_remains(services: Services) -> None:
    remains, quarantine = _deleted_body(services), _quarantine_body(services)
    console.print()
    console.print(
        f"deleted and still on the disk: {count_of(remains['files'], 'file')}, "
        f"{remains['bytes'] / 1e6:.1f} MB; vectors in {count_of(remains['segments'], 'segment')}",
        soft_wrap=True,
    )
    console.print(
        f"in quarantine: {count_of(quarantine['files'], 'file')}, {quarantine['bytes'] / 1e6:.1f} MB",
        soft_wrap=True,
    )
    console.print()


def _print_checks(check_list: list[CheckBody], queue: QueueStatus) -> None:
    for check in check_list:
        line = f"{check.state:<9} {check.name:<10} {check.detail}"
        console.print(line, markup=False, soft_wrap=True)
    for owner in queue.workers:
        console.print(f"          at work: {owner}", markup=False, soft_wrap=True)


def _print_collections(rows: list[dict[str, Any]]) -> None:
    if not rows:
        console.print("no collection yet: pagesight ingest PATH -c NAME")
        return
    table = Table(
        *(
            "collection",
            "encoder",
            "languages",
            "pages",
            "vectors",
            "segments",
            "int8",
            "candidates",
        ),
        "recall@10",
        box=None,
    )
    for row in rows:
        recall = row["recall"]
        recall_text = (
            "-" if recall["mean"] is None else f"{recall['mean']:.3f} of {recall['n_sampled']}"
        )
        counts = (row[name] for name in ("pages", "vectors", "segments", "int8_copies"))
        languages = " ".join(row["languages"]) or "-"
        table.add_row(
            *(row["name"], row["encoder"], languages, *map(str, counts)),
            *(str(row["candidate_indexes"]), recall_text),
        )
    console.print(table)
    for row in rows:
        if n_older := row["documents_of_older_readers"]:
            console.print(
                f"{n_older} of {row['documents']} documents of {row['name']} were read by an older reader: "
                f"`pagesight reread -c {row['name']}` reads them anew",
                style="yellow",
                markup=False,
                soft_wrap=True,
            )
