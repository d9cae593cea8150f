"""What has to happen for a collection to be in step with its folders: the diff, before anything is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from indexer.catalog.synced_files import SyncedFile


class ChangeKind(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    RENAMED = "renamed"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Change:
    """One file that is out of step.

    file   as it is now; of one that is gone, as it was
    path   where its bytes are; None: they are gone
    older  of one that was renamed: as it was
    """

    kind: ChangeKind
    file: SyncedFile
    path: Path | None = None
    older: SyncedFile | None = None


@dataclass(frozen=True, slots=True)
class SyncPlan:
    """All changes of some folders.

    changes      in the order in which they are shown
    seen_again   files in step of which something else is to be remembered: they were touched, or are new to
                 the catalog of files while their documents are not
    n_unchanged  files in step, those included
    unsettled    paths that are still being written, left for the next time
    unknown      paths that could not be looked at: what is known of them stays
    held_back    files that are gone, and whose documents stay all the same
    reasons      why they are held back, a line for each folder
    """

    changes: tuple[Change, ...] = ()
    seen_again: tuple[SyncedFile, ...] = ()
    n_unchanged: int = 0
    unsettled: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    held_back: tuple[SyncedFile, ...] = ()
    reasons: tuple[str, ...] = ()

    def of_kind(self, kind: ChangeKind) -> list[Change]:
        return [change for change in self.changes if change.kind is kind]

    def __or__(self, other: SyncPlan) -> SyncPlan:
        """Return the plan of both, of different folders."""
        return SyncPlan(
            self.changes + other.changes,
            self.seen_again + other.seen_again,
            self.n_unchanged + other.n_unchanged,
            self.unsettled + other.unsettled,
            self.unknown + other.unknown,
            self.held_back + other.held_back,
            self.reasons + other.reasons,
        )


@dataclass(frozen=True, slots=True)
class Brake:
    """When files that are gone are taken for a mistake, and their documents stay.

    max_gone  share of a folder's files that may go at a time; `_FEW` may always
    is_off    somebody looked and said that it is right
    """

    max_gone: float = 0.25
    is_off: bool = False

    def reason(
        self, known: Sequence[SyncedFile], gone: Sequence[SyncedFile], folder: Path
    ) -> str | None:
        """Say why files that are gone from a folder are held back; None: they may go.

        known  the files that it had
        """
        if self.is_off or not gone:
            return None
        if len(gone) == len(known):
            return f"{folder} holds none of its {len(known)} files: is it mounted?"
        if device_lost := _lost_device(known, gone, folder):
            return f"{device_lost} is not what was mounted there: its files are gone together"
        if len(gone) > max(_FEW, self.max_gone * len(known)):
            return f"{len(gone)} of the {len(known)} files of {folder} are gone"
        return None


_FEW = 4


def _lost_device(
    known: Sequence[SyncedFile], gone: Sequence[SyncedFile], folder: Path
) -> Path | None:
    """Return where a file system was mounted that is not there now: all its files are gone."""
    gone_paths = {file.path for file in gone}
    devices = {file.device for file in known} - {
        file.device for file in known if file.path not in gone_paths
    }
    for file in gone:
        if file.device in devices:
            place = next(p for p in (folder / file.path).parents if p.is_dir())
            if place.stat().st_dev != file.device:
                return place
    return None
