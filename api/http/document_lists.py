"""Lists of documents as a client asks for them: what they hold, their order, their cursors."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from api.http.cursors import count_of, key_of, moment_of
from indexer.base.document_properties import clean_tag
from indexer.catalog.document_listing import SORT_FIELDS, DocumentListing, SortKey
from indexer.catalog.document_records import Document

DocumentSort = Literal[
    "name", "-name", "pages", "-pages", "bytes", "-bytes", "created_at", "-created_at"
]


def listing_of(
    search: str, tag: str | None, sort: DocumentSort = "name", *, is_refused: bool | None = None
) -> DocumentListing:
    """Raises InvalidProperties for a tag that no document can have."""
    (field,) = [field for field in SORT_FIELDS if field == sort.removeprefix("-")]
    return DocumentListing(
        search=search,
        tag=None if tag is None else clean_tag(tag),
        is_refused=is_refused,
        sort=field,
        descending=sort.startswith("-"),
    )


def place_of(listing: DocumentListing, document: Document) -> tuple[str, ...]:
    """Return what a cursor holds of a document: the order that it is for, its value there, its id."""
    value, document_id = listing.key_of(document)
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return _order_of(listing), text, document_id


def place_in(listing: DocumentListing, cursor: str) -> tuple[SortKey, str]:
    """Return the place that a cursor of this order holds. Raises InvalidCursor."""
    _, text, document_id = key_of(cursor, 3, begins_with=_order_of(listing))
    match listing.sort:
        case "name":
            return text, document_id
        case "pages" | "bytes":
            return count_of(text), document_id
        case "created_at":
            return moment_of(text), document_id


def _order_of(listing: DocumentListing) -> str:
    return f"{'-' if listing.descending else ''}{listing.sort}"
