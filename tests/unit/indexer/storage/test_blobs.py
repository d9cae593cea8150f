from __future__ import annotations

import errno
import hashlib
from pathlib import Path

import pytest

from indexer.base.errors import DamagedFile, Unreadable
from indexer.storage import files, folder_files
from indexer.storage.blobs import BlobStore
from indexer.storage.durable import DurableFolder
from indexer.storage.files import sha256_of
from indexer.storage.quarantine import Quarantine


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return BlobStore(DurableFolder(tmp_path / "data"), "images", ".webp")


def test_the_same_bytes_are_kept_once(blobs: BlobStore) -> None:
    assert blobs.add(b"page") == blobs.add(b"page")
    assert len(list(blobs.entries())) == 1


def test_a_blob_is_named_by_its_content(blobs: BlobStore) -> None:
    sha256 = blobs.add(b"page")
    assert sha256_of(blobs.path(sha256)) == sha256
    assert blobs.read(sha256) == b"page"


def test_changed_bytes_are_found_only_by_a_deep_look(blobs: BlobStore) -> None:
    sha256 = blobs.add(b"page")
    blobs.path(sha256).write_bytes(b"pagE")
    assert blobs.intact(sha256, deep=False)
    assert not blobs.intact(sha256, deep=True)


def test_a_missing_blob_says_how_to_repair(blobs: BlobStore) -> None:
    with pytest.raises(DamagedFile, match="--repair"):
        blobs.read("0" * 64)


def test_a_file_that_changes_while_it_is_copied_is_not_kept(
    blobs: BlobStore, tmp_path: Path
) -> None:
    source = tmp_path / "a.pdf"
    source.write_bytes(b"after")
    with pytest.raises(DamagedFile, match="changed"):
        blobs.add_file(source, "0" * 64)
    assert list(blobs.entries()) == []


def rot(blobs: BlobStore, sha256: str, harm: str) -> None:
    path = blobs.path(sha256)
    content = path.read_bytes()
    path.write_bytes({"flip": b"?" + content[1:], "cut": content[:-1], "empty": b""}[harm])


def add_again(blobs: BlobStore, tmp_path: Path, way: str) -> str:
    """Store the bytes `page` in one of the three ways."""
    sha256 = hashlib.sha256(b"page").hexdigest()
    if way == "add":
        return blobs.add(b"page")
    source = tmp_path / "data" / "tmp" / "source"
    source.write_bytes(b"page")
    (blobs.add_file if way == "add_file" else blobs.take_file)(source, sha256)
    assert source.exists() == (way == "add_file")
    return sha256


@pytest.mark.parametrize("way", ["add", "add_file", "take_file"])
@pytest.mark.parametrize("harm", ["flip", "cut", "empty"])
def test_what_is_rotten_is_made_whole_when_the_right_bytes_come(
    blobs: BlobStore, tmp_path: Path, way: str, harm: str
) -> None:
    sha256 = blobs.add(b"page")
    rot(blobs, sha256, harm)
    rotten = blobs.path(sha256).read_bytes()
    assert add_again(blobs, tmp_path, way) == sha256
    assert blobs.intact(sha256, deep=True) and blobs.read(sha256) == b"page"
    (batch,) = Quarantine(DurableFolder(tmp_path / "data")).batches()
    (kept,) = (tmp_path / "data" / "quarantine" / batch.id / "files").rglob("*.webp")
    assert kept.read_bytes() == rotten and "replaced by the right bytes" in batch.reason


@pytest.mark.parametrize("way", ["add", "add_file", "take_file"])
def test_what_is_whole_is_left_as_it_is(blobs: BlobStore, tmp_path: Path, way: str) -> None:
    inode = blobs.path(blobs.add(b"page")).stat().st_ino
    assert blobs.path(add_again(blobs, tmp_path, way)).stat().st_ino == inode
    assert Quarantine(DurableFolder(tmp_path / "data")).batches() == []


def test_what_cannot_be_read_is_replaced_by_the_right_bytes_and_kept(
    blobs: BlobStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha256 = blobs.add(b"page")

    def failing(_: Path) -> str:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(files, "_PAUSES_S", ())
    monkeypatch.setattr(folder_files, "sha256_of", failing)
    with pytest.raises(Unreadable):
        blobs.intact(sha256, deep=True)
    blobs.add(b"page")
    monkeypatch.undo()
    assert blobs.intact(sha256, deep=True)
    assert len(Quarantine(DurableFolder(tmp_path / "data")).batches()) == 1


def test_a_source_that_is_the_rotten_blob_itself_heals_nothing_and_loses_nothing(
    blobs: BlobStore,
) -> None:
    """A worker indexes the original from where it is stored."""
    sha256 = blobs.add(b"page")
    rot(blobs, sha256, "flip")
    with pytest.raises(DamagedFile, match="changed"):
        blobs.add_file(blobs.path(sha256), sha256)
    assert blobs.path(sha256).read_bytes() == b"?age"
