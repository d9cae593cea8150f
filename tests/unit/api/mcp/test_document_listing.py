"""Documents of a collection in parts, for agents: by the catalog's order, some names only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256

import pytest

from api.base.errors import InvalidCursor
from api.http.cursors import next_cursor
from api.mcp import tools
from indexer.base.verdicts import Verdict
from indexer.catalog.column_values import new_id
from indexer.catalog.document_records import Document, DocumentError
from indexer.encoders.fake import FakeEncoder
from indexer.stores import Stores

Listing = Callable[..., list[Document]]


@pytest.fixture
def listing(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> Listing:
    """`Documents.of_collection` of a collection of eight files, which is read by threes and told by twos."""
    monkeypatch.setattr(tools, "_BATCH", 3)
    monkeypatch.setattr(tools, "PER_LISTING", 2)
    collection = stores.catalog.collections.create("c", FakeEncoder().fingerprint)
    for name in ("a1", "B1", "a2", "B2", "a3", "B3", "a4", "B4"):
        stores.catalog.documents.record_refusal(
            Document(
                id=new_id(), collection_id=collection.id, name=name,
                sha256=sha256(name.encode()).hexdigest(), n_bytes=1, verdict=Verdict.NOT_PDF,
                error=DocumentError("not_pdf", "no PDF"), warnings=(), n_pages=0,
                first_page_id=None, created_at=datetime.now(UTC),
            )
        )  # fmt: skip
    return partial(stores.catalog.documents.of_collection, collection.id)


def parts(listing: Listing, text: str) -> list[list[str]]:
    names, cursor = [], None
    while True:
        rows = tools.documents_named(listing, text, cursor)
        names.append([row.name for row in rows])
        cursor = next_cursor(rows, tools.PER_LISTING, lambda row: (row.name, row.id))
        if cursor is None:
            return names


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [["B1", "B2"], ["B3", "B4"], ["a1", "a2"], ["a3", "a4"], []]),
        ("b", [["B1", "B2"], ["B3", "B4"], []]),
        ("A", [["a1", "a2"], ["a3", "a4"], []]),
        ("3", [["B3", "a3"], []]),
        ("4", [["B4", "a4"], []]),
        ("a3", [["a3"]]),
        ("nothing", [[]]),
    ],
)
def test_documents_come_by_name_in_parts_and_only_those_asked_for(
    listing: Listing, text: str, expected: list[list[str]]
) -> None:
    assert parts(listing, text) == expected


def test_a_list_of_two_reads_no_more_of_the_catalog_than_it_needs(listing: Listing) -> None:
    limits: list[int] = []

    def counting(*, after: tuple[str, str] | None, limit: int) -> list[Document]:
        limits.append(limit)
        return listing(after=after, limit=limit)

    assert len(tools.documents_named(counting, "", None)) == 2
    assert limits == [3]


def test_the_offset_of_before_is_no_cursor(listing: Listing) -> None:
    with pytest.raises(InvalidCursor, match="no cursor"):
        tools.documents_named(listing, "", "50")
