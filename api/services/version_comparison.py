"""The versions of a document, and what is different between two of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from api.services.document_export import document_named
from api.services.stored_pages import page_image, page_words
from indexer.base.errors import DocumentNotFound
from indexer.base.page_images import jpeg_excerpt
from indexer.base.pages import PageWords
from indexer.catalog.catalog import Catalog
from indexer.catalog.document_records import Document, Page, document_title
from indexer.inputs.names import same_name
from indexer.layout.export.version_diff import (
    ComparedPage,
    PagePair,
    WordRun,
    changed_pages,
    changed_words,
)
from indexer.layout.export.version_html import ShownPair, version_html
from indexer.stores import Stores
from retriever.errors import InvalidFilter
from retriever.query.moments import documents_as_of, parse_moment

_EDGE_PX = 1100
_MOST_SHOWN = 200  # pages with pictures in one file


@dataclass(frozen=True, slots=True)
class VersionDiff:
    """Two versions of one document.

    n_same  pages that are in both as they are
    """

    old: Document
    new: Document
    pairs: tuple[PagePair, ...]
    n_same: int


def versions_of(catalog: Catalog, collection: str, document: Document) -> list[Document]:
    """Return the versions of the name that a document is shown under, the oldest first."""
    return [
        version.under(name)
        for version in catalog.snapshot(collection).documents
        for name in version.names
        if name.parent is None and same_name(name.name) == same_name(document.name)
    ] or [document]


def version_named(versions: Sequence[Document], term: str) -> Document:
    """Return the version of that number, id or date. Raises DocumentNotFound."""
    for position, version in enumerate(versions, 1):
        if term in (version.id, str(position)):
            return version
    try:
        past_versions = documents_as_of(versions, parse_moment(term))
    except InvalidFilter:
        past_versions = []
    current_ids = {version.id for version in past_versions if version.is_current}
    for version in versions:
        if version.id in current_ids:
            return version
    raise DocumentNotFound(
        f"no version {term!r} of {versions[0].name!r}: it has the versions 1 to {len(versions)}"
    )


class VersionComparison:
    """Compares versions of documents."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def of_terms(self, name: str, collection: str, terms: Sequence[str] = ()) -> VersionDiff:
        """Compare two versions of a document, by default the last two; see `version_named`.

        name  of the document, or the id of the version to compare with the one before it

        Raises DocumentNotFound, CollectionNotFound, InvalidName.
        """
        catalog = self._stores.catalog
        by_name = [
            document
            for document in catalog.snapshot(collection).current
            if same_name(document.name) == same_name(name)
        ]
        document = by_name[0] if by_name else document_named(catalog, name, collection)
        document = catalog.documents.get(document.id)
        versions = _in_order(versions_of(catalog, collection, document))
        if terms:
            old, new = (version_named(versions, term) for term in terms)
            return self.compare(old, new)
        position = next(i for i, version in enumerate(versions) if version.id == document.id)
        if position == 0:
            raise DocumentNotFound(f"{document.name!r} has no version before this one")
        return self.compare(versions[position - 1], versions[position])

    def compare(self, old: Document, new: Document) -> VersionDiff:
        """Compare two documents page by page."""
        old_pages, new_pages = self._pages(old), self._pages(new)
        pairs = changed_pages(old_pages, new_pages, self._words)
        n_changed = sum(pair.new is not None for pair in pairs)
        return VersionDiff(old, new, tuple(pairs), len(new_pages) - n_changed)

    def words(self, pair: PagePair) -> list[WordRun]:
        """Return the words of a page in both versions."""
        old, new = (
            PageWords() if page is None else self._words(page) for page in (pair.old, pair.new)
        )
        return changed_words(old, new)

    def html(self, diff: VersionDiff) -> Iterator[str]:
        """Yield a file that shows both side by side, the first pages of many."""
        old_label, new_label = map(version_label, (diff.old, diff.new))
        pairs = (
            ShownPair(pair, self._jpeg(pair.old), self._jpeg(pair.new), self.words(pair))
            for pair in diff.pairs[:_MOST_SHOWN]
        )
        return version_html(diff.new.name, old_label, new_label, diff.n_same, pairs)

    def _pages(self, document: Document) -> list[ComparedPage]:
        pages = self._stores.catalog.pages.of_document(document.id)
        words = self._stores.catalog.pages.words([page.id for page in pages])
        return [
            ComparedPage(page.page_number, page.id, _content(page, words[page.id]))
            for page in pages
            if page.id in words
        ]

    def _words(self, page: ComparedPage) -> PageWords:
        stored_page, _ = self._stores.catalog.pages.with_document(page.page_id)
        return page_words(self._stores, stored_page)

    def _jpeg(self, page: ComparedPage | None) -> bytes | None:
        if page is None:
            return None
        stored_page, _ = self._stores.catalog.pages.with_document(page.page_id)
        return jpeg_excerpt(page_image(self._stores, stored_page), _EDGE_PX)


def version_label(document: Document) -> str:
    """Return what a version is called beside another: `version 1 of 2, 2026-11-27`."""
    return document_title(document.name, document.version, None)


def _in_order(versions: Sequence[Document]) -> list[Document]:
    return sorted(
        versions,
        key=lambda version: (
            version.names[0].given_at if version.names else version.given_at or version.created_at
        ),
    )


def _content(page: Page, words: PageWords) -> str:
    text = hashlib.sha256(words.text().encode("utf-8", "replace")).hexdigest()
    return f"{page.image_sha256} {text}"
