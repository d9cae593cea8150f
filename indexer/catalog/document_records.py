"""What the catalog says of a document and its pages, and the rows that say it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from indexer.base.document_properties import NO_PROPERTIES, DocumentProperties
from indexer.base.errors import PagesightError
from indexer.base.page_names import page_name, place_name
from indexer.base.page_terms import PageTerms
from indexer.base.verdicts import Verdict
from indexer.catalog.column_values import utc
from indexer.storage.segments import SegmentRecord

WITHDRAWN = "withdrawn"  # error code of a document that is taken out to be indexed anew
_PLAIN_FIELDS = (
    "id", "collection_id", "name", "sha256", "n_bytes", "n_pages", "first_page_id", "degraded",
    "reader", "media_type",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DocumentError:
    """Why a document is not indexed: a name for programs, and one line for a person."""

    code: str
    message: str

    @classmethod
    def of(cls, error: Exception) -> DocumentError:
        """Describe an error; one that nobody foresaw names its kind, as its text alone may say nothing."""
        text = " ".join(str(error).split())
        if isinstance(error, PagesightError):
            return cls(error.code, text or error.code)
        kind = type(error).__name__
        if isinstance(error, OSError):
            return cls(kind, text or kind)
        return cls(kind, f"met an error of pagesight's own ({kind}: {text}): please report it")


@dataclass(frozen=True, slots=True)
class DocumentVersion:
    """Which of the documents of one name this is: `number` counts from 1, the oldest."""

    number: int
    n_versions: int
    ingested_at: datetime


@dataclass(frozen=True, slots=True)
class DocumentName:
    """A name that a document goes by.

    is_current  the document is the newest version of this name
    version     which one it is; None where the name has no other
    parent      the document that this one is attached to; None: it was ingested by itself
    """

    name: str
    given_at: datetime
    is_current: bool = True
    version: DocumentVersion | None = None
    parent: Document | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """One file of a collection, indexed or refused.

    n_pages        pages the file has; some may have been left out (see `warnings`)
    first_page_id  page number n has the id first_page_id + n - 1; None when nothing was indexed
    degraded       what is lost of it while its pages are still searchable; None: nothing that is known
    media_type     of its bytes, where they are of a kind that is read
    reader         which reader read its pages; None: one of before they had numbers
    segment        name of the segment in which its pages stand, as the catalog said when it was asked; what
                   other segments hold of them is left from before
    names          the names it goes by, the one it is shown under first; empty where it has its own alone,
                   which no other document has
    given_at       when its only name was given to it, where that is not when it was made
    properties     its tags and metadata
    """

    id: str
    collection_id: str
    name: str
    sha256: str
    n_bytes: int
    verdict: Verdict
    error: DocumentError | None
    warnings: tuple[str, ...]
    n_pages: int
    first_page_id: int | None
    created_at: datetime
    degraded: str | None = None
    reader: int | None = None
    media_type: str | None = None
    segment: str | None = field(default=None, compare=False)
    names: tuple[DocumentName, ...] = field(default=(), compare=False, repr=False)
    given_at: datetime | None = field(default=None, compare=False)
    properties: DocumentProperties = field(default=DocumentProperties(), compare=False)

    def stands_in(self, segment: str) -> bool:
        """Say whether its pages stand in the segment of that name."""
        return self.segment is None or self.segment == segment

    @property
    def is_current(self) -> bool:
        """Whether it is the newest version of any of its names."""
        return not self.names or any(name.is_current for name in self.names)

    @property
    def aliases(self) -> tuple[str, ...]:
        """The other names it goes by."""
        return tuple(dict.fromkeys(n.name for n in self.names if n.name != self.name))

    @property
    def version(self) -> DocumentVersion | None:
        """Which version it is of the name it is shown under; None where that has no other."""
        return self.names[0].version if self.names else None

    @property
    def attached_to(self) -> Document | None:
        """The document whose attachment it is, under the name it is shown under."""
        return self.names[0].parent if self.names else None

    @property
    def attachment_of(self) -> str | None:
        """The name of the document whose attachment it is; None: it was ingested by itself."""
        return self.attached_to.name if self.attached_to else None

    @property
    def title(self) -> str:
        """Return its name, with its version and what it is attached to."""
        return document_title(self.name, self.version, self.attachment_of)

    def under_own_name(self, name: str) -> Document:
        """Return the same document, shown under the name of its row, whatever is current."""
        own_names = [row for row in self.names if row.name == name]
        return self.under(own_names[0]) if own_names else replace(self, name=name)

    def under(self, name: DocumentName) -> Document:
        """Return the same document, shown under one of its names."""
        remaining_names = tuple(row for row in self.names if row is not name)
        return replace(self, name=name.name, names=(name, *remaining_names))


def document_title(name: str, version: DocumentVersion | None, attachment_of: str | None) -> str:
    """Return how a document is shown: `bill.pdf (attachment of mail.pdf; version 2 of 2, 2026-11-27)`."""
    facts = []
    if attachment_of is not None:
        facts.append(f"attachment of {attachment_of}")
    if version is not None:
        facts.append(
            f"version {version.number} of {version.n_versions}, {version.ingested_at:%Y-%m-%d}"
        )
    return f"{name} ({'; '.join(facts)})" if facts else name


@dataclass(frozen=True, slots=True)
class GivenName:
    """A name as it was given to bytes.

    given_at     when they were uploaded, or their ingest began
    attached_to  SHA-256 of the document whose attachment they are; None: they came by themselves
    """

    sha256: str
    name: str
    given_at: datetime
    attached_to: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a document.

    content_sha256  of all that its words and vectors are made of; None: one of before, or they are no copy's
    time_s  of a picture of a video, the second at which it is shown
    """

    id: int
    document_id: str
    page_number: int
    label: str
    width_pt: float
    height_pt: float
    image_sha256: str
    image_width_px: int
    image_height_px: int
    n_vectors: int
    text_source: str
    content_sha256: str | None = field(default=None, compare=False)
    time_s: float | None = None

    @property
    def name(self) -> str:
        """The page as a person is told of it: `page 9, printed "3"`, or `02:31`."""
        return page_name(self.page_number, self.label, time_s=self.time_s)

    def place_in(self, document: str) -> str:
        """Return the page and its document as a person is told of them."""
        return place_name(document, self.name, time_s=self.time_s)


