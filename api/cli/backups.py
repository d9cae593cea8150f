"""`pagesight backup` and `pagesight restore`: copies of everything, and the way back."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from api.base.errors import InvalidSettings
from api.base.settings import load_settings
from api.cli.output import (
    FAILED,
    OK,
    AsJson,
    console,
    count_of,
    load_services,
    print_json,
    table_of,
)
from indexer.maintenance.backups.backup_folder import BackupFolder
from indexer.maintenance.backups.making import KEPT, BackupMaker
from indexer.maintenance.backups.manifest import Backup
from indexer.maintenance.backups.restoring import Restorer

BackupRoot = Annotated[
    Path, typer.Argument(metavar="DIR", help="Folder of backups; best on another disk.")
]


def backup(
    folder: BackupRoot,
    keep: Annotated[int, typer.Option(min=1, help="So many backups stay, the newest.")] = KEPT,
    deep: Annotated[
        bool, typer.Option("--deep", help="Read what earlier backups brought; replace what rotted.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Copy catalog and files to DIR, beside everything that goes on; only what is new is copied.

    Exit code 1 when files of the data folder were missing or damaged: all the others are in the backup.
    """
    services = load_services()
    maker = BackupMaker(services.stores, services.database)
    new, work = maker.make(BackupFolder(folder, create=True), n_kept=keep, deep=deep)
    if as_json:
        print_json(
            {**asdict(new), "copied": {"files": work.n_copied, "bytes": work.n_bytes_copied}}
        )
    else:
        _print_faults(new.faults)
        console.print(
            f"backup {new.name}: {count_of(new.n_documents, 'document')}, {count_of(new.n_pages, 'page')}, "
            f"{count_of(new.n_files, 'file')} ({new.n_bytes / 1e6:.1f} MB), "
            f"of which {work.n_copied} were new ({work.n_bytes_copied / 1e6:.1f} MB)",
            soft_wrap=True,
        )
    raise typer.Exit(FAILED if new.faults else OK)


def restore(
    folder: BackupRoot,
    at: Annotated[str | None, typer.Option(help="Name of a backup. Default: the newest.")] = None,
    list_only: Annotated[
        bool, typer.Option("--list", help="List the backups; restore nothing.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read and check a whole backup; restore nothing.")
    ] = False,
    keep_going: Annotated[
        bool, typer.Option("--keep-going", help="Leave damaged files of the backup out.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Restore a backup into an empty data folder, and an empty database where one is set.

    Exit code 1 when files of the backup are damaged.
    """
    source = BackupFolder(folder)
    restorer = Restorer(source)
    if list_only:
        _print_list(source.backups(), as_json=as_json)
        return
    old = source.find(at)
    if dry_run:
        damaged_files = restorer.check(old)
        n_files = old.n_files - len(damaged_files)
    else:
        settings = load_settings()
        if settings.storage is not None:
            raise InvalidSettings(
                "a backup is restored into a data folder: leave PAGESIGHT_STORAGE out, restore, then "
                f"`pagesight move --to {settings.storage}`"
            )
        restoration = restorer.restore(
            old, settings.data_dir, settings.database_url, keep_going=keep_going
        )
        n_files, damaged_files = restoration.n_files, list(restoration.damaged_files)
    if as_json:
        print_json(
            {
                **asdict(old),
                "restored": not dry_run,
                "whole": n_files,
                "damaged": damaged_files,
            }
        )
    else:
        _print_faults([*old.faults, *damaged_files])
        did = "would restore" if dry_run else "restored"
        console.print(
            f"{did} backup {old.name}: {count_of(old.n_documents, 'document')}, "
            f"{count_of(old.n_pages, 'page')}, {count_of(n_files, 'file')}; "
            "`pagesight verify --deep` reads them back",
            soft_wrap=True,
        )
    raise typer.Exit(FAILED if damaged_files else OK)


def _print_faults(lines: list[str] | tuple[str, ...]) -> None:
    for line in lines:
        console.print(f"not in it  {line}", style="red", markup=False, soft_wrap=True)
    if lines:
        console.print(
            "`pagesight verify --repair` makes anew what can be made from originals", style="yellow"
        )


def _print_list(backups: list[Backup], *, as_json: bool) -> None:
    if as_json:
        bodies: list[dict[str, Any]] = [asdict(row) for row in backups]
        print_json({"backups": bodies})
        return
    table = table_of("backup", "documents", "pages", "files", "MB", "missing", "pagesight")
    for row in backups:
        counts = (row.n_documents, row.n_pages, row.n_files, f"{row.n_bytes / 1e6:.1f}")
        table.add_row(row.name, *map(str, counts), str(len(row.faults)), row.version)
    console.print(table)
