"""What words add to a page's score."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from indexer.catalog.database import Database
from indexer.stores import Stores
from retriever.query.filters import SearchFilter
from retriever.query.page_scope import page_scopes
from retriever.query.question_reading import read_question
from retriever.words.bonuses import NO_BONUSES, PageBonuses, page_bonuses
from retriever.words.encoder_weights import WordWeights, weights_of
from tests.builders import open_stores
from tests.support.searching import add_document

ONLY_WORDS, ONLY_PLACES = WordWeights(1.0, 0.0), WordWeights(0.0, 1.0)


@pytest.fixture
def stores(tmp_path: Path) -> Stores:
    return open_stores(tmp_path / "data", Database(f"sqlite:///{tmp_path / 'catalog.sqlite3'}"))


def bonuses_of(
    stores: Stores, text: str, weights: WordWeights = ONLY_WORDS, n_content: int = 1
) -> dict[str, float]:
    """Document name -> what its first page gains."""
    snapshot = stores.catalog.snapshot("c")
    (scope,) = page_scopes([snapshot], SearchFilter())
    bonuses = page_bonuses(
        read_question(text), n_content, stores.catalog.page_index, scope, 3.0, weights
    )
    first_pages = np.array([document.first_page_id for document in scope.documents], np.int64)
    values = bonuses.of(first_pages).tolist()
    return dict(zip((d.name for d in scope.documents), values, strict=True))


def test_a_page_with_more_of_the_question_gains_more(stores: Stores) -> None:
    add = add_document(stores)
    add("c", "both.pdf", ["pump and valve"])
    add("c", "one.pdf", ["pump and crane"])
    add("c", "none.pdf", ["jetty and crane"])
    gains = bonuses_of(stores, "the pump or the valve")
    assert gains["both.pdf"] > gains["one.pdf"] > gains["none.pdf"] == 0
    assert max(gains.values()) <= 1


def test_a_rare_word_counts_more_than_a_frequent_one(stores: Stores) -> None:
    add = add_document(stores)
    for n in range(6):
        add("c", f"{n}.pdf", ["pump and crane"])
    add("c", "rare.pdf", ["valve and crane"])
    gains = bonuses_of(stores, "pump valve")
    assert gains["rare.pdf"] > gains["0.pdf"] > 0


def test_other_collections_do_not_matter_to_what_is_rare(stores: Stores) -> None:
    add = add_document(stores)
    add("c", "a.pdf", ["pump and crane"])
    add("c", "b.pdf", ["valve and crane"])
    before = bonuses_of(stores, "pump valve")
    for n in range(9):
        add("d", f"{n}.pdf", ["valve and crane"])
    assert bonuses_of(stores, "pump valve") == pytest.approx(before)


def test_a_gain_grows_with_the_tokens_of_the_question(stores: Stores) -> None:
    add_document(stores)("c", "a.pdf", ["pump"])
    once, thrice = (bonuses_of(stores, "pump", n_content=n)["a.pdf"] for n in (1, 3))
    assert thrice == pytest.approx(3 * once)


def test_a_place_counts_once_however_it_is_named(stores: Stores) -> None:
    add_document(stores)("c", "a.pdf", ["Figure 3: Pumps"])
    gains = bonuses_of(stores, "Figure 3 on page 1, the first page", ONLY_PLACES)
    assert gains == {"a.pdf": 1.0}


@pytest.mark.parametrize("text", ["", "the of and", "?"])
def test_a_question_without_words_gains_nothing(stores: Stores, text: str) -> None:
    add_document(stores)("c", "a.pdf", ["pump"])
    assert bonuses_of(stores, text) == {"a.pdf": 0.0}


def test_a_question_of_thousands_of_words_is_answered(stores: Stores) -> None:
    add_document(stores)("c", "a.pdf", ["pump"])
    text = "pump " + " ".join(f"word{n}" for n in range(600))
    assert 0 < bonuses_of(stores, text)["a.pdf"] < 0.1


def test_pages_without_a_bonus_have_none() -> None:
    page_ids = np.array([1, 2, 9], np.int64)
    assert NO_BONUSES.of(page_ids).tolist() == [0, 0, 0]
    bonuses = PageBonuses(np.array([2, 5]), np.array([0.5, 0.7], np.float32))
    assert bonuses.of(page_ids).tolist() == [0, 0.5, 0]


def test_an_encoder_that_nobody_measured_has_cautious_weights() -> None:
    assert weights_of("another").words < weights_of("lite").words
