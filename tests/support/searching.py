"""A searcher over real stores with the fake encoder, and documents made of words to search for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from indexer.base.errors import CollectionNotFound
from indexer.base.pages import PageEmbedding
from indexer.encoders.fake import FakeEncoder
from indexer.stores import Stores
from retriever.open_collections import OpenCollections
from retriever.ranking import Ranker
from retriever.scoring.cpu import CpuScorer
from retriever.searcher import Searcher
from retriever.settings import RetrieverSettings
from tests.support.factories import draft, words

ENCODER = FakeEncoder()
WORDS = (
    *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa"),
    *("lambda", "mu", "nu", "xi", "omicron", "pi", "rho", "sigma", "tau", "upsilon"),
)

AddDocument = Callable[[str, str, list[str]], str]


def add_document(stores: Stores) -> AddDocument:
    """add("c", "a.pdf", ["text of page 1", ...]) -> document id; the collection is made if need be."""

    def add(collection: str, name: str, pages: list[str]) -> str:
        try:
            target = stores.catalog.collections.get(collection)
        except CollectionNotFound:
            target = stores.catalog.collections.create(collection, ENCODER.fingerprint)
        made = draft(
            stores.catalog,
            stores.vectors,
            target,
            [embed(text) for text in pages],
            name=name,
            sha256=name.rjust(64, "0"),
            text=pages[0],
        )
        assert stores.catalog.documents.commit(made)
        return made.document.id

    return add


def embed(text: str) -> PageEmbedding:
    """One vector per word, as the fake encoder sees it."""
    page_words = words(text)
    vectors = [ENCODER.encode_queries([word])[0].vectors[0] for word in page_words.texts]
    dim = ENCODER.fingerprint.dim
    return PageEmbedding(np.array(vectors, np.float16).reshape(-1, dim), page_words.boxes)


def fake_searcher(stores: Stores, settings: RetrieverSettings | None = None) -> Searcher:
    opened = OpenCollections(
        stores.catalog, stores.vectors, stores.derived_data, stores.damage.report
    )
    settings = settings or RetrieverSettings(max_query_characters=100, max_k=50)
    ranker = Ranker(CpuScorer(2), settings)
    return Searcher(stores.catalog, opened, lambda _: ENCODER, ranker, settings)


def places(
    searcher: Searcher, query: str, *collections: str, **options: object
) -> list[tuple[str, int]]:
    """(document, page number) of each hit, best first."""
    hits = searcher.search(query, collections or ("c",), **options).hits  # type: ignore[arg-type]
    return [(hit.document.name, hit.page.page_number) for hit in hits]
