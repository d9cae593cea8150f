"""A library to be backed up, and the ways back from its backups."""

from __future__ import annotations

from pathlib import Path

from api.services.wiring import Services
from indexer.base.verdicts import Verdict
from indexer.inputs.sources import Source
from indexer.maintenance.backups.backup_folder import BackupFolder
from indexer.maintenance.backups.making import BackupMaker, CopyWork
from indexer.maintenance.backups.manifest import Backup
from indexer.maintenance.backups.restoring import Restorer


def make(services: Services, folder: BackupFolder, **options: int) -> tuple[Backup, CopyWork]:
    return BackupMaker(services.stores, services.database).make(folder, **options)


def restore(folder: BackupFolder, data_dir: Path, name: str | None = None, **options: bool) -> None:
    Restorer(folder).restore(folder.find(name), data_dir, None, **options)


def add(services: Services, collection: str, path: Path) -> str:
    target = services.collection_for_ingest(collection)
    outcome = services.pipeline.ingest(target, Source(path, path.name))
    assert outcome.verdict is Verdict.INDEXED, outcome.error
    [document] = [
        document
        for document in services.stores.catalog.documents.of_collection(target.id)
        if document.name == path.name
    ]
    return document.id


def hits(services: Services, query: str, collection: str) -> list[tuple[int, float, object]]:
    answer = services.searcher.search(query, [collection], 2)
    return [(hit.page.id, hit.similarity, hit.evidence) for hit in answer.hits]


def names(services: Services, collection: str) -> set[str]:
    catalog = services.stores.catalog
    rows = catalog.documents.of_collection(catalog.collections.get(collection).id)
    return {document.name for document in rows}
