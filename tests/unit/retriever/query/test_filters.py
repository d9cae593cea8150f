from __future__ import annotations

import pytest

from indexer.base.document_properties import properties_of
from retriever.errors import InvalidFilter
from retriever.query.filters import SearchFilter, parse_filters, parse_page_range


def test_filters_are_read_as_a_person_types_them() -> None:
    assert parse_filters([]) == SearchFilter()
    assert parse_filters(["document=a=b.pdf", "document=c.pdf", "pages=3-10"]) == SearchFilter(
        ("a=b.pdf", "c.pdf"), (3, 10)
    )
    assert parse_page_range("7") == (7, 7)
    terms = ["tag=Pumps", "tag=manual", "meta.year=2026", "meta.a.b=c=d"]
    assert parse_filters(terms).properties == properties_of(
        ["manual", "pumps"], {"year": "2026", "a.b": "c=d"}
    )


@pytest.mark.parametrize(
    "term", ["", "document", "document=", "tag=", "meta.year", "year=2026", "page=3", "pages=",
             "pages=0", "pages=5-3", "pages=a-b",
             "pages=-1", "pages=1-2-3", "pages=99999999999"],
)  # fmt: skip
def test_a_filter_that_cannot_be_read_is_refused_with_the_right_form(term: str) -> None:
    with pytest.raises(InvalidFilter):
        parse_filters([term])


def test_two_page_ranges_are_refused() -> None:
    with pytest.raises(InvalidFilter):
        parse_filters(["pages=1", "pages=2"])
