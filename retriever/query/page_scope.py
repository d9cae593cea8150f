"""The pages that a search may score, by live documents and filters, as ranges of page ids.

A document's page ids are consecutive, so a scope of any size is a short list of ranges, and a page
that the catalog no longer names is in none of them. A document that was read anew has left vectors of the
same page ids in the segment in which it stood before: it is looked for only where it stands now.

Dimension key: R ranges, P pages.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.base.document_properties import DocumentProperties
from indexer.base.errors import CollectionNotFound, DocumentNotFound
from indexer.base.page_ranges import within_ranges
from indexer.catalog.catalog import CollectionSnapshot
from indexer.catalog.document_records import Document
from indexer.inputs.names import same_name
from retriever.query.filters import SearchFilter, Versions
from retriever.query.moments import documents_as_of


@dataclass(frozen=True, slots=True, eq=False)
class PageScope:
    """Ascending, disjoint ranges of page ids, each belonging to one document."""

    starts: NDArray[np.int64]  # (R,)
    stops: NDArray[np.int64]  # (R,), exclusive
    documents: tuple[Document, ...]  # (R,)
    segments: NDArray[np.str_]  # (R,), in which they stand; empty: anywhere

    def allows(self, page_ids: NDArray[np.int64], segment: str | None = None) -> NDArray[np.bool_]:
        """Say for page ids (P,) which of them the scope holds, (P,) bool.

        segment  in which they stand; None: where the catalog says
        """
        starts, stops = self.starts, self.stops
        if segment is not None:
            stands_here = (self.segments == segment) | (self.segments == "")
            starts, stops = starts[stands_here], stops[stands_here]
        return within_ranges(page_ids, starts, stops)

    def document_of(self, page_id: int) -> Document:
        """Return the document of a page that the scope allows."""
        return self.documents[int(np.searchsorted(self.starts, page_id, side="right")) - 1]


def page_scopes(snapshots: Sequence[CollectionSnapshot], filter: SearchFilter) -> list[PageScope]:
    """Return the pages of each snapshot that the filter allows.

    Raises CollectionNotFound for a collection that the caller may not read, DocumentNotFound for a
    document of the filter that none of the collections holds.
    """
    for snapshot in snapshots:
        collection = snapshot.collection
        if filter.collection_ids is not None and collection.id not in filter.collection_ids:
            raise CollectionNotFound(f"no collection {collection.name!r}")
    terms = frozenset(map(same_name, filter.documents))
    known_terms: set[str] = set()
    in_scope = [
        _with_properties(_documents_of(snapshot, terms, filter, known_terms), filter.properties)
        for snapshot in snapshots
    ]
    unknown_terms = terms - known_terms
    if unknown_terms:
        names = ", ".join(snapshot.collection.name for snapshot in snapshots)
        raise DocumentNotFound(
            f"no indexed document {min(unknown_terms)!r} in {names}: "
            f"`pagesight documents list -c {snapshots[0].collection.name}` shows what it holds"
        )
    return [_scope_of(documents, filter) for documents in in_scope]


def _scope_of(documents: Sequence[Document], filter: SearchFilter) -> PageScope:
    first, last = filter.page_range or (1, None)
    only = None if filter.page_ids is None else sorted(filter.page_ids)
    without = sorted(filter.without_page_ids)
    ranges: list[tuple[int, int, Document]] = []
    for document in documents:
        assert document.first_page_id is not None, "a snapshot holds indexed documents only"
        start = document.first_page_id + first - 1
        n_pages = document.n_pages if last is None else min(last, document.n_pages)
        stop = document.first_page_id + n_pages
        ranges += [(*part, document) for part in _allowed_ranges(start, stop, only, without)]
    ranges.sort(key=lambda page_ids: page_ids[0])
    return PageScope(
        starts=np.array([start for start, _, _ in ranges], np.int64),
        stops=np.array([stop for _, stop, _ in ranges], np.int64),
        documents=tuple(document for _, _, document in ranges),
        segments=np.array([document.segment or "" for _, _, document in ranges], np.str_),
    )


def _with_properties(
    documents: Sequence[Document], properties: DocumentProperties
) -> Sequence[Document]:
    """Return the documents that have all of these properties."""
    if not properties:
        return documents
    return [document for document in documents if has_properties(document, properties)]


def has_properties(document: Document, properties: DocumentProperties) -> bool:
    """Say whether a document, or one that it is attached to, has all of these tags and this metadata."""
    return document.properties.has_all_of(properties) or any(
        name.parent is not None and has_properties(name.parent, properties)
        for name in document.names
    )


def _allowed_ranges(
    start: int, stop: int, only: Sequence[int] | None, without: Sequence[int]
) -> list[tuple[int, int]]:
    """Return what is left of the pages start..stop, as ranges; the page ids are ascending."""
    cuts = without[bisect_left(without, start) : bisect_left(without, stop)]
    if only is not None:
        own = only[bisect_left(only, start) : bisect_left(only, stop)]
        return [(id_, id_ + 1) for id_ in own if id_ not in cuts]
    bounds = zip([start, *(id_ + 1 for id_ in cuts)], [*cuts, stop], strict=True)
    return [(first, last) for first, last in bounds if first < last]


def _documents_of(
    snapshot: CollectionSnapshot,
    terms: frozenset[str],
    filter: SearchFilter,
    known_terms: set[str],
) -> Sequence[Document]:
    """Return the documents that a filter allows; the terms that name one are added to `known_terms`."""
    in_collection, current = snapshot.documents, snapshot.current
    if filter.as_of is not None:
        in_collection = tuple(documents_as_of(in_collection, filter.as_of))
        current = tuple(document for document in in_collection if document.is_current)
    if not terms:
        return in_collection if filter.versions == "all" else current
    documents = []
    for document in in_collection:
        match = match_of(document, terms, filter.versions)
        if match is not None:
            known_terms |= match.terms
            documents.append(match.document)
    return documents


@dataclass(frozen=True, slots=True)
class Match:
    """A document that terms of a filter name, shown under the name that it was asked for by."""

    document: Document
    terms: frozenset[str]


def match_of(document: Document, terms: frozenset[str], versions: Versions) -> Match | None:
    """Say which terms name a document: its id, a name it is the asked version of, or what it is attached to.

    None: none does.
    """
    matches = terms & {document.id}
    for name in document.names:
        is_asked = name.is_current or versions == "all"
        if is_asked and (term := same_name(name.name)) in terms:
            if not matches - {document.id}:
                document = document.under(name)
            matches |= {term}
        if name.parent is not None:
            parent = match_of(name.parent, terms, versions)
            matches |= parent.terms if parent else frozenset()
    if not document.names and (term := same_name(document.name)) in terms:
        matches |= {term}
    return Match(document, matches) if matches else None
