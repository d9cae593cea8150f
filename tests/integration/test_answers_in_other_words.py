"""An answer compares the best passage of a short document with the question as a whole."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from generator.answering.answerer import Answerer
from generator.answering.extractive_writer import ExtractiveWriter
from generator.passages import same_meaning
from generator.passages.calibration import CALIBRATIONS, LITE
from indexer.catalog.database import Database
from tests.builders import open_stores
from tests.support.searching import add_document, fake_searcher


def test_what_a_short_document_means_counts_and_what_a_long_one_means_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stores = open_stores(tmp_path / "data", Database(f"sqlite:///{tmp_path / 'catalog.sqlite3'}"))
    add_document(stores)("c", "a.pdf", ["alpha beta gamma delta."])
    answerer = Answerer(fake_searcher(stores), stores.catalog, ExtractiveWriter(0.5, 3))

    def is_grounded() -> bool:
        return answerer.answer("What is lambda?", ["c"]).grounded

    assert not is_grounded()
    everything_is_meant = replace(LITE, of_meaning=100.0, usual_meaning=-1.0, most_of_meaning=20.0)
    monkeypatch.setitem(CALIBRATIONS, "fake", everything_is_meant)
    assert is_grounded()
    monkeypatch.setattr(same_meaning, "_SHORT_PAGES", 0)
    assert not is_grounded()
