"""What has to happen for a collection to be in step with its places: the diff, before anything is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from indexer.catalog.synced_files import SyncedFile
from indexer.ingest.sync.place import PlaceScan

_FEW = 4  # files that may be gone from any place


class ChangeKind(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    RENAMED = "renamed"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Change:
    """One file that is out of step.

    file   as it is now; of one that is gone, as it was
    scan   of the place where its bytes are; None: they are gone
    older  of one that was renamed: as it was
    """

    kind: ChangeKind
    file: SyncedFile
    scan: PlaceScan | None = None
    older: SyncedFile | None = None


@dataclass(frozen=True, slots=True)
class SyncPlan:
    """All changes of some places.

    changes      in the order in which they are shown
    seen_again   files in step of which something else is to be remembered: they were touched, or are new to
                 the catalog of files while their documents are not; and the scan that saw them: their side
                 files may say something else
    n_unchanged  files in step, those included
    unsettled_paths    paths that are still being written, left for the next time
    unknown_paths      paths that could not be looked at: what is known of them stays
    held_back    files that are gone, and whose documents stay all the same
    reasons      why they are held back, a line for each place
    """

    changes: tuple[Change, ...] = ()
    seen_again: tuple[tuple[SyncedFile, PlaceScan], ...] = ()
    n_unchanged: int = 0
    unsettled_paths: tuple[str, ...] = ()
    unknown_paths: tuple[str, ...] = ()
    held_back: tuple[SyncedFile, ...] = ()
    reasons: tuple[str, ...] = ()

    def of_kind(self, kind: ChangeKind) -> list[Change]:
        return [change for change in self.changes if change.kind is kind]

    def __or__(self, addition: SyncPlan) -> SyncPlan:
        """Return the plan of both, of different places."""
        return SyncPlan(
            self.changes + addition.changes,
            self.seen_again + addition.seen_again,
            self.n_unchanged + addition.n_unchanged,
            self.unsettled_paths + addition.unsettled_paths,
            self.unknown_paths + addition.unknown_paths,
            self.held_back + addition.held_back,
            self.reasons + addition.reasons,
        )


@dataclass(frozen=True, slots=True)
class Brake:
    """When files that are gone are taken for a mistake, and their documents stay.

    max_gone  share of a place's files that may go at a time; `_FEW` may always
    is_off    somebody looked and said that it is right
    """

    max_gone: float = 0.25
    is_off: bool = False

    def reason(
        self, known_files: Sequence[SyncedFile], gone_files: Sequence[SyncedFile], place: str
    ) -> str | None:
        """Say why files that are gone from a place are held back; None: they may go.

        known_files  the files that it had
        """
        if self.is_off or not gone_files:
            return None
        if len(gone_files) == len(known_files):
            return f"{place} holds none of its {len(known_files)} files, as if it were not there"
        if device_lost := _lost_device(known_files, gone_files, Path(place)):
            return f"{device_lost} is not what was mounted there: its files are gone together"
        if len(gone_files) > max(_FEW, self.max_gone * len(known_files)):
            return f"{len(gone_files)} of the {len(known_files)} files of {place} are gone"
        return None


def _lost_device(
    known_files: Sequence[SyncedFile], gone_files: Sequence[SyncedFile], folder: Path
) -> Path | None:
    """Return where a file system was mounted that is not there now: all its files are gone."""
    gone_paths = {file.path for file in gone_files}
    devices = {file.device for file in known_files} - {
        file.device for file in known_files if file.path not in gone_paths
    }
    for file in gone_files:
        if file.device in devices:
            place = next(p for p in (folder / file.path).parents if p.is_dir())
            if place.stat().st_dev != file.device:
                return place
    return None
