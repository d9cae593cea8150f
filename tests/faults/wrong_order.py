"""Commit orders that are wrong on purpose: a harness that does not catch them catches nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from indexer.catalog.documents import Documents
from indexer.storage import durable
from indexer.storage.durable import DurableFolder


def row_before_files() -> None:
    """Let files get their names only after the catalog has committed the document that names them."""
    late: list[tuple[Path, Path]] = []
    name = "_publish" if hasattr(DurableFolder, "_publish") else "publish"
    really_commit = Documents.commit

    def publish(self: DurableFolder, staging_path: Path, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        held_back = self.root.parent / "held-back" / staging_path.name
        held_back.parent.mkdir(exist_ok=True)
        staging_path.rename(held_back)
        late.append((held_back, target))

    def commit(self: Documents, *arguments: Any, **options: Any) -> Any:
        result = really_commit(self, *arguments, **options)
        while late:
            held_back, target = late.pop(0)
            if target.exists():
                shutil.rmtree(held_back, ignore_errors=True)
            else:
                held_back.rename(target)
        return result

    setattr(DurableFolder, name, publish)
    Documents.commit = commit  # type: ignore[method-assign]


def nothing_synced() -> None:
    """Let every sync of a file or a folder do nothing."""
    os.fsync = lambda descriptor: None
    os.fdatasync = lambda descriptor: None
    durable.sync_folder = lambda folder: None


CONTROLS: dict[str, Callable[[], None]] = {
    "row-before-files": row_before_files,
    "nothing-synced": nothing_synced,
}
