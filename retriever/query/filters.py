"""Which pages a search may score, and how a person writes it down."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from indexer.base.document_properties import (
    NO_PROPERTIES,
    DocumentProperties,
    properties_of,
)
from retriever.errors import InvalidFilter
from retriever.query.moments import parse_moment

Versions = Literal["newest", "all"]
METADATA = "meta."  # stands before the name of an entry of metadata


@dataclass(frozen=True, slots=True)
class SearchFilter:
    """Which pages may be scored at all. An empty filter allows every page.

    documents       ids or names; a page of any of them passes, and of what is attached to them
    page_range      first and last page number, both included
    properties      tags and metadata; a page of a document that has all of them passes, and of what is
                    attached to one
    collection_ids  what the caller may read: no page of another collection is scored; None allows all
    versions        of documents of one name, the newest or all; an id names a document of whatever age
    as_of           as if it were this moment: what was given later is not there; None: now
    page_ids        only these pages; None: any
    without_page_ids  pages that are left out, such as those that were read already
    """

    documents: tuple[str, ...] = ()
    page_range: tuple[int, int] | None = None
    properties: DocumentProperties = NO_PROPERTIES
    collection_ids: frozenset[str] | None = None
    versions: Versions = "newest"
    page_ids: frozenset[int] | None = None
    without_page_ids: frozenset[int] = frozenset()
    as_of: datetime | None = None


def parse_filters(terms: list[str]) -> SearchFilter:
    """Read filters as a person types them: `document=NAME`, `pages=3-10`, `tag=WORD`, `meta.NAME=VALUE`,
    `as-of=DATE`.

    All but the pages and the date are repeatable. Raises InvalidFilter, InvalidProperties.
    """
    documents: list[str] = []
    tags: list[str] = []
    metadata: dict[str, str] = {}
    page_range: tuple[int, int] | None = None
    as_of: datetime | None = None
    for term in terms:
        name, equals, value = term.partition("=")
        if equals and value and name == "document":
            documents.append(value)
        elif equals and name == "pages" and page_range is None:
            page_range = parse_page_range(value)
        elif equals and name == "as-of" and as_of is None:
            as_of = parse_moment(value)
        elif equals and value and name == "tag":
            tags.append(value)
        elif equals and name.startswith(METADATA) and name.removeprefix(METADATA) not in metadata:
            metadata[name.removeprefix(METADATA)] = value
        else:
            raise InvalidFilter(
                f"cannot read the filter {term!r}: write document=NAME, pages=3-10, tag=WORD, "
                "meta.NAME=VALUE or as-of=DATE; each but pages and as-of as often as you need"
            )
    properties = properties_of(tags, metadata)
    return SearchFilter(tuple(documents), page_range, properties, as_of=as_of)


def parse_page_range(value: str) -> tuple[int, int]:
    """Read `7` or `3-10`, both ends included. Raises InvalidFilter."""
    match = re.fullmatch(r"\s*(\d{1,9})\s*(?:-\s*(\d{1,9})\s*)?", value)
    if match is None:
        raise InvalidFilter(f"cannot read the page range {value!r}: write 7 or 3-10")
    first = int(match[1])
    last = int(match[2] or match[1])
    if first < 1 or last < first:
        raise InvalidFilter(f"the page range {value!r} is empty: pages count from 1 upwards")
    return first, last
