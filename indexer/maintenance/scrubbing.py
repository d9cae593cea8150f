"""Reads everything that is stored once in a set time, so that rot is found while it can be mended.

scrub.json  when the present round began, and how far it has come
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from indexer.base.disk_errors import unreadable
from indexer.base.errors import (
    CatalogDamaged,
    DamagedDerived,
    DamagedFile,
    DamagedPages,
    StorageError,
    Unreadable,
)
from indexer.catalog.database import Database
from indexer.storage.blobs import BlobStore
from indexer.storage.segment_reading import SUMS
from indexer.storage.segments import SegmentRecord
from indexer.stores import Stores

BYTES_PER_S = 64 * 1024**2  # at most: searches share the disk
_READ_BYTES = 1 << 20
_DAY_S = 86_400.0
_log = logging.getLogger(__name__)

Pause = Callable[[float], None]


@dataclass(frozen=True, slots=True, order=True)
class _Item:
    """Something to read: a segment, or a blob of the family `kind`."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class ScrubProgress:
    """How far a round has come; `began_at_s` by the clock of the machine."""

    began_at_s: float
    n_read: int
    last: tuple[str, str] | None


class Scrubber:
    """Scrubs one data folder; what is damaged goes to the log of damage.

    period_s  a round takes about so long; what a stopped process has missed is made up for, but never faster
              than BYTES_PER_S
    """

    def __init__(self, stores: Stores, database: Database, days: float) -> None:
        self._stores = stores
        self._database = database
        self.period_s = days * _DAY_S
        self._path = stores.folder.root / "scrub.json"
        self._items: list[_Item] | None = None

    def run(
        self, pause: Pause = time.sleep, is_stopping: Callable[[], bool] = lambda: False
    ) -> int:
        """Read what is due by now; returns how many items. Raises StorageError."""
        progress = self._progress()
        if self._items is None:
            self._items = self._list_items()
        last = _Item(*progress.last) if progress.last else None
        left_items = [item for item in self._items if last is None or item > last]
        share = (time.time() - progress.began_at_s) / self.period_s if self.period_s else 1.0
        n_due = min(len(left_items), round(share * len(self._items)) - progress.n_read)
        n_read = 0
        for item in left_items[: max(n_due, 0)]:
            if is_stopping():
                break
            self._read_item(item, pause)
            n_read += 1
            last = item
        if n_read == len(left_items) and share >= 1.0:
            self._end_round()
        elif n_read:
            position = (last.kind, last.name) if last else None
            self._keep(ScrubProgress(progress.began_at_s, progress.n_read + n_read, position))
        return n_read

    def _list_items(self) -> list[_Item]:
        originals, images = self._stores.catalog.named_blobs()
        segments = [_Item("segments", r.name) for r in self._stores.catalog.segments.all()]
        blobs = [_Item("images", name) for name in images]
        return sorted([*segments, *blobs, *(_Item("originals", name) for name in originals)])

    def _end_round(self) -> None:
        for fault in self._database.faults():
            self._stores.damage.report(CatalogDamaged(fault))
        _log.info("everything stored was read")
        self._items = None
        self._keep(ScrubProgress(time.time(), 0, None))

    # -- items -------------------------------------------------------------------------------------

    def _read_item(self, item: _Item, pause: Pause) -> None:
        """Compare one item with what was written; a read error is no verdict."""
        try:
            if item.kind == "segments":
                record = self._stores.catalog.segments.find(item.name)
                if record is not None:
                    self._read_segment(record, pause)
            else:
                store = {"images": self._stores.images, "originals": self._stores.originals}
                self._read_blob(store[item.kind], item.name, pause)
        except Unreadable as error:
            _log.error("scrub: %s", error)

    def _read_blob(self, store: BlobStore, sha256: str, pause: Pause) -> None:
        if not self._is_right(store.path(sha256), sha256, pause):
            originals, images = self._stores.catalog.named_blobs()
            if sha256 in (images if store is self._stores.images else originals):
                self._stores.damage.report(store.damage_of(sha256))

    def _read_segment(self, record: SegmentRecord, pause: Pause) -> None:
        root = self._stores.vectors.folder_of(record.collection_id, record.name)
        if root is None:
            return  # in memory
        wrong_files = [
            name
            for name, file in record.files.items()
            if not self._is_right(root / name, file.sha256, pause)
        ]
        try:
            if wrong_files:
                self._stores.vectors.open(record).require(boxes=True)  # raises, naming the pages
                raise DamagedPages(f"{root / wrong_files[0]} is not what was written", record.name)
            if SUMS not in record.files:
                with self._stores.folder.writing():
                    whole_record = self._stores.vectors.add_sums(record)
                self._stores.catalog.segments.keep_files(whole_record)
        except DamagedFile as error:
            if self._stores.catalog.segments.find(record.name) is not None:
                self._stores.damage.report(error)
        if self._stores.folder.is_bucket:
            return  # what is derived is compared at each use, and is no truth
        for kind in self._stores.derived_data.damaged_kinds(record):
            message = f"the {kind} data of segment {record.name} is not what was written"
            self._stores.damage.report(DamagedDerived(message, record.name, kind))

    def _is_right(self, path: Path, sha256: str, pause: Pause) -> bool:
        """Read a file and compare it. Of a bucket its server is asked, which looks after the bytes itself."""
        folder = self._stores.folder
        return (
            folder.stands(path, sha256) if folder.is_bucket else _sha256_of(path, pause) == sha256
        )

    # -- progress ----------------------------------------------------------------------------------

    def _progress(self) -> ScrubProgress:
        try:
            body = json.loads(self._stores.folder.read(self._path) or b"")
            last = body["last"]
            return ScrubProgress(
                min(float(body["began_at_s"]), time.time()),
                int(body["n_read"]),
                None if last is None else (str(last[0]), str(last[1])),
            )
        except (Unreadable, ValueError, KeyError, TypeError, IndexError):
            progress = ScrubProgress(time.time(), 0, None)
            self._keep(progress)
            return progress

    def _keep(self, progress: ScrubProgress) -> None:
        try:
            self._stores.folder.add_bytes(self._path, json.dumps(asdict(progress)).encode())
        except StorageError as error:  # a full disk: it reads on all the same
            _log.info("the progress of the scrub is not kept: %s", error)


def _sha256_of(path: Path, pause: Pause) -> str | None:
    """Hash a file, no faster than BYTES_PER_S; None where it is gone. Raises Unreadable."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(_READ_BYTES):
                digest.update(block)
                if len(block) == _READ_BYTES:
                    pause(_READ_BYTES / BYTES_PER_S)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise unreadable(path, error) from error
    return digest.hexdigest()
