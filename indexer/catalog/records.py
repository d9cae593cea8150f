"""What the catalog answers with: plain frozen values, never database rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from indexer.base.errors import EncoderMismatch
from indexer.base.verdicts import Verdict
from indexer.encoders.base import EncoderFingerprint
from indexer.storage.segments import SegmentRecord


@dataclass(frozen=True, slots=True)
class Collection:
    id: str
    name: str
    fingerprint: EncoderFingerprint
    generation: int
    created_at: datetime

    def require_encoder(self, fingerprint: EncoderFingerprint) -> None:
        """Raises EncoderMismatch unless `fingerprint` made the collection's vectors."""
        made_by = self.fingerprint
        if made_by == fingerprint:
            return
        same_weights = (made_by.checkpoint, made_by.revision) == (
            fingerprint.checkpoint,
            fingerprint.revision,
        )
        if made_by.name != fingerprint.name:
            remedy = f"set PAGESIGHT_ENCODER={made_by.name}"
        elif not same_weights:
            remedy = "set PAGESIGHT_ENCODER_CHECKPOINT to the checkpoint that indexed it"
        else:
            remedy = _settings_of(made_by, fingerprint) or "install the version that indexed it"
        raise EncoderMismatch(
            f"collection {self.name!r} was indexed by {made_by}, this is {fingerprint}: {remedy}, "
            "or re-encode the files into a new collection with `pagesight ingest PATH -c NEW_NAME`"
        )


# Options of a fingerprint that are settings of the same name.
_SETTINGS = ("token_pooling", "min_visual_tokens", "max_visual_tokens")


def _settings_of(made_by: EncoderFingerprint, current: EncoderFingerprint) -> str:
    """The settings that turn `current` into `made_by`; empty when settings alone cannot."""
    wanted, found = dict(made_by.options), dict(current.options)
    steps = []
    for name in _SETTINGS:
        value = wanted.pop(name, None)
        if value != found.pop(name, None):
            variable = f"PAGESIGHT_{name.upper()}"
            steps.append(f"unset {variable}" if value is None else f"set {variable}={value}")
    same = (made_by.checkpoint, made_by.revision) == (current.checkpoint, current.revision)
    return ", ".join(steps) if same and wanted == found else ""


@dataclass(frozen=True, slots=True)
class CollectionTotals:
    """How much a collection holds; `n_rejected` counts files that were refused."""

    n_documents: int
    n_rejected: int
    n_pages: int
    n_vectors: int


@dataclass(frozen=True, slots=True)
class DocumentError:
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Document:
    """One file of a collection, indexed or refused.

    n_pages        pages the file has; some may have been left out (see `warnings`)
    first_page_id  page number n has the id first_page_id + n - 1; None when nothing was indexed
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


@dataclass(frozen=True, slots=True)
class Page:
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


@dataclass(frozen=True, slots=True)
class PageDraft:
    """A page that is about to be committed, with the stored form of its words."""

    page: Page
    words: bytes


@dataclass(frozen=True, slots=True)
class DocumentDraft:
    """A document that is about to be committed with its pages and the segment they stand in.

    was_shown  fewer of its pages were committed before, and must still be there
    """

    document: Document
    pages: Sequence[PageDraft]
    segment: SegmentRecord
    was_shown: bool = False


@dataclass(frozen=True, slots=True)
class Committed:
    """A document is visible. `replaced`: segments whose files may now go."""

    replaced: Sequence[SegmentRecord] = ()


@dataclass(frozen=True, slots=True)
class CollectionSnapshot:
    """What a search of one collection may see: taken in one transaction, valid for its generation."""

    collection: Collection
    documents: tuple[Document, ...]
    segments: tuple[SegmentRecord, ...]
