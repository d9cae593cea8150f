"""Documents as they were at a moment: what was given later is not there, and what was replaced later is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from indexer.catalog.document_records import Document, DocumentName
from indexer.inputs.names import same_name
from retriever.errors import InvalidFilter

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def parse_moment(value: str) -> datetime:
    """Read `2026-03-01`, the end of that day in UTC, or a moment of ISO 8601. Raises InvalidFilter."""
    text = value.strip()
    try:
        moment = datetime.fromisoformat(text)
        if _DAY.fullmatch(text):
            moment += timedelta(days=1, microseconds=-1)
        return moment.replace(tzinfo=moment.tzinfo or UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidFilter(
            f"cannot read the date {value[:40]!r}: write 2026-03-01 or 2026-03-01T12:00Z"
        ) from error


def documents_as_of(documents: Sequence[Document], moment: datetime) -> list[Document]:
    """Return the documents that were there, each with its names of then and whether it was the newest of one.

    A document counts from when its name was given to it; one that is gone is in none.
    """
    newest: dict[str, datetime] = {}
    for document in documents:
        for name in document.names or (_own_name(document),):
            if name.parent is None and name.given_at <= moment:
                key = same_name(name.name)
                newest[key] = max(newest.get(key, name.given_at), name.given_at)
    past_documents = (_as_of(document, moment, newest) for document in documents)
    return [document for document in past_documents if document is not None]


def _as_of(document: Document, moment: datetime, newest: dict[str, datetime]) -> Document | None:
    names = []
    for name in document.names or (_own_name(document),):
        if name.parent is not None:
            parent = _as_of(name.parent, moment, newest)
            if parent is not None:
                names.append(replace(name, parent=parent, is_current=parent.is_current))
        elif name.given_at <= moment:
            is_current = name.given_at == newest.get(same_name(name.name))
            names.append(replace(name, is_current=is_current))
    if not names:
        return None
    names.sort(key=lambda name: not name.is_current)
    return replace(document, name=names[0].name, names=tuple(names))


def _own_name(document: Document) -> DocumentName:
    return DocumentName(document.name, document.given_at or document.created_at)
