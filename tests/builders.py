"""What most tests begin with: small documents, settings that no environment touches, stores."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pymupdf

from api.base.settings import Settings
from api.services.wiring import Services, wire
from indexer.catalog.catalog import Catalog
from indexer.catalog.database import Database
from indexer.catalog.shared_locks import CatalogLocks
from indexer.indexes.derived import DerivedStore
from indexer.storage.blobs import BlobStore
from indexer.storage.bucket.bucket_folder import BucketFolder
from indexer.storage.bucket.objects import Bucket
from indexer.storage.damage_log import DamageLog
from indexer.storage.durable import DurableFolder
from indexer.storage.segment_store import SegmentStore
from indexer.stores import Stores
from tests.support.cluster_layout import settings_over
from tests.support.s3 import new_prefix

FAKE_MODELS = {"encoder": "fake", "ocr": "never", "layout": "never"}
BODY_TOP_PT = 300  # below what may be taken for a running head


def document_of(*pages: str, top_pt: float = 50) -> pymupdf.Document:
    """Return an open document with one text for each page, its first line `top_pt` below the edge."""
    document = pymupdf.open()
    for text in pages:
        box = pymupdf.Rect(50, top_pt, 545, 792)
        assert document.new_page().insert_textbox(box, text, fontsize=12) >= 0, "it does not fit"
    return document


def pdf_bytes(*pages: str, top_pt: float = 50, **options: Any) -> bytes:
    """Return a PDF file; the same pages give the same bytes. `options` go to pymupdf's `tobytes`."""
    return bytes(document_of(*pages, top_pt=top_pt).tobytes(**{"no_new_id": True} | options))


def write_pdf(path: Path, *pages: str, top_pt: float = 50) -> Path:
    """Write a PDF file and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pdf_bytes(*pages, top_pt=top_pt))
    return path


def settings_of(data_dir: Path | None = None, **options: Any) -> Settings:
    """Return settings of `options`: nothing is read from a `.env` file, and no disk reserve is kept."""
    if data_dir is not None:
        options = settings_over(data_dir, options) | {"data_dir": data_dir}
    # Thousands of tests must not take room for each of their folders.
    return Settings(_env_file=None, **{"reserve_bytes": 0} | options)  # type: ignore[call-arg]


def copied(settings: Settings, data_dir: Path, **changes: Any) -> Settings:
    """Copy a data folder; return the settings, with changes, over the copy."""
    shutil.copytree(settings.data_dir, data_dir)
    return settings.model_copy(update=settings_over(data_dir, {"data_dir": data_dir} | changes))


def fake_services(data_dir: Path, **options: Any) -> Services:
    """Return services over the fake encoder, without OCR and layout model: quick, the same everywhere."""
    return wire(settings_of(data_dir, **FAKE_MODELS | options))


def bucket_folder(
    root: Path, server: str, *, address: str | None = None, cache_bytes: int = 1 << 30
) -> BucketFolder:
    """Return a data folder over a new place of an S3 server, its locks in a database of its own."""
    root.mkdir(parents=True, exist_ok=True)
    locks = CatalogLocks(Database(f"sqlite:///{root / 'locks.sqlite3'}"))
    bucket = Bucket(address or new_prefix(), endpoint_url=server)
    return BucketFolder(root / "bucket", bucket, locks, cache_bytes)


def open_stores(root: Path, database: Database) -> Stores:
    """Return the stores of a data folder, with a catalog in `database`."""
    folder = DurableFolder(root)
    return Stores(
        folder=folder,
        catalog=Catalog(database),
        vectors=SegmentStore(folder),
        originals=BlobStore(folder, "originals", ".pdf"),
        images=BlobStore(folder, "images", ".webp"),
        derived_data=DerivedStore(folder),
        damage=DamageLog(folder),
    )
