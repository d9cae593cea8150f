"""Whatever is added, deleted, added again, merged and filtered: a search equals a loop in NumPy."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from indexer.base.pages import PageEmbedding
from indexer.catalog.database import Database
from indexer.maintenance.compaction import Compactor
from retriever.open_collections import OpenCollections
from retriever.query.filters import SearchFilter
from retriever.query.page_scope import page_scopes
from retriever.ranked_pages import Target
from retriever.ranking import Ranker
from retriever.scoring.cpu import CpuScorer
from retriever.settings import RetrieverSettings
from tests.builders import open_stores
from tests.support.factories import FINGERPRINT, draft, embedding, unit_vectors
from tests.support.same_pages import assert_same_pages

DIM = 8
K = 10


class SearchMachine(RuleBasedStateMachine):
    """`truth` holds what should be there: document name -> its pages' vectors."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.database = Database(f"sqlite:///{self.folder / 'catalog.sqlite3'}")
        self.stores = open_stores(self.folder, self.database)
        self.collection = self.stores.catalog.collections.create("c", FINGERPRINT)
        self.opened = OpenCollections(
            self.stores.catalog, self.stores.vectors, self.stores.derived_data
        )
        self.ranker = Ranker(CpuScorer(2), RetrieverSettings(target_recall=1.0))
        self.truth: dict[str, list[PageEmbedding]] = {}
        self.ids: dict[str, str] = {}
        self.n_added = 0

    @rule(lengths=st.lists(st.integers(0, 12), min_size=1, max_size=9), name=st.integers(0, 12))
    def add(self, lengths: list[int], name: int) -> None:
        document = f"{name}.pdf"
        if document in self.truth:
            return
        pages = [embedding(n, DIM, seed=97 * self.n_added + i) for i, n in enumerate(lengths)]
        made = draft(
            self.stores.catalog, self.stores.vectors, self.collection, pages,
            name=document, sha256=f"{self.n_added:064}",
        )  # fmt: skip
        self.n_added += 1
        assert self.stores.catalog.documents.commit(made)
        self.truth[document], self.ids[document] = pages, made.document.id

    @precondition(lambda self: self.truth)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.truth)))
        self.stores.delete_document(self.ids.pop(name))
        del self.truth[name]

    @rule(eager=st.booleans(), int8=st.booleans())
    def compact(self, eager: bool, int8: bool) -> None:
        Compactor(self.stores, int8=int8, min_copied=1, min_indexed=20).run("c", eager=eager)

    @rule()
    def lose_what_is_derived(self) -> None:
        shutil.rmtree(self.folder / "derived", ignore_errors=True)

    @invariant()
    def every_search_equals_the_loop(self) -> None:
        seed = self.n_added
        query = unit_vectors(1 + seed % 5, DIM, seed=1000 + seed)
        self._compare(query, SearchFilter())
        self._compare(query, SearchFilter(page_range=(2, 4)))
        some_ids = frozenset(range(seed % 3, 40, 3))
        self._compare(query, SearchFilter(without_page_ids=some_ids))
        self._compare(query, SearchFilter(page_ids=some_ids, without_page_ids=frozenset({3, 4})))
        if self.truth:
            self._compare(
                query, SearchFilter(documents=(sorted(self.truth)[seed % len(self.truth)],))
            )

    def _compare(self, query: np.ndarray, wanted: SearchFilter) -> None:
        opened = self.opened.open("c")
        target = Target(opened, *page_scopes([opened.snapshot], wanted))
        found = self.ranker.rank([query], [target], K)[0].pages
        hits = []
        for page in found:
            document = target.scope.document_of(page.page_id)
            number = page.page_id - (document.first_page_id or 0) + 1
            hits.append(((document.name, number), page.score))
        assert_same_pages(self._by_the_loop(query, wanted), hits, k=K)

    def _by_the_loop(self, query: np.ndarray, wanted: SearchFilter) -> dict[tuple[str, int], float]:
        """The score of every page that may be shown."""
        first, last = wanted.page_range or (1, 10**9)
        documents = self.stores.catalog.documents
        first_ids = {name: documents.get(id_).first_page_id or 0 for name, id_ in self.ids.items()}
        return {
            (name, number): float((page.vectors.astype(np.float32) @ query.T).max(axis=0).sum())
            for name, pages in self.truth.items()
            if not wanted.documents or name in wanted.documents
            for number, page in enumerate(pages, start=1)
            if len(page.vectors) and first <= number <= last
            if (page_id := first_ids[name] + number - 1) not in wanted.without_page_ids
            if wanted.page_ids is None or page_id in wanted.page_ids
        }

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.database.engine.dispose()
            shutil.rmtree(self.folder)


TestSearchMachine = SearchMachine.TestCase
TestSearchMachine.settings = settings(max_examples=20, stateful_step_count=20, deadline=None)
