from __future__ import annotations

from pathlib import Path

import pytest

from indexer.base.errors import DamagedFile
from indexer.storage.blobs import BlobStore
from indexer.storage.durable import DurableFolder, sha256_of


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
