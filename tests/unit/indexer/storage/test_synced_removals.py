"""What was taken away stays away after a power loss: the folder is synced when its name is gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.storage import durable, folder_files
from indexer.storage.durable import MOVED_NAME, DurableFolder


@pytest.fixture
def syncs(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Path, list[str]]]:
    """(folder, the names in it) of each sync of a folder."""
    syncs: list[tuple[Path, list[str]]] = []

    def note(folder: Path) -> None:
        syncs.append((folder, sorted(path.name for path in folder.iterdir())))

    monkeypatch.setattr(durable, "sync_folder", note)
    monkeypatch.setattr(folder_files, "sync_folder", note)
    return syncs


def test_a_folder_is_synced_when_it_is_no_longer_marked_as_moved(
    tmp_path: Path, syncs: list[tuple[Path, list[str]]]
) -> None:
    folder = DurableFolder(tmp_path / "data")
    folder.mark_moved("elsewhere")
    assert MOVED_NAME in syncs[-1][1]
    folder.unmark_moved()
    synced_folder, names = syncs[-1]
    assert synced_folder == folder.root and MOVED_NAME not in names


def test_a_folder_that_is_removed_is_gone_before_anybody_relies_on_it(
    tmp_path: Path, syncs: list[tuple[Path, list[str]]]
) -> None:
    folder = DurableFolder(tmp_path / "data")
    segment = folder.root / "collections" / "c" / "segment"
    segment.mkdir(parents=True)
    folder.remove(segment)
    assert syncs[-1] == (segment.parent, [])
