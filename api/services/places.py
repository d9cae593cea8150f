"""Where files and indexes are kept, by the settings; and places that collections are kept in step with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from api.base.errors import InvalidSettings
from api.base.settings import Settings
from indexer.base.disk_errors import storage_error
from indexer.base.errors import NothingToIngest
from indexer.base.lazy import Lazy
from indexer.catalog.catalog import Catalog
from indexer.catalog.database import Database, catalog_url
from indexer.catalog.shared_locks import CatalogLocks
from indexer.indexes.candidate_source import CandidateSource
from indexer.indexes.derived import DerivedStore
from indexer.indexes.qdrant_source import QdrantOptions, QdrantSource
from indexer.ingest.sync.bucket_scan import SyncedPrefix
from indexer.ingest.sync.folder_scan import SyncedFolder
from indexer.ingest.sync.place import SyncedPlace, is_bucket
from indexer.storage.blobs import BlobStore
from indexer.storage.bucket.bucket_folder import BucketFolder
from indexer.storage.bucket.objects import Bucket
from indexer.storage.damage_log import DamageLog
from indexer.storage.durable import DurableFolder
from indexer.storage.files import FOLDER_MODE
from indexer.storage.segment_store import SegmentStore
from indexer.stores import Stores

if TYPE_CHECKING:
    from indexer.inputs.web.web_files import WebFiles


def open_stores(settings: Settings) -> tuple[Database, Stores]:
    """Open the data folder; the catalog is neither made nor changed. Raises InvalidSettings, StorageError."""
    database, folder = open_folder(settings)
    stores = Stores(
        folder=folder,
        catalog=Catalog(database),
        vectors=SegmentStore(folder),
        originals=BlobStore(folder, "originals", ".pdf"),
        images=BlobStore(folder, "images", ".webp"),
        derived_data=DerivedStore(folder, candidate_source(settings)),
        damage=DamageLog(folder),
    )
    return database, stores


def open_folder(settings: Settings) -> tuple[Database, DurableFolder]:
    """Open the folder and reach the catalog, which is neither made nor changed.

    Raises StorageError.
    """
    url = catalog_url(settings.data_dir, settings.database_url)
    if settings.storage is None:
        folder = DurableFolder(settings.data_dir, settings.reserve_bytes)
        folder.require_in_use()
        database = Database(url, migrate=False, make_room=folder.space.make_room_for_catalog)
        return database, folder
    try:
        settings.data_dir.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    except OSError as error:
        raise storage_error(settings.data_dir, error) from error
    database = Database(url, migrate=False)
    folder = bucket_folder(settings, settings.storage, database)
    folder.require_in_use()
    return database, folder


def bucket_folder(settings: Settings, address: str, database: Database) -> BucketFolder:
    """Return a data folder over the bucket at `s3://bucket/prefix`. Raises StorageError."""
    bucket = Bucket(address, endpoint_url=settings.s3_endpoint, region=settings.s3_region)
    # Beside what a data folder holds, not among it: copies come and go.
    root = settings.data_dir / "bucket"
    locks = CatalogLocks(database)
    return BucketFolder(root, bucket, locks, settings.cache_bytes, settings.reserve_bytes)


def synced_places(
    settings: Settings, folder: DurableFolder, names: Sequence[str]
) -> list[SyncedPlace]:
    """Return the places that a collection is to be kept in step with: folders, and `s3://bucket/prefix`.

    folder  of this service, in which objects lie while they are read

    Raises NothingToIngest, and StorageUnavailable where boto3 is not installed.
    """
    return [
        _synced_prefix(settings, folder, name) if is_bucket(name) else SyncedFolder(Path(name))
        for name in names
    ]


def _synced_prefix(settings: Settings, folder: DurableFolder, address: str) -> SyncedPrefix:
    if not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]+(/.*)?", address):
        raise NothingToIngest(f"{address} is no bucket: write s3://bucket/prefix")
    bucket = Bucket(address, endpoint_url=settings.s3_endpoint, region=settings.s3_region)
    prefix = SyncedPrefix(bucket, partial(folder.staging_folder, "sync-"), settings.max_file_bytes)
    if settings.storage is not None:
        own_path = PurePosixPath(settings.storage)
        if own_path.is_relative_to(prefix.path) or prefix.path.is_relative_to(own_path):
            raise NothingToIngest(
                f"{address} holds files of this service itself (PAGESIGHT_STORAGE): name another prefix"
            )
    return prefix


def make_web_files(settings: Settings) -> Lazy[WebFiles]:
    """Return what fetches files by their addresses; it imports an HTTP client."""

    def make() -> WebFiles:
        from indexer.inputs.web.fetching import Fetcher
        from indexer.inputs.web.web_files import WebFiles

        return WebFiles(Fetcher(settings.web_hosts), settings.max_file_bytes)

    return Lazy(make)


def candidate_source(settings: Settings) -> CandidateSource | None:
    """Return what makes candidate indexes elsewhere; None: FAISS, in the folder. Raises InvalidSettings."""
    if settings.vectors == "faiss":
        return None
    key = settings.qdrant_api_key.get_secret_value() if settings.qdrant_api_key else None
    source = QdrantSource(
        QdrantOptions(settings.qdrant_url, key, settings.qdrant_shards, settings.qdrant_replicas)
    )
    if not source.is_installed:
        raise InvalidSettings(
            "PAGESIGHT_VECTORS=qdrant needs the client: pip install 'pagesight[qdrant]'"
        )
    return source
