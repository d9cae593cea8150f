"""What a bundle holds: a ZIP archive whose members are stored as they are.

manifest.json            the facts below, and the SHA-256 of SHA256SUMS
manifest.json.signature  where it is signed: Ed25519 over manifest.json, 64 bytes
SHA256SUMS               of the catalog and of every file, as `sha256sum -c` reads it
catalog.sqlite3          the rows of the collection; no keys, no conversations, no jobs
originals/ images/ collections/   the files that it names, under the paths of a data folder

Whoever has the manifest's signature has the hash of everything.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from indexer.base.errors import DamagedBundle, DataFolderTooNew
from indexer.catalog.database import HEAD

FORMAT_VERSION = 1  # raised whenever an older pagesight could misread a bundle
MANIFEST, SIGNATURE, SUMS, CATALOG = (
    "manifest.json",
    "manifest.json.signature",
    "SHA256SUMS",
    "catalog.sqlite3",
)
_KIND = "pagesight bundle"
_KINDS = {"str": str, "int": int}  # of the fields below, by their annotation


@dataclass(frozen=True, slots=True)
class BundleFacts:
    """What a bundle says of itself.

    made_at          UTC, as 2026-11-27T11:04:55+00:00
    version, schema  of the pagesight that made it, and of its catalog
    encoder          fingerprint of the encoder that its pages were made with
    n_bytes          of the files, without the catalog
    sums_sha256      SHA-256 of SHA256SUMS, which has those of all the rest
    """

    collection: str
    title: str
    made_at: str
    version: str
    schema: str
    encoder: Mapping[str, Any]
    n_documents: int
    n_pages: int
    n_files: int
    n_bytes: int
    sums_sha256: str

    def to_bytes(self) -> bytes:
        body = {"kind": _KIND, "format": FORMAT_VERSION, **asdict(self)}
        return f"{json.dumps(body, indent=1, ensure_ascii=False)}\n".encode()

    @classmethod
    def from_bytes(cls, content: bytes, place: str) -> BundleFacts:
        """Read a manifest. Raises DamagedBundle, DataFolderTooNew; `place`: what the error calls the file."""
        not_read = DamagedBundle(f"{place} is no bundle: its manifest cannot be read")
        try:
            body = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise not_read from error
        if not isinstance(body, dict) or body.pop("kind", None) != _KIND:
            raise not_read
        number = body.pop("format", None)
        if not isinstance(number, int):
            raise not_read
        if number > FORMAT_VERSION:
            raise DataFolderTooNew(
                f"{place} has bundle format {number}, this pagesight knows {FORMAT_VERSION}: "
                "open it with the pagesight that made it"
            )
        kinds = {field.name: _KINDS.get(str(field.type), dict) for field in fields(cls)}
        if body.keys() != kinds.keys() or any(
            not isinstance(value, kinds[name]) for name, value in body.items()
        ):
            raise not_read
        facts = cls(**body)
        if facts.schema > HEAD:
            raise DataFolderTooNew(
                f"{place} was made by pagesight {facts.version}: open it with that one"
            )
        return facts
