"""Reads what an answer is written from: words and vectors of the hits, and what names their documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from generator.passages.document_names import name_terms
from generator.passages.questions.terms import terms_of
from generator.passages.support import PageBeside, ReadPage
from indexer.base.pages import PageEmbedding, PageWords
from indexer.catalog.catalog import Catalog
from indexer.catalog.document_records import Page
from retriever.hits import PageHit
from retriever.searcher import Searcher


def read_pages(hits: Sequence[PageHit], catalog: Catalog, searcher: Searcher) -> list[ReadPage]:
    """Return the hits with their words and vectors.

    They are looked up anew, although the search has just read them: a page that was deleted since must
    not be quoted, and an answer may begin long after its search.
    """
    first_ids = {hit.document.first_page_id for hit in hits if hit.document.first_page_id}
    beside = {hit.page.id: _pages_beside(hit, catalog) for hit in hits}
    beside_ids = {page.id for pages in beside.values() for page in pages}
    words = catalog.pages.words([*{hit.page.id for hit in hits} | first_ids | beside_ids])
    embeddings: dict[int, PageEmbedding] = {}
    for name, fingerprint in {hit.collection: hit.fingerprint for hit in hits}.items():
        ids = [hit.page.id for hit in hits if hit.collection == name]
        embeddings |= searcher.page_embeddings(name, ids, fingerprint)
    return [
        _read_page(hit, words, embeddings[hit.page.id], beside[hit.page.id])
        for hit in hits
        if hit.page.id in embeddings and hit.page.id in words
    ]


def _pages_beside(hit: PageHit, catalog: Catalog) -> list[Page]:
    """Return the pages before and behind a hit, those of both that exist."""
    number = hit.page.page_number
    near = catalog.pages.of_document(hit.document.id, after=number - 2, limit=3)
    return [page for page in near if abs(page.page_number - number) == 1]


def _read_page(
    hit: PageHit, words: Mapping[int, PageWords], embedding: PageEmbedding, beside: Sequence[Page]
) -> ReadPage:
    first_page = words.get(hit.document.first_page_id or 0)
    first_terms = terms_of(" ".join(first_page.texts)) if first_page else frozenset[str]()
    names = name_terms(hit.document.name, first_page)
    by_step = {
        page.page_number - hit.page.page_number: PageBeside(page, words[page.id])
        for page in beside
        if page.id in words
    }
    own = words[hit.page.id]
    return ReadPage(hit, own, embedding, names, first_terms, by_step.get(-1), by_step.get(1))
