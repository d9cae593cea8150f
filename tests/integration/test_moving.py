"""Everything moved to another folder: who counts, when several move at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.base.errors import DataFolderBusy, ReadOnly
from indexer.maintenance.moving import Mover
from indexer.storage.durable import MOVED_NAME, DurableFolder
from tests.builders import fake_services


def test_a_move_from_where_another_has_moved_everything_away_is_refused(tmp_path: Path) -> None:
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    first, second = fake_services(home), fake_services(home)
    Mover(first.stores, first.database).move(DurableFolder(elsewhere), str(elsewhere))
    with pytest.raises(ReadOnly, match="was moved to"):
        Mover(second.stores, second.database).move(DurableFolder(tmp_path / "third"), "third")
    assert not (elsewhere / MOVED_NAME).exists(), "one place counts"


def test_a_move_waits_for_whoever_writes_to_the_new_place(tmp_path: Path) -> None:
    services = fake_services(tmp_path / "home")
    target = DurableFolder(tmp_path / "elsewhere")
    with target.sweeping(), pytest.raises(DataFolderBusy):
        Mover(services.stores, services.database).move(target, "elsewhere", quiet_s=0.0)
    assert not (tmp_path / "home" / MOVED_NAME).exists()
    Mover(services.stores, services.database).move(target, "elsewhere", quiet_s=0.0)
    assert (tmp_path / "home" / MOVED_NAME).exists()
