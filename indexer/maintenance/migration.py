"""Says what opening a data folder with this pagesight changes in it: the formats of folder and catalog.

Opening does it by itself, in one transaction: killed at any moment, the catalog has the schema of before or
the new one, and whoever opens it next goes on.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from indexer.catalog.database import Database
from indexer.storage.durable import FORMAT_NAME, FORMAT_VERSION, DurableFolder
from indexer.storage.pair_mark import read_mark


@dataclass(frozen=True, slots=True)
class MigrationStep:
    """One change of a format, from a version to the next; `summary` says what it adds."""

    part: str
    before: str
    after: str
    summary: str


def pending_steps(data_dir: Path | None, database: Database) -> list[MigrationStep]:
    """Return what is to be done, in order; nothing for what does not exist yet. Changes nothing.

    data_dir  None: files are stored in a bucket, which is paired from its beginning

    Raises DataFolderTooNew when a newer pagesight has written one of the two, StorageError.
    """
    version = database.revision()
    if version is None or (data_dir is not None and not (data_dir / FORMAT_NAME).exists()):
        return []
    steps = []
    # Imported here: nearly every start finds the schema up to date.
    from indexer.catalog.schema import steps_from

    for step in steps_from(version):
        steps.append(MigrationStep("catalog", version, step.version, step.summary))
        version = step.version
    # The folder refuses other formats: there has been one only.
    if data_dir is not None and read_mark(DurableFolder(data_dir)) is None:
        summary = "Folder and catalog get one id, so that each knows the other."
        steps.append(MigrationStep("data folder", "without an id", "paired", summary))
    return steps


def formats(database: Database) -> dict[str, str]:
    """Return the version of each format that this data folder has now."""
    return {"catalog": database.revision() or "none", "data folder": str(FORMAT_VERSION)}
