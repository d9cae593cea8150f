"""Searches while documents come, go and are merged: no error, every score the page's own, none left out."""

from __future__ import annotations

import itertools
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import pytest

from indexer.maintenance.compaction import Compactor
from indexer.stores import Stores
from retriever.searcher import Searcher
from retriever.settings import RetrieverSettings
from tests.faults.conftest import FAULTS, Tally
from tests.support.searching import ENCODER, WORDS, add_document, embed, fake_searcher

N_ROUNDS, N_SEARCHES = (200, 10_000) if FAULTS else (10, 200)
N_DOCUMENTS = 30  # at a time, of two pages
N_SEARCHING = 2  # threads
K = 5
SAME = 2e-3  # vectors are stored as float16


@dataclass
class Life:
    """The moments between which a document came and went; None: not yet."""

    pages: list[str]
    coming: int
    came: int | None = None
    going: int | None = None
    gone: int | None = None

    def must_be_found(self, since: int, until: int) -> bool:
        was_there = self.came is not None and self.came < since
        return was_there and (self.going is None or self.going > until)

    def may_be_found(self, since: int, until: int) -> bool:
        return self.coming < until and (self.gone is None or self.gone > since)


@dataclass
class Library:
    """The documents of a collection, and when each came and went."""

    stores: Stores
    lives: dict[str, Life] = field(default_factory=dict)
    moments: itertools.count[int] = field(default_factory=itertools.count)

    def add(self, name: str, chance: random.Random) -> None:
        pages = [" ".join(chance.choices(WORDS, k=8)) for _ in range(2)]
        life = self.lives[name] = Life(pages, next(self.moments))
        add_document(self.stores)("c", name, pages)
        life.came = next(self.moments)

    def delete(self, name: str) -> None:
        snapshot = self.stores.catalog.snapshot("c")
        document = next(d for d in snapshot.documents if d.name == name)
        self.lives[name].going = next(self.moments)
        self.stores.delete_document(document.id)
        self.lives[name].gone = next(self.moments)


def test_scores_are_the_oracles_while_documents_come_go_and_are_merged(
    stores: Stores, tally: Tally
) -> None:
    library, chance, is_over = Library(stores), random.Random(1), threading.Event()
    for number in range(N_DOCUMENTS):
        library.add(f"{number}.pdf", chance)
    searcher = fake_searcher(stores, RetrieverSettings(recall_sampling=0, hybrid="never"))

    def search(seed: int) -> None:
        words = random.Random(seed)
        while not is_over.is_set():
            query = " ".join(words.sample(WORDS, 3))
            tally.add(query, wrong_in_search(library, searcher, query))

    with ThreadPoolExecutor(N_SEARCHING) as threads:
        searching = [threads.submit(search, seed) for seed in range(N_SEARCHING)]
        try:
            for number in itertools.count():
                is_enough = number >= N_ROUNDS and tally.n_trials >= N_SEARCHES
                if is_enough or any(thread.done() for thread in searching):
                    break
                library.add(f"{number + N_DOCUMENTS}.pdf", chance)
                library.delete(f"{number}.pdf")
                Compactor(stores, min_copied=1).run("c", eager=True)
        finally:
            is_over.set()
        for thread in searching:
            thread.result()
    tally.assert_none()


def wrong_in_search(library: Library, searcher: Searcher, query: str) -> list[str]:
    """Search once; return what the oracle says against it, as sentences."""
    since = next(library.moments)
    hits = searcher.search(query, ["c"], K).hits
    until = next(library.moments)
    wrong = []
    for hit in hits:
        life = library.lives[hit.document.name]
        right_score = score(query, life.pages[hit.page.page_number - 1])
        if abs(hit.score - right_score) > SAME:
            wrong.append(f"{hit.score} instead of {right_score}")
        if not life.may_be_found(since, until):
            wrong.append(f"{hit.document.name} is not there")
    places = {(hit.document.name, hit.page.page_number) for hit in hits}
    n_changed = sum(
        len(life.pages)
        for life in library.lives.copy().values()
        if life.may_be_found(since, until) and not life.must_be_found(since, until)
    )
    if len(places) + n_changed < K:  # of what was deleted after it was ranked nothing is shown
        wrong.append(f"{len(places)} pages")
    floor = min((hit.score for hit in hits), default=0.0)
    for name, life in library.lives.copy().items():
        if life.must_be_found(since, until):
            wrong += [
                f"{name} {number} is left out"
                for number, page in enumerate(life.pages, 1)
                if (name, number) not in places and score(query, page) > floor + SAME
            ]
    return wrong


def score(query: str, page: str) -> float:
    """MaxSim, as the definition has it."""
    tokens = ENCODER.encode_queries([query])[0].vectors
    return float((embed(page).vectors.astype(np.float32) @ tokens.T).max(axis=0).sum())


def test_the_oracle_finds_a_wrong_score_and_a_page_left_out(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = Library(stores)
    for number in range(N_DOCUMENTS):
        library.add(f"{number}.pdf", random.Random(number))
    searcher = fake_searcher(stores, RetrieverSettings(recall_sampling=0, hybrid="never"))
    assert wrong_in_search(library, searcher, "alpha beta gamma") == []
    monkeypatch.setitem(library.lives, "0.pdf", Life(["alpha beta gamma"] * 2, 0, came=1))
    (sentence, *_) = wrong_in_search(library, searcher, "alpha beta gamma")
    assert "is left out" in sentence or "instead of" in sentence
