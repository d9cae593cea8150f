"""What happens when the disk is full, or fails to write."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from indexer.base.disk_errors import storage_error
from indexer.base.errors import DiskFull, ReadOnly, StorageError
from indexer.storage import disk_space
from indexer.storage.blobs import BlobStore
from indexer.storage.disk_space import DiskSpace
from indexer.storage.durable import DurableFolder

RESERVE = 100_000


class Disk:
    """Says how much is free; what the folder holds is not subtracted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.free = 10 * RESERVE
        usage = type(shutil.disk_usage("/"))
        monkeypatch.setattr(
            disk_space.shutil, "disk_usage", lambda _: usage(100 * RESERVE, 0, self.free)
        )


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(monkeypatch)


def test_the_reserve_is_given_up_for_the_catalog_and_taken_again_when_there_is_room(
    disk: Disk, tmp_path: Path
) -> None:
    space = DiskSpace(tmp_path, RESERVE)
    assert space.make_reserve()
    status = (tmp_path / "reserve").stat()
    assert status.st_size == RESERVE and status.st_blocks * 512 >= RESERVE  # no hole
    space.make_room_for_catalog()
    assert space.read_only_reason() == ""
    disk.free = 10
    assert "MB are free" in space.read_only_reason()  # also while the reserve is still there
    space.make_room_for_catalog()
    assert not (tmp_path / "reserve").exists()
    assert "MB are free" in space.read_only_reason()
    with pytest.raises(DiskFull):
        space.require_writable()
    disk.free = RESERVE  # what was given up does not make room by itself
    assert space.read_only_reason()
    disk.free = 2 * RESERVE
    assert space.read_only_reason() == "" and space.make_reserve()


def test_nothing_is_written_while_the_disk_is_full(disk: Disk, tmp_path: Path) -> None:
    folder = DurableFolder(tmp_path / "data", RESERVE)
    disk.free = 10
    with pytest.raises(DiskFull), folder.writing():
        pass


def test_a_small_disk_keeps_a_small_reserve(disk: Disk, tmp_path: Path) -> None:
    disk.free = 50 * RESERVE
    space = DiskSpace(tmp_path, 10**12)
    assert space.make_reserve()
    assert (tmp_path / "reserve").stat().st_size == 10 * RESERVE


def test_work_that_would_not_find_room_is_not_begun(disk: Disk, tmp_path: Path) -> None:
    space = DiskSpace(tmp_path, RESERVE)
    space.require_room(9 * RESERVE, "merging")
    with pytest.raises(DiskFull, match="merging needs 1 MB"):
        space.require_room(10 * RESERVE, "merging")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_told_from_other_failures(number: int) -> None:
    assert isinstance(storage_error(Path("it"), OSError(number, "full")), DiskFull)
    other = storage_error(Path("it"), PermissionError(errno.EACCES, "denied"))
    assert type(other) is StorageError and "denied" in str(other)


def test_after_a_failed_sync_nothing_is_acknowledged_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second try may succeed although the bytes of the first are lost."""
    folder = DurableFolder(tmp_path / "data")
    blobs = BlobStore(folder, "images", ".webp")
    blobs.add(b"first")
    fail_once(monkeypatch)
    with pytest.raises(ReadOnly, match="check it, start pagesight anew"):
        blobs.sync()
    with pytest.raises(ReadOnly), folder.writing():
        pass
    assert folder.space.read_only_reason()
    with DurableFolder(tmp_path / "data").writing():  # a new process has read what there is
        pass


def test_a_file_whose_sync_fails_makes_the_folder_read_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = DurableFolder(tmp_path / "data")
    fail_once(monkeypatch)
    with pytest.raises(ReadOnly):
        folder.add_bytes(tmp_path / "data" / "file", b"bytes")
    assert not (tmp_path / "data" / "file").exists()
    with pytest.raises(ReadOnly):
        folder.space.require_writable()


def fail_once(monkeypatch: pytest.MonkeyPatch) -> None:
    really = os.fsync
    failures = [OSError(errno.EIO, "Input/output error")]

    def sync(fd: Any) -> None:
        if failures:
            raise failures.pop()
        really(fd)

    monkeypatch.setattr(os, "fsync", sync)
