"""Tags and metadata: what they may be, and which documents have all that is asked for."""

from __future__ import annotations

import pytest

from indexer.base.document_properties import (
    MAX_ENTRIES,
    MAX_TAGS,
    NO_PROPERTIES,
    clean_tag,
    properties_of,
)
from indexer.base.errors import InvalidProperties


def test_tags_are_a_set_of_small_letters_in_order() -> None:
    properties = properties_of(["Pumps", " manual ", "pumps", "Äpfel"], {"year": "2026"})
    assert properties.tags == ("manual", "pumps", "äpfel")
    assert clean_tag("a\u0308pfel") == "äpfel"
    assert properties.metadata == (("year", "2026"),)


@pytest.mark.parametrize(
    ("tags", "metadata", "reason"),
    [
        ([""], {}, "cannot be a tag"),
        (["a,b"], {}, "without a comma"),
        (["a" * 65], {}, "1 to 64 characters"),
        (["a\nb"], {}, "line break"),
        (["\ud800"], {}, "control character"),
        ([str(i) for i in range(MAX_TAGS + 1)], {}, "at most 32"),
        ([], {"": "x"}, "cannot name metadata"),
        ([], {"a=b": "x"}, "without '='"),
        ([], {"a": "x" * 501}, "501 characters, the limit is 500"),
        ([], {"a": 7}, "every value is a string"),
        ([], {str(i): "x" for i in range(MAX_ENTRIES + 1)}, "at most 32"),
    ],
)
def test_what_no_document_can_have_is_refused_with_the_limit(
    tags: list[str], metadata: dict[str, str], reason: str
) -> None:
    with pytest.raises(InvalidProperties, match=reason):
        properties_of(tags, metadata)


def test_a_document_matches_when_it_has_all_that_is_asked_for() -> None:
    properties = properties_of(["a", "b"], {"year": "2026", "client": "Orvane"})
    assert properties.has_all_of(NO_PROPERTIES)
    assert properties.has_all_of(properties_of(["a"], {"year": "2026"}))
    assert not properties.has_all_of(properties_of(["a", "c"]))
    assert not properties.has_all_of(properties_of(["a"], {"year": "2025"}))


def test_more_properties_are_added_and_newer_values_win() -> None:
    first = properties_of(["a"], {"year": "2025", "client": "Orvane"})
    together = first.with_more(properties_of(["b"], {"year": "2026"}))
    assert together == properties_of(["a", "b"], {"year": "2026", "client": "Orvane"})
    full = properties_of([str(i) for i in range(MAX_TAGS)])
    with pytest.raises(InvalidProperties):
        full.with_more(properties_of(["one more"]))
