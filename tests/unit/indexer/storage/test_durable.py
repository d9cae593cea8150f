from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
import subprocess
import sys
from itertools import count
from pathlib import Path

import pytest

from indexer.base.errors import DataFolderBusy, DataFolderTooNew, StorageError, Unreadable
from indexer.catalog.database import Database
from indexer.storage import files, folder_files
from indexer.storage.durable import FORMAT_VERSION, DurableFolder
from indexer.storage.files import sha256_of
from indexer.storage.folder_files import holds


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


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_PAUSES_S", (0.0, 0.0, 0.0))


def failing(monkeypatch: pytest.MonkeyPatch, number: int, n_times: int | None = None) -> None:
    """Let the next readings of a file fail, all of them without `n_times`."""
    really, n_calls = files.sha256_of, count()

    def read(path: Path) -> str:
        if n_times is None or next(n_calls) < n_times:
            raise OSError(number, os.strerror(number))
        return really(path)

    monkeypatch.setattr(folder_files, "sha256_of", read)


@pytest.mark.parametrize(
    "name",
    ["EIO", "EMFILE", "ENFILE", "ENOMEM", "ESTALE", "EINTR", "EACCES", "EUCLEAN", "ETIMEDOUT"],
)
@pytest.mark.usefixtures("no_pauses")
def test_a_read_error_is_never_taken_for_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    failing(monkeypatch, getattr(errno, name))
    with pytest.raises(Unreadable, match=r"cannot be read now|may not be read"):
        holds(tmp_path / "file", "0" * 64)


@pytest.mark.usefixtures("no_pauses")
def test_a_read_error_that_passes_is_not_even_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"bytes")
    failing(monkeypatch, errno.EMFILE, n_times=3)
    assert holds(tmp_path / "file", hashlib.sha256(b"bytes").hexdigest())


@pytest.mark.parametrize("mode", [0o755, 0o777])
def test_what_is_stored_is_its_owners_alone_whatever_was_there_and_whatever_the_umask(
    tmp_path: Path, mode: int
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data").chmod(mode)
    umask = os.umask(0)
    try:
        folder = DurableFolder(tmp_path / "data")
        folder.add_bytes(folder.root / "a" / "b" / "bytes", b"x")
        folder.add_copy(
            folder.root / "a" / "copy", folder.root / "FORMAT", sha256_of(folder.root / "FORMAT")
        )
        (folder.root / "tmp" / "upload").write_bytes(b"x")
        folder.add_moved(folder.root / "a" / "moved", folder.root / "tmp" / "upload")
        with folder.writing():
            folder.pins.pin("x")
        Database(f"sqlite:///{folder.root / 'catalog.sqlite3'}").engine.dispose()
    finally:
        os.umask(umask)
    modes = {
        path: stat.S_IMODE(path.stat().st_mode) for path in [folder.root, *folder.root.rglob("*")]
    }
    assert {path: mode for path, mode in modes.items() if mode & 0o077} == {}


class _Disk:
    """Stands between the product and the system calls that write; fails at the nth call of one of them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, call: str, number: int, nth: int) -> None:
        really, n_calls = getattr(os, call), count(1)

        def injected(*arguments: object) -> object:
            if next(n_calls) == nth:
                raise OSError(number, os.strerror(number))
            return really(*arguments)

        monkeypatch.setattr(os, call, injected)


@pytest.mark.parametrize("call", ["write", "fsync"])
@pytest.mark.parametrize("name", ["ENOSPC", "EDQUOT", "EIO"])
def test_a_file_whose_writing_failed_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, name: str
) -> None:
    folder = DurableFolder(tmp_path)
    _Disk(monkeypatch, call, getattr(errno, name), nth=1)
    with pytest.raises(StorageError, match="cannot write"):
        folder.add_bytes(tmp_path / "bytes", b"x" * 10_000)
    assert not (tmp_path / "bytes").exists() and list((tmp_path / "tmp").iterdir()) == []


def test_a_short_write_is_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, really = DurableFolder(tmp_path), os.write
    monkeypatch.setattr(os, "write", lambda fd, data: really(fd, data[:7]))
    folder.add_bytes(tmp_path / "bytes", bytes(range(100)))
    assert (tmp_path / "bytes").read_bytes() == bytes(range(100))


@pytest.mark.parametrize("harm", ["short", "other"])
def test_bytes_that_the_disk_did_not_keep_are_noticed_before_anybody_trusts_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harm: str
) -> None:
    """A disk that says it has written and has not: the negative control of reading back."""
    folder, really = DurableFolder(tmp_path), os.write

    def lying(fd: int, data: memoryview) -> int:
        really(fd, data[:-1] if harm == "short" else bytes(len(data)))
        return len(data)

    monkeypatch.setattr(os, "write", lying)
    with pytest.raises(StorageError, match="does not hold the bytes that were just written"):
        folder.add_bytes(tmp_path / "bytes", b"x" * 100)
    assert not (tmp_path / "bytes").exists()


def test_a_sweep_passes_over_what_still_comes_in_and_waits_for_nobody(tmp_path: Path) -> None:
    folder = DurableFolder(tmp_path)
    with folder.staging_folder("upload-") as path:
        (path / "half").write_bytes(b"x")
        with folder.sweeping():
            assert folder.sweep_staging() == 0
        assert (path / "half").exists()
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_pin_lasts_as_long_as_the_writing_around_it(tmp_path: Path) -> None:
    folder, elsewhere = DurableFolder(tmp_path), DurableFolder(tmp_path)
    folder.pins.pin("nobody writes")
    with folder.writing():
        folder.pins.pin("a")
        with folder.writing():
            folder.pins.pin("b")
        with elsewhere.pins.removing() as names:
            assert names == {"a", "b"}
    with elsewhere.pins.removing() as names:
        assert names == frozenset()
    (tmp_path / "tmp" / "pins-of-the-dead").write_text("c\n")
    with elsewhere.pins.removing() as names:
        assert names == frozenset()
    assert list((tmp_path / "tmp").iterdir()) == []