@dataclass(frozen=True, slots=True)
class PageDraft:
    """A page that is about to be committed, with the stored form of its words.

    terms  by which searches find it; None: they are made of the words when it is committed
    """

    page: Page
    words: bytes
    terms: PageTerms | None = None


@dataclass(frozen=True, slots=True)
class DocumentDraft:
    """A document that is about to be committed with its pages and the segment they stand in.

    was_shown  fewer of its pages were committed before, and must still be there
    replaces   the same document is there, whole, and was read anew
    name_given the name it was given under; None: its own, when it was made
    file_properties  what its file says of itself
    """

    document: Document
    pages: Sequence[PageDraft]
    segment: SegmentRecord
    was_shown: bool = False
    replaces: bool = False
    name_given: GivenName | None = None
    file_properties: DocumentProperties = NO_PROPERTIES


@dataclass(frozen=True, slots=True)
class CommitResult:
    """A document is visible. `replaced_segments`: their files may now go."""

    replaced_segments: Sequence[SegmentRecord] = ()


def document_values(document: Document) -> dict[str, Any]:
    values = {name: getattr(document, name) for name in _PLAIN_FIELDS}
    values["created_at"] = document.created_at
    values["verdict"] = document.verdict.value
    values["warnings"] = list(document.warnings)
    values["error_code"] = document.error and document.error.code
    values["error_message"] = document.error and document.error.message
    return values


def document_of(row: Row[Any]) -> Document:
    return Document(
        **{name: getattr(row, name) for name in _PLAIN_FIELDS},
        verdict=Verdict(row.verdict),
        error=document_error(row),
        warnings=tuple(row.warnings),
        created_at=utc(row.created_at),
        segment=row.segment,
    )


def own_name(document: Document) -> GivenName:
    """Return the name that a document has by its own row."""
    return GivenName(document.sha256, document.name, document.created_at)


def document_error(row: Row[Any]) -> DocumentError | None:
    """Return the error that a row of a document, or of a job, tells of."""
    return DocumentError(row.error_code, row.error_message or "") if row.error_code else None
