"""A glossary knows what pages call a thing that questions call otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from indexer.base.language.search_terms import search_terms
from retriever.glossary import parse_glossary, read_glossary
from retriever.settings import RetrieverSettings


def test_other_words_are_found_by_stems_in_any_case() -> None:
    glossary = parse_glossary("# a comment\n\nlife raft = liferaft; rescue boats # more", "x")
    others = glossary.other_words_in(search_terms("How many LIFE RAFTS are there?"))
    assert others == [("liferaft",), ("rescue", "boat")]
    assert glossary.other_words_in(search_terms("Is there life on a raft?")) == []


def test_two_lines_of_one_term_add_up() -> None:
    glossary = parse_glossary("capex = additions\ncapex = purchases", "x")
    assert glossary.other_words_in(["capex"]) == [("addition",), ("purchase",)]


@pytest.mark.parametrize("line", ["capex", "capex =", "= purchases", "capex = ;", "— = purchases"])
def test_a_line_that_is_no_entry_is_told(line: str) -> None:
    with pytest.raises(ValueError, match="line 2 of the glossary 'x' is no entry"):
        parse_glossary(f"\n{line}", "x")


def test_the_shipped_glossary_and_a_file_are_read(tmp_path: Path) -> None:
    assert ("additions", "to", "property") not in read_glossary("finance").other_words
    assert ("capex",) in read_glossary("finance").other_words
    path = tmp_path / "ferries.txt"
    path.write_text("life raft = liferaft", encoding="utf-8")
    assert read_glossary(str(path)).other_words_in(["life", "raft"]) == [("liferaft",)]
    assert read_glossary("").other_words == {}


@pytest.mark.parametrize("name", ["nowhere", "/nowhere/at/all.txt", "../glossary"])
def test_a_glossary_that_cannot_be_read_is_refused_as_a_setting(name: str) -> None:
    with pytest.raises(ValidationError, match="cannot read the glossary"):
        RetrieverSettings(glossary=name)
