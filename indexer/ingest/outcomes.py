"""What became of one file of an ingest."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from indexer.base.verdicts import Verdict
from indexer.catalog.document_records import Document, DocumentError

PageProgress = Callable[[int, int], None]  # (number of pages done, of the document)


@dataclass(frozen=True, slots=True)
class IngestOutcome:
    """What became of one file.

    document_id  None when nothing could be recorded
    try_again    nothing is wrong with the file: the disk is full, the data folder busy
    note         what else is to be known of its name; None: nothing
    attachments  what became of the files that came inside of it
    n_copied_pages  of its pages, which were stored already: their words and vectors were taken over
    """

    name: str
    verdict: Verdict
    document_id: str | None
    n_pages: int
    seconds: float
    error: DocumentError | None = None
    warnings: tuple[str, ...] = ()
    try_again: bool = False
    note: str | None = None
    attachments: tuple[IngestOutcome, ...] = ()
    n_copied_pages: int = 0


def outcome_of(document: Document, name: str, verdict: Verdict, began: float) -> IngestOutcome:
    """Return the outcome of a file that is a document now; `began` by the monotonic clock, in seconds."""
    return IngestOutcome(
        name=name,
        verdict=verdict,
        document_id=document.id,
        n_pages=document.n_pages,
        seconds=time.monotonic() - began,
        warnings=document.warnings,
    )
