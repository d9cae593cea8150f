"""`pagesight move`: everything that is stored goes to a bucket, or back to the data folder."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.progress import Progress

from api.base.errors import InvalidSettings
from api.base.settings import Settings, load_settings
from api.cli.output import FAILED, OK, AsJson, console, count_of, print_json, to_stderr
from api.services.places import bucket_folder
from api.services.wiring import wire
from indexer.catalog.database import Database
from indexer.maintenance.moving import Mover
from indexer.storage.durable import DurableFolder

_FOLDER = "folder"


def move(
    to: Annotated[
        str, typer.Option("--to", help="`s3://bucket/prefix`, or `folder`: the data folder.")
    ],
    as_json: AsJson = False,
) -> None:
    """Move originals, page images and vectors of all collections, while they are searched.

    What broke off goes on when it is run again. The old files stay. Exit code 1 when files are damaged.
    """
    settings = load_settings()
    services = wire(settings)
    target = _target(settings, to, services.database)
    with Progress(console=to_stderr, transient=True) as progress:
        bar = progress.add_task("files", total=None)
        result = Mover(services.stores, services.database).move(
            target,
            to,
            lambda n_done, n_files: progress.update(bar, completed=n_done, total=n_files),
        )
    if as_json:
        print_json({"to": to, **asdict(result)})
    else:
        for message in result.damaged_files:
            console.print(f"not moved  {message}", style="red", markup=False, soft_wrap=True)
        console.print(
            f"{count_of(result.n_files, 'file')} at {to}, {result.n_copied} copied", markup=False
        )
        step = "leave PAGESIGHT_STORAGE out" if to == _FOLDER else f"set PAGESIGHT_STORAGE={to}"
        console.print(
            f"{step} and start every process anew: until then they only search", markup=False
        )
    raise typer.Exit(FAILED if result.damaged_files else OK)


def _target(settings: Settings, to: str, database: Database) -> DurableFolder:
    """Open the new place. Raises InvalidSettings, StorageError."""
    if to == (settings.storage or _FOLDER):
        raise InvalidSettings(f"everything is stored at {to} already")
    if to == _FOLDER:
        return DurableFolder(settings.data_dir, settings.reserve_bytes)
    if not to.startswith("s3://"):
        raise InvalidSettings(f"--to {to}: give `folder` or `s3://bucket/prefix`")
    return bucket_folder(settings, to, database)
