"""The finder of names that say nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture.names import empty_names, is_empty, main


def texts(source: str) -> list[str]:
    return [name.text for name in empty_names(source)]


@pytest.mark.parametrize("name", ["found", "_told", "one", "theirs", "wanted", "indexed", "each_"])
def test_a_bare_participle_or_pronoun_says_nothing(name: str) -> None:
    assert is_empty(name)


@pytest.mark.parametrize(
    "name", ["document", "found_pages", "n_kept", "seed", "_", "__all__", "ONE", "red2", "hidden"]
)
def test_a_noun_or_a_longer_name_says_something(name: str) -> None:
    assert not is_empty(name)


@pytest.mark.parametrize(
    "source",
    [
        "found = 1",
        "found: list[int] = []",
        "for found in pages: pass",
        "pages = [0 for found in pages]",
        "with open(path) as found: pass",
        "try: pass\nexcept OSError as found: pass",
        "import numpy as found",
        "self.found = pages",
        "if (found := pages): pass",
        "def search(found): pass",
        "def search(*, found: int): pass",
        "def search(*found): pass",
        "def found(): pass",
        "async def found() -> list[int]: ...",
        "class Found: pass",
        "match page:\n case [*_] as found: pass",
        "search = lambda found: 0",
    ],
)
def test_every_kind_of_binding_is_looked_at(source: str) -> None:
    assert texts(source) == ["found"]


@pytest.mark.parametrize(
    "source",
    [
        "cancelled: bool = False",
        "def cancelled() -> bool: ...",
        "def cancel(cancelled: bool): ...",
        "self.cancelled = False",
        "def __init__(self, cancelled: bool):\n self.cancelled = cancelled",
        "print(found, pages.found)",
        "def read(): ...",
        "class FoundPage: pass",
        "answer(found=1)",
    ],
)
def test_flags_uses_verbs_and_names_of_several_words_may_stand(source: str) -> None:
    assert texts(source) == []


def test_an_attribute_that_holds_more_than_a_flag_is_no_flag() -> None:
    assert texts("self.cancelled = False\nself.cancelled = moment") == ["cancelled", "cancelled"]


def test_names_come_with_their_lines_in_order() -> None:
    assert empty_names("page = 1\ntold = 2\nfound = 3") == [("told", 2), ("found", 3)]


def test_the_command_lists_them_and_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.py").write_text("page = 1\n")
    assert main([str(tmp_path)]) == 0
    (tmp_path / "b.py").write_text("page = 1\nfound = 2\n")
    assert main([str(tmp_path)]) == 1
    assert f"{tmp_path / 'b.py'}:2: found\n1 names" in capsys.readouterr().out
