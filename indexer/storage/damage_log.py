"""What was seen to be damaged and is not mended yet, for whoever mends it and for `/readyz`.

damage/<kind>-<name>.json  one for each segment, derived folder, page image or original
"""

from __future__ import annotations

import json
import logging
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, get_args

from indexer.base.errors import (
    CatalogDamaged,
    DamagedBlob,
    DamagedDerived,
    DamagedPages,
    StorageError,
    Unreadable,
)
from indexer.storage.durable import DurableFolder

DamageKind = Literal["pages", "int8", "tokens", "images", "originals", "catalog"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Damage:
    """Something stored that is not what was written.

    name      of the segment, or the SHA-256 that the blob should have
    page_ids  of a segment: the pages that are lost; None: all
    """

    kind: DamageKind
    name: str
    message: str
    page_ids: tuple[int, ...] | None = None


class DamageLog:
    """The damage of one data folder. Safe to use from several threads and processes.

    What the disk refuses to take is remembered by this process.
    """

    def __init__(self, folder: DurableFolder) -> None:
        self._folder = folder
        self._root = folder.root / "damage"
        self._in_memory: dict[Path, Damage] = {}
        self._lock = threading.Lock()

    def report(self, error: StorageError) -> None:
        """Remember what the error says is damaged; an error that does not say it is only logged."""
        damage = _damage_of(error)
        if damage is None:
            _log.error("damage: %s", error)
            return
        path = self._root / f"{damage.kind}-{damage.name}.json"
        with self._lock:
            earlier = self._read_entry(path) or self._in_memory.get(path)
            damage = _union(earlier, damage)
            if damage == earlier:
                return
            self._in_memory[path] = damage
        _log.error("damage: %s", error)
        with suppress(StorageError):
            self._folder.add_bytes(path, json.dumps(asdict(damage), indent=1).encode())
            with self._lock:
                self._in_memory.pop(path, None)

    def entries(self) -> list[Damage]:
        """Return all damage that is known, by any process."""
        with self._lock:
            entries = dict(self._in_memory)
        for path in sorted(self._folder.paths(self._root, 1)):
            damage = self._read_entry(path)
            if damage is not None:
                entries[path] = damage
        return list(entries.values())

    def forget(self, damage: Damage) -> None:
        """Drop what is mended. Raises StorageError."""
        path = self._root / f"{damage.kind}-{damage.name}.json"
        with self._lock:
            self._in_memory.pop(path, None)
        self._folder.remove_files([path])

    def _read_entry(self, path: Path) -> Damage | None:
        """Read one entry; None where it is gone, or damaged itself: the damage will be seen anew."""
        try:
            body = json.loads(self._folder.read(path) or b"")
            page_ids = body["page_ids"]
            if body["kind"] not in get_args(DamageKind):
                return None
            return Damage(
                body["kind"],
                str(body["name"]),
                str(body["message"]),
                None if page_ids is None else tuple(int(page_id) for page_id in page_ids),
            )
        except (Unreadable, ValueError, KeyError, TypeError):
            return None


def _damage_of(error: StorageError) -> Damage | None:
    match error:
        case CatalogDamaged():
            return Damage("catalog", "database", str(error))
        case DamagedPages(segment=name, page_ids=ids):
            page_ids = None if ids is None else tuple(sorted(ids))
            return Damage("pages", name, str(error), page_ids)
        case DamagedDerived(segment=name, kind="int8" | "tokens" as kind):
            return Damage(kind, name, str(error))
        case DamagedBlob(family="images" | "originals" as family, sha256=name):
            return Damage(family, name, str(error))
    return None


def _union(earlier: Damage | None, damage: Damage) -> Damage:
    """Add the pages that were lost before."""
    if earlier is None or damage.page_ids is None:
        return damage
    if earlier.page_ids is None:
        return earlier
    page_ids = tuple(sorted({*earlier.page_ids, *damage.page_ids}))
    return Damage(damage.kind, damage.name, damage.message, page_ids)
