"""Files that come inside a file: those that can be read become documents of their own, the others are named.

They are indexed before the document that they are attached to, and are in no search until that is: its commit
shows it with all its attachments, and a broken ingest is taken up again without a loss.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from indexer.base.errors import StorageError
from indexer.ingest.outcomes import IngestOutcome
from indexer.inputs.pdf.attachments import Attachment, AttachmentLimits, TakenFiles
from indexer.inputs.rasterizer import OpenDocument, Rasterizer
from indexer.inputs.sources import Source
from indexer.storage.durable import DurableFolder

MAX_DEPTH = 2  # a file, what is attached to it, what is attached to that


@dataclass(slots=True)
class AttachmentBudget:
    """What one file may bring along, all that comes inside of it taken together."""

    n_files: int
    n_bytes: int


IngestAttachment = Callable[[Source, AttachmentBudget], IngestOutcome]


class AttachedFiles:
    """Ingests what documents carry."""

    def __init__(self, folder: DurableFolder, rasterizer: Rasterizer) -> None:
        self._folder = folder
        self._rasterizer = rasterizer

    def budget(self) -> AttachmentBudget:
        """Return what a file that comes by itself may bring along."""
        return AttachmentBudget(
            self._rasterizer.settings.max_attachments, self._rasterizer.settings.max_file_bytes
        )

    def ingest(
        self,
        pdf: OpenDocument,
        source: Source,
        sha256: str,
        budget: AttachmentBudget,
        ingest: IngestAttachment,
    ) -> tuple[IngestOutcome, ...]:
        """Ingest the files that a document carries; what is to be known of the others it warns of.

        Raises StorageError, and what `ingest` raises.
        """
        if not pdf.carries_files:
            return ()
        if len(source.attached_to) >= MAX_DEPTH or budget.n_files < 1:
            pdf.warn(_not_looked_at(source))
            return ()
        with self._folder.staging_folder("attachments-") as folder:
            limits = AttachmentLimits(budget.n_files, budget.n_bytes)
            taken_files = self._rasterizer.attachments(
                source.path, folder, limits, source.telling_name
            )
            budget.n_files -= len(taken_files.files)
            budget.n_bytes -= sum(
                file.n_bytes for file in taken_files.files if file.path is not None
            )
            parents = (*source.attached_to, sha256)
            outcomes = []
            for file in taken_files.files:
                if file.path is None:
                    pdf.warn(_unread(file))
                    continue
                child = Source(file.path, file.name, given_at=source.given_at, attached_to=parents)
                outcome = ingest(child, budget)
                if outcome.try_again and outcome.error is not None:
                    raise StorageError(f"attachment {file.name}: {outcome.error.message}")
                if outcome.error is not None:
                    pdf.warn(f"attachment {file.name}: {outcome.error.message}")
                outcomes.append(outcome)
        _note_whole(pdf, taken_files, outcomes)
        return tuple(outcomes)


def _note_whole(pdf: OpenDocument, taken_files: TakenFiles, outcomes: list[IngestOutcome]) -> None:
    if taken_files.n_more:
        pdf.warn(
            f"{taken_files.n_more} more attached files were not looked at: raise PAGESIGHT_MAX_ATTACHMENTS"
        )
    if taken_files.fault:
        pdf.warn(f"attached files could not all be read ({taken_files.fault})")
    if pdf.is_portfolio:
        n_indexed = sum(outcome.verdict.searchable for outcome in outcomes)
        n_files = len(taken_files.files) + taken_files.n_more
        pdf.warn(f"is a portfolio: {n_indexed} of its {n_files} files are documents of their own")


def _unread(file: Attachment) -> str:
    if file.problem:
        return f"attachment {file.name} could not be read ({file.problem})"
    if file.is_readable:
        return (
            f"attachment {file.name} ({_size(file.n_bytes)}) was not read: with the others it is more than "
            "PAGESIGHT_MAX_FILE_BYTES"
        )
    return f"attachment {file.name} ({_size(file.n_bytes)}) is of no kind that can be read"


def _not_looked_at(source: Source) -> str:
    if len(source.attached_to) >= MAX_DEPTH:
        return "its own attachments were not read: they lie too deep inside of each other"
    return "its attachments were not read: PAGESIGHT_MAX_ATTACHMENTS allows no more"


def _size(n_bytes: int) -> str:
    for unit, n_unit_bytes in (("MB", 10**6), ("kB", 10**3)):
        if n_bytes >= n_unit_bytes:
            return f"{n_bytes / n_unit_bytes:.1f} {unit}"
    return f"{n_bytes} bytes"
