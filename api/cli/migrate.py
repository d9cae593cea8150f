"""`pagesight migrate`: brings a data folder of before to this version, and says what that is."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from api.base.settings import load_settings
from api.cli.output import AsJson, console, load_services, print_json
from indexer.catalog.database import Database, catalog_url
from indexer.maintenance.migration import formats, pending_steps


def migrate(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done; change nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Bring catalog and data folder to the formats of this version, as opening them does.

    It can be stopped at any moment and run again.
    """
    settings = load_settings()
    url = catalog_url(settings.data_dir, settings.database_url)
    database = Database(url, migrate=False)
    data_dir = settings.data_dir if settings.storage is None else None
    steps = pending_steps(data_dir, database)
    if not dry_run and database.revision() is not None:
        load_services()
    if as_json:
        body = {"dry_run": dry_run, "formats": formats(database)}
        print_json(body | {"steps": [asdict(step) for step in steps]})
        return
    for step in steps:
        did = "would migrate" if dry_run else "migrated"
        line = f"{did} {step.part} {step.before} -> {step.after}: {step.summary}"
        console.print(line, markup=False, soft_wrap=True)
    if not steps:
        console.print("everything has the formats of this version")
