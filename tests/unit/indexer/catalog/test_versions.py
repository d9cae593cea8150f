"""Which names documents go by, and which of them is the newest version of a name."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from indexer.base.verdicts import Verdict
from indexer.catalog.document_records import WITHDRAWN, Document, DocumentError, GivenName
from indexer.catalog.versions import named_documents

MOMENT = datetime(2026, 11, 1, tzinfo=UTC)


def document(sha256: str, name: str = "list.pdf", day: int = 0, **facts: object) -> Document:
    values = {
        "id": f"id-{sha256}", "collection_id": "c", "name": name, "sha256": sha256, "n_bytes": 1,
        "verdict": Verdict.INDEXED, "error": None, "warnings": (), "n_pages": 1, "first_page_id": 1,
        "created_at": MOMENT + timedelta(days=day),
    }  # fmt: skip
    return Document(**values | facts)  # type: ignore[arg-type]


def given(sha256: str, name: str, day: int, attached_to: str | None = None) -> GivenName:
    return GivenName(sha256, name, MOMENT + timedelta(days=day), attached_to)


def current(documents: list[Document]) -> set[str]:
    return {row.sha256 for row in documents if row.is_current}


def test_documents_that_collide_without_a_row_of_names_are_versions_by_age() -> None:
    old, new, alone = named_documents(
        [document("old", day=1), document("new", day=2), document("alone", "other.pdf")], []
    )
    assert current([old, new, alone]) == {"new", "alone"}
    assert alone.version is None and old.version is not None and new.version is not None
    assert (old.version.number, new.version.number, new.version.n_versions) == (1, 2, 2)
    assert new.version.ingested_at == MOMENT + timedelta(days=2)


def test_names_of_two_spellings_are_one_name() -> None:
    documents = [document("nfd", "Ku\u0308ndigung.pdf"), document("nfc", "Kündigung.pdf", day=1)]
    assert current(named_documents(documents, [])) == {"nfc"}


def test_the_version_before_stays_while_the_new_one_is_indexed_or_when_it_is_refused() -> None:
    old = document("old")
    growing = document("new", day=1, verdict=Verdict.INDEXING)
    named = named_documents([old, growing], [])
    assert current(named) == {"old"} and [row.version for row in named] == [None, None]
    refused = document("new", day=1, verdict=Verdict.CORRUPT, first_page_id=None, n_pages=0)
    assert "old" in current(named_documents([old, refused], []))
    assert current(named_documents([growing], [])) == {"new"}


def test_a_version_that_is_withdrawn_keeps_its_place() -> None:
    error = DocumentError(WITHDRAWN, "damaged")
    withdrawn = document("new", day=1, verdict=Verdict.FAILED, error=error, first_page_id=None)
    assert current(named_documents([document("old"), withdrawn], [])) == {"new"}


def test_bytes_of_two_names_are_seen_under_the_one_that_is_current() -> None:
    names = [given("a", "list.pdf", 0), given("a", "copy.pdf", 1), given("b", "list.pdf", 2)]
    a, b = named_documents([document("a"), document("b", day=2)], names)
    assert (a.name, a.aliases, a.version) == ("copy.pdf", ("list.pdf",), None)
    assert current([a, b]) == {"a", "b"} and b.version is not None and b.version.number == 2


def test_an_attachment_is_as_current_as_what_it_is_attached_to() -> None:
    old, new = document("old", "mail.pdf"), document("new", "mail.pdf", day=1)
    children = [document("x", "bill.pdf"), document("y", "bill.pdf", day=1)]
    names = [
        given("old", "mail.pdf", 0), given("new", "mail.pdf", 1),
        given("x", "bill.pdf", 0, "old"), given("y", "bill.pdf", 1, "new"),
    ]  # fmt: skip
    named = named_documents([old, new, *children], names)
    assert current(named) == {"new", "y"}
    assert [row.attachment_of for row in named] == [None, None, "mail.pdf", "mail.pdf"]
    both = [*names, given("x", "bill.pdf", 1, "new")]
    assert current(named_documents([old, new, *children], both)) == {"new", "x", "y"}


def test_an_attachment_whose_document_is_not_there_is_in_no_search() -> None:
    names = [given("x", "bill.pdf", 0, "gone")]
    assert current(named_documents([document("x", "bill.pdf")], names)) == set()
    refused = document("gone", "mail.pdf", verdict=Verdict.CORRUPT, first_page_id=None)
    assert "x" not in current(named_documents([document("x", "bill.pdf"), refused], names))
    by_itself = [*names, given("x", "mine.pdf", 0)]
    [x] = named_documents([document("x", "bill.pdf")], by_itself)
    assert (x.is_current, x.name, x.attachment_of) == (True, "mine.pdf", None)


def test_what_is_attached_in_a_circle_is_named_all_the_same() -> None:
    names = [given("x", "x.pdf", 0, "y"), given("y", "y.pdf", 0, "x")]
    named = named_documents([document("x", "x.pdf"), document("y", "y.pdf")], names)
    assert current(named) == set()


def test_names_take_no_part_in_what_makes_documents_equal() -> None:
    plain = document("a")
    [named] = named_documents([plain], [])
    assert named == plain and replace(named, names=()) == named
