"""`pagesight quarantine ...`: what was moved aside as garbage or damage."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.text import Text

from api.cli.output import AsJson, console, load_services, print_json, table_of
from indexer.storage.quarantine import QuarantineBatch

quarantine = typer.Typer(
    help="List, restore and purge what was moved aside as garbage or damage.", no_args_is_help=True
)

BatchId = Annotated[str, typer.Argument(help="Id of the batch.")]


@quarantine.command("list")
def list_batches(as_json: AsJson = False) -> None:
    """List what is in quarantine, the oldest first, and when it is removed."""
    services = load_services()
    batches = services.stores.quarantine.batches()
    days = services.settings.quarantine_days
    if as_json:
        print_json({"batches": [_body(batch, days) for batch in batches]})
        return
    table = table_of("id", "moved at", "files", "MB", "removed at", "reason")
    for batch in batches:
        removed_at = _removed_at(batch, days)
        table.add_row(
            batch.id,
            f"{batch.moved_at:%Y-%m-%d %H:%M}",
            str(batch.n_files),
            f"{batch.n_bytes / 1e6:.1f}",
            "by hand" if removed_at is None else f"{removed_at:%Y-%m-%d %H:%M}",
            Text(batch.reason),
        )
    console.print(table if batches else "nothing is in quarantine")


@quarantine.command("restore")
def restore_batch(batch_id: BatchId, as_json: AsJson = False) -> None:
    """Put files back where they were; those that stand there again stay in quarantine."""
    stores = load_services().stores
    with stores.folder.writing():
        n_restored = stores.quarantine.restore(stores.quarantine.batch(batch_id))
    if as_json:
        print_json({"restored": n_restored})
    else:
        console.print(
            f"restored {n_restored} files and folders; `pagesight verify` says what they are"
        )


@quarantine.command("purge")
def purge_batches(
    batch_id: Annotated[str | None, typer.Argument(help="Id of one batch.")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="All of it, however lately it was moved.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Remove one batch for good, or all, or without either those that are old enough."""
    services = load_services()
    store = services.stores.quarantine
    if batch_id is not None:
        batches = [store.batch(batch_id)]
    else:
        limit = datetime.now(UTC) - timedelta(days=services.settings.quarantine_days)
        batches = [batch for batch in store.batches() if everything or batch.moved_at < limit]
    for batch in batches:
        store.purge(batch)
    n_bytes = sum(batch.n_bytes for batch in batches)
    if as_json:
        print_json({"purged": [batch.id for batch in batches], "bytes": n_bytes})
    else:
        console.print(f"removed {len(batches)} batches, {n_bytes / 1e6:.1f} MB")


def _removed_at(batch: QuarantineBatch, days: float) -> datetime | None:
    return batch.moved_at + timedelta(days=days) if days else None


def _body(batch: QuarantineBatch, days: float) -> dict[str, object]:
    removed_at = _removed_at(batch, days)
    return {
        "id": batch.id,
        "moved_at": batch.moved_at.isoformat(),
        "removed_at": removed_at and removed_at.isoformat(),
        "files": batch.n_files,
        "bytes": batch.n_bytes,
        "reason": batch.reason,
        "paths": list(batch.paths),
    }
