from __future__ import annotations

import errno
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from indexer.base.errors import DataFolderBusy, DataFolderTooNew, StorageError
from indexer.storage import durable
from indexer.storage.durable import FORMAT_VERSION, DurableFolder, holds


def test_a_folder_of_a_newer_format_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "FORMAT").write_text(f"{FORMAT_VERSION + 1}\n")
    with pytest.raises(DataFolderTooNew, match="another PAGESIGHT_DATA_DIR"):
        DurableFolder(tmp_path)
    assert (tmp_path / "FORMAT").read_text() == f"{FORMAT_VERSION + 1}\n"


def test_a_damaged_format_mark_is_refused(tmp_path: Path) -> None:
    (tmp_path / "FORMAT").write_text("garbage")
    with pytest.raises(StorageError, match="damaged"):
        DurableFolder(tmp_path)


def test_a_path_that_cannot_be_a_folder_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot write"):
        DurableFolder(tmp_path / "file" / "data")


def test_a_failed_block_leaves_no_folder_behind(tmp_path: Path) -> None:
    folder = DurableFolder(tmp_path)
    with pytest.raises(RuntimeError), folder.new_folder(tmp_path / "made") as staged:
        (staged / "half").write_text("x")
        raise RuntimeError
    assert not (tmp_path / "made").exists()
    assert list((tmp_path / "tmp").iterdir()) == []


def test_sweeping_waits_for_nobody_and_is_refused_while_another_process_writes(
    tmp_path: Path,
) -> None:
    folder = DurableFolder(tmp_path)
    code = (
        "import sys; from pathlib import Path; from indexer.storage.durable import DurableFolder\n"
        "with DurableFolder(Path(sys.argv[1])).writing():\n print('held', flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as writer:
        assert writer.stdout is not None and writer.stdout.readline() == "held\n"
        with pytest.raises(DataFolderBusy), folder.sweeping():
            pass
        with folder.writing():  # writers do not exclude each other
            pass
        writer.kill()
    with folder.sweeping():  # a killed writer's lock is gone with it
        pass


def test_sweeping_the_staging_folder_removes_what_crashed_writers_left(tmp_path: Path) -> None:
    folder = DurableFolder(tmp_path)
    (tmp_path / "tmp" / "half").write_text("x")
    (tmp_path / "tmp" / "segment").mkdir()
    with folder.sweeping():
        assert folder.sweep_staging() == 2
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_removed_folder_is_gone_with_all_that_was_in_it(tmp_path: Path) -> None:
    folder = DurableFolder(tmp_path)
    (tmp_path / "made" / "inner").mkdir(parents=True)
    folder.remove(tmp_path / "made")
    folder.remove(tmp_path / "made")  # somebody else was faster: fine
    assert not (tmp_path / "made").exists()
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_folder_that_cannot_be_removed_is_one_clear_line(tmp_path: Path) -> None:
    folder = DurableFolder(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match=r"cannot remove .*Not a directory"):
        folder.remove(tmp_path / "file" / "made")


def test_what_is_added_while_a_folder_is_removed_stays_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = DurableFolder(tmp_path)
    (tmp_path / "made").mkdir()
    really = shutil.rmtree

    def interrupted(path: Path, **options: bool) -> None:
        with folder.new_folder(tmp_path / "made" / "inner") as staged:
            (staged / "one").write_text("1")
            monkeypatch.undo()
        really(path, **options)

    monkeypatch.setattr(shutil, "rmtree", interrupted)
    folder.remove(tmp_path / "made")
    assert (tmp_path / "made" / "inner" / "one").read_text() == "1"
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_file_holds_its_bytes_no_others_and_none_when_it_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"bytes")
    assert holds(path, hashlib.sha256(b"bytes").hexdigest())
    assert not holds(path, hashlib.sha256(b"others").hexdigest())
    assert not holds(tmp_path / "gone", hashlib.sha256(b"bytes").hexdigest())


def test_bytes_that_the_disk_cannot_read_are_damage_and_those_of_another_user_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(error: OSError) -> None:
        def read(_: Path) -> str:
            raise error

        monkeypatch.setattr(durable, "sha256_of", read)

    failing(OSError(errno.EIO, "Input/output error"))
    assert not holds(tmp_path / "file", "0" * 64)
    failing(PermissionError(errno.EACCES, "Permission denied"))
    with pytest.raises(StorageError, match="may not be read: run this as the user"):
        holds(tmp_path / "file", "0" * 64)
