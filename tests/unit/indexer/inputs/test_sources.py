from __future__ import annotations

from pathlib import Path

import pytest

from indexer.base.errors import NothingToIngest
from indexer.inputs.sources import find_sources


def names_under(folder: Path) -> list[str]:
    return [source.name for source in find_sources([folder])]


def test_a_folder_is_read_recursively_in_order_by_the_endings_of_kinds(tmp_path: Path) -> None:
    for name in ("b.PDF", "a/c.pdf", "a/notes.txt", "a/song.mp3", ".git/d.txt", "a/._c.pdf"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / "folder.pdf").mkdir()
    assert names_under(tmp_path) == ["a/c.pdf", "a/notes.txt", "b.PDF"]


def test_an_ignore_file_names_what_is_passed_over_below_its_folder(tmp_path: Path) -> None:
    for name in ("a.txt", "keep.txt", "sub/a.txt", "sub/deep/b.md", "drafts/c.pdf"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / ".pagesightignore").write_text("# no texts\n*.txt\n!keep.txt\ndrafts/\n")
    (tmp_path / "sub" / ".pagesightignore").write_text("deep/*.md\n!a.txt\n")
    assert names_under(tmp_path) == ["keep.txt", "sub/a.txt"]


def test_a_file_given_by_name_is_taken_whatever_its_suffix(tmp_path: Path) -> None:
    (tmp_path / "scan").write_text("x")
    assert [source.name for source in find_sources([tmp_path / "scan"])] == ["scan"]


def test_a_file_given_twice_is_taken_once(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_text("x")
    assert len(find_sources([tmp_path, tmp_path / "a.pdf", tmp_path])) == 1


def test_a_folder_without_files_and_a_missing_path_say_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(NothingToIngest, match="pagesight kinds"):
        find_sources([tmp_path])
    with pytest.raises(NothingToIngest, match="does not exist"):
        find_sources([tmp_path / "gone"])
