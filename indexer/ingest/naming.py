"""The names that files give their bytes."""

from __future__ import annotations

from datetime import UTC, datetime

from indexer.catalog.document_records import Document, GivenName
from indexer.catalog.documents import Documents
from indexer.inputs.sources import Source


def given_name(source: Source, sha256: str, began_at: datetime) -> GivenName:
    """Return the name that a file gives its bytes; `given_at` or, without one, `began_at`."""
    parent = source.attached_to[-1] if source.attached_to else None
    return GivenName(sha256, source.name, source.given_at or began_at, parent)


def name_again(documents: Documents, document: Document, source: Source) -> str | None:
    """Let a document go by the name of a source, too, or be the newest version of that name again.

    Returns what is to be known of that, None where nothing is.
    """
    name = given_name(source, document.sha256, datetime.now(UTC))
    if documents.goes_by(document, name):  # most often
        return None
    before = documents.get(document.id)
    if not documents.name_again(document, name) or source.attached_to:
        return None
    own_names = [own.name for own in before.names if own.parent is None]
    if source.name in own_names or (not before.names and source.name == before.name):
        return "the newest version again"
    place = f", an attachment of {before.attachment_of}" if before.attachment_of else ""
    return f"known as {before.name}{place}"
