"""What a search leaves out because it is damaged, by the documents that it belongs to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from indexer.catalog.document_records import Document
from indexer.inputs.names import same_name
from retriever.hits import MissingPages
from retriever.query.filters import SearchFilter
from retriever.query.moments import documents_as_of
from retriever.query.page_scope import has_properties, match_of
from retriever.ranked_pages import Target


def missing_pages(targets: Sequence[Target], search_filter: SearchFilter) -> MissingPages | None:
    """Say what the targets should hold and cannot show; None where that is nothing."""
    n_pages: Counter[str] = Counter()
    for target in targets:
        n_pages += _unreadable_pages(target)
        if not target.collection.lost_segments and not target.collection.snapshot.withdrawn:
            continue
        n_pages += _whole(_in_lost_segments(target))
        n_pages += _whole(
            document
            for document in target.collection.snapshot.withdrawn
            if _is_asked_for(document, search_filter)
        )
    return MissingPages(tuple(sorted(n_pages)), n_pages.total()) if n_pages else None


def _is_asked_for(document: Document, search_filter: SearchFilter) -> bool:
    if search_filter.as_of is not None:
        past_documents = documents_as_of([document], search_filter.as_of)
        if not past_documents:
            return False
        (document,) = past_documents
    if not has_properties(document, search_filter.properties):
        return False
    if search_filter.documents:
        terms = frozenset(map(same_name, search_filter.documents))
        return match_of(document, terms, search_filter.versions) is not None
    return document.is_current or search_filter.versions == "all"


def _unreadable_pages(target: Target) -> Counter[str]:
    """Count the pages in scope that stand in damaged parts of segments, by document."""
    counts: Counter[str] = Counter()
    for open_segment in target.collection.segments:
        readable = open_segment.segment.readable()
        if readable is not None:
            page_ids = open_segment.segment.page_ids[~readable]
            page_ids = page_ids[target.scope.allows(page_ids, open_segment.record.name)]
            counts.update(target.scope.document_of(int(page_id)).name for page_id in page_ids)
    return counts


def _in_lost_segments(target: Target) -> Iterable[Document]:
    """List the documents in scope that stand in a segment that cannot be opened."""
    names = {record.name for record in target.collection.lost_segments}
    return [document for document in target.scope.documents if document.segment in names]


def _whole(documents: Iterable[Document]) -> Counter[str]:
    return Counter({document.name: document.n_pages for document in documents})
