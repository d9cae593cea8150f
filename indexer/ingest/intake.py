"""Takes files in: their bytes are durable first, then the jobs exist, then they may be acknowledged."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from indexer.base.errors import JobConflict
from indexer.catalog.collections import Collection
from indexer.catalog.jobs.queue import JobQueue
from indexer.catalog.jobs.records import Job, JobDraft
from indexer.inputs.sources import Source
from indexer.storage.durable import sha256_of
from indexer.stores import Stores


class Intake:
    """Queues files. An original that no job and no document names is removed by a repair."""

    def __init__(self, stores: Stores, queue: JobQueue) -> None:
        self._stores = stores
        self._queue = queue

    def copy_in(
        self, collection: Collection, sources: Sequence[Source], *, priority: int = 0
    ) -> list[Job]:
        """Queue files that stay where they are. Raises StorageError, CollectionNotFound."""
        with self._stores.folder.writing():
            drafts = []
            for source in sources:
                draft = _draft(source.path, source.name)
                self._stores.originals.add_file(source.path, draft.sha256)
                drafts.append(draft)
            return self._submit(collection, drafts, priority, None)

    def move_in(
        self,
        collection: Collection,
        sources: Sequence[Source],
        *,
        priority: int = 0,
        key: str | None = None,
    ) -> list[Job]:
        """Queue files of the staging folder, which are gone from there afterwards.

        With a `key` that was used before, the jobs of that time. Raises UploadKeyReused when its files
        were others, StorageError, CollectionNotFound.
        """
        with self._stores.folder.writing():
            drafts = []
            for source in sources:
                draft = _draft(source.path, source.name)
                self._stores.originals.take_file(source.path, draft.sha256)
                drafts.append(draft)
            return self._submit(collection, drafts, priority, key)

    def retry(self, job_id: str) -> Job:
        """Queue a failed or cancelled job again. Raises JobNotFound, JobConflict."""
        job = self._queue.job(job_id)
        with self._stores.folder.writing():  # no repair removes the bytes in between
            if not self._stores.originals.intact(job.sha256, deep=False):
                raise JobConflict(f"the bytes of {job.name!r} are gone: upload the file again")
            return self._queue.retry(job_id)

    def _submit(
        self, collection: Collection, drafts: list[JobDraft], priority: int, key: str | None
    ) -> list[Job]:
        self._stores.originals.sync()
        return self._queue.submit(collection.id, drafts, priority=priority, key=key)


def _draft(path: Path, name: str) -> JobDraft:
    return JobDraft(name, sha256_of(path), path.stat().st_size)
