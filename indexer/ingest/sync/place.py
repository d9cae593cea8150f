"""A place whose files a collection is kept in step with: a folder, or a prefix of a bucket."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Protocol

from indexer.base.errors import NothingToIngest
from indexer.inputs.names import document_name

UNREAD = ""  # the SHA-256 of a file of which only reading it whole would tell


@dataclass(frozen=True, slots=True)
class FileState:
    """A file, with its side file, as its place describes it: what changed may be seen here.

    entity_tag  of an object: equal ones are equal bytes; "" where a place has none
    """

    n_bytes: int
    modified_ns: int
    changed_ns: int = 0
    device: int = 0
    entity_tag: str = ""


class PlaceScan(Protocol):
    """What lies in a place now. Files go by their paths below it, written with `/`."""

    @property
    def place(self) -> str:
        """The whole path of the place, as it is remembered."""

    @property
    def states(self) -> Mapping[str, FileState]:
        """The files that can be read."""

    @property
    def unknown_paths(self) -> frozenset[str]:
        """Paths that could not be looked at: files, and folders with all that is in them."""

    def sha256(self, path: str, settle_s: float) -> str | None:
        """Return the SHA-256 of a file, or UNREAD; None where it is being written, or went.

        settle_s  a file that was changed more lately is still being written

        Raises Unreadable.
        """

    def lent(self, path: str) -> AbstractContextManager[Path]:
        """Yield where the file, and beside it its side file, can be read now; nothing is there if it went.

        Raises StorageError.
        """

    def lent_side_file(self, path: str) -> AbstractContextManager[Path]:
        """Yield where the side file alone can be read now; nothing is there if there is none.

        Raises StorageError.
        """


class SyncedPlace(Protocol):
    """A place as a person names it."""

    @property
    def path(self) -> PurePath:
        """Where it is, whole, so that two that lie in each other are seen."""

    def scan(self) -> PlaceScan:
        """Look through it. Raises NothingToIngest where it is not there, and Unreadable."""


def is_bucket(place: str) -> bool:
    """Say whether a place is a prefix of a bucket, and no folder."""
    return place.startswith("s3://")


def require_apart(paths: Iterable[PurePath]) -> None:
    """Raise NothingToIngest where one place lies in another: its files would be two documents each."""
    known_paths: list[PurePath] = []
    for path in paths:
        for known_path in known_paths:
            if path.is_relative_to(known_path) or known_path.is_relative_to(path):
                raise NothingToIngest(
                    f"{document_name(str(path))} and {document_name(str(known_path))} lie in each other: "
                    "name the outer one alone"
                )
        known_paths.append(path)
