"""How the service is: put together once, for `GET /v1/status` and for `pagesight status`."""

from __future__ import annotations

from collections.abc import Collection as Ids

from api.base.setting_list import setting_list
from api.schemas.status import (
    CollectionStatus,
    DiskStatus,
    QueueStatus,
    RecallStatus,
    SettingStatus,
)
from api.services.wiring import Services
from indexer.catalog.collections import Collection
from indexer.encoders.registry import languages_of


def queue_status(services: Services, within: Ids[str] | None = None) -> QueueStatus:
    """Count what waits and what runs; of these collections only, where `within` names their ids."""
    load = services.queue.load(within)
    return QueueStatus(
        n_queued=load.n_queued,
        n_running=load.n_running,
        oldest_waiting_s=load.oldest_waiting_s,
        workers=list(load.workers),
    )


def collection_statuses(services: Services, collections: Ids[Collection]) -> list[CollectionStatus]:
    """Say of each collection how it is kept."""
    n_older = services.stores.catalog.documents.n_of_older_readers()
    return [
        _collection_status(services, collection, n_older.get(collection.id, 0))
        for collection in collections
    ]


def disk_status(services: Services) -> DiskStatus:
    """Say how full the disk is. Raises OSError."""
    stores = services.stores
    space = stores.folder.space
    free_bytes = space.free_bytes
    return DiskStatus(
        free_bytes=free_bytes,
        used_bytes=space.total_bytes - free_bytes,
        deleted_bytes=services.reclaimer.pending().n_bytes,
        quarantine_bytes=sum(batch.n_bytes for batch in stores.quarantine.batches()),
        read_only_reason=space.read_only_reason() or None,
    )


def setting_statuses(services: Services) -> list[SettingStatus]:
    """List the settings in force, by name."""
    return [
        SettingStatus(
            name=setting.name,
            value=setting.value,
            default=setting.default,
            origin="default" if setting.is_default else "environment",
            description=setting.description,
        )
        for setting in setting_list(services.settings)
    ]


def _collection_status(
    services: Services, collection: Collection, n_older: int
) -> CollectionStatus:
    catalog = services.stores.catalog
    totals = catalog.collections.totals(collection.id)
    segments = catalog.segments.of_collection(collection.id)
    kinds = [kind for segment in segments for kind in services.stores.derived_data.kinds(segment)]
    report = services.searcher.recall(collection.name)
    return CollectionStatus(
        name=collection.name,
        encoder=collection.fingerprint.name,
        languages=languages_of(collection.fingerprint),
        documents=totals.n_documents,
        pages=totals.n_pages,
        vectors=totals.n_vectors,
        segments=len(segments),
        int8_copies=kinds.count("int8"),
        candidate_indexes=kinds.count("tokens"),
        recall=RecallStatus(mean=report.recall, worst=report.worst, n_sampled=report.n_sampled),
        documents_of_older_readers=n_older,
    )
