from __future__ import annotations

from pathlib import Path

import pytest

from indexer.base.errors import NothingToIngest
from indexer.inputs.sources import find_sources


def test_a_folder_is_read_recursively_in_order_and_only_its_pdfs(tmp_path: Path) -> None:
    for name in ("b.PDF", "a/c.pdf", "a/notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / "folder.pdf").mkdir()
    assert [source.name for source in find_sources([tmp_path])] == ["a/c.pdf", "b.PDF"]


def test_a_file_given_by_name_is_taken_whatever_its_suffix(tmp_path: Path) -> None:
    (tmp_path / "scan").write_text("x")
    assert [source.name for source in find_sources([tmp_path / "scan"])] == ["scan"]


def test_a_file_given_twice_is_taken_once(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_text("x")
    assert len(find_sources([tmp_path, tmp_path / "a.pdf", tmp_path])) == 1


def test_a_folder_without_pdfs_and_a_missing_path_say_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(NothingToIngest, match="give a PDF"):
        find_sources([tmp_path])
    with pytest.raises(NothingToIngest, match="does not exist"):
        find_sources([tmp_path / "gone"])
