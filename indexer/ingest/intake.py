"""Takes files in: their bytes are durable first, then the jobs exist, then they may be acknowledged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from indexer.base.errors import JobConflict, StorageError
from indexer.catalog.collections import Collection
from indexer.catalog.document_records import Document
from indexer.catalog.jobs.queue import JobQueue
from indexer.catalog.jobs.records import Job, JobDraft, Refusal
from indexer.inputs.sources import Source
from indexer.storage.files import persistently, sha256_of
from indexer.stores import Stores


class Intake:
    """Queues files. An original that no job and no document names goes to quarantine at a repair."""

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
                draft = _draft(source)
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
        refusal_of: Callable[[Source], Refusal | None] = lambda _: None,
    ) -> list[Job]:
        """Queue files of the staging folder, which are gone from there afterwards.

        refusal_of  says which of them are refused at once: their jobs have ended, and nothing is stored

        With a `key` that was used before, the jobs of that time. Raises UploadKeyReused when its files
        were others, StorageError, CollectionNotFound.
        """
        with self._stores.folder.writing():
            drafts = []
            for source in sources:
                refusal = refusal_of(source)
                draft = replace(_draft(source), refusal=refusal)
                if refusal is None:
                    self._stores.originals.take_file(source.path, draft.sha256)
                drafts.append(draft)
            return self._submit(collection, drafts, priority, key)

    def retry_document(self, document: Document) -> Job:
        """Queue the file of a refused document again. Raises JobConflict."""
        job = self._queue.last_of_bytes(document.collection_id, document.sha256)
        if job is None:
            raise JobConflict(f"{document.name!r} came without a job: upload the file again")
        return self.retry(job.id)

    def retry(self, job_id: str) -> Job:
        """Queue a failed or cancelled job again. Raises JobNotFound, JobConflict."""
        job = self._queue.job(job_id)
        with self._stores.folder.writing():  # nobody removes the bytes in between
            self._stores.originals.pin(job.sha256)
            if not self._stores.originals.intact(job.sha256, deep=False):
                raise JobConflict(f"the bytes of {job.name!r} are gone: upload the file again")
            return self._queue.retry(job_id)

    def _submit(
        self, collection: Collection, drafts: list[JobDraft], priority: int, key: str | None
    ) -> list[Job]:
        self._stores.originals.sync()
        return self._queue.submit(collection.id, drafts, priority=priority, key=key)


def _draft(source: Source) -> JobDraft:
    """Describe a file that is to be queued. Raises StorageError when it is not stored as it came."""
    sha256 = persistently(lambda: sha256_of(source.path), source.path)
    status = persistently(source.path.stat, source.path)
    if sha256 is None or status is None or source.sha256 not in (None, sha256):
        raise StorageError(f"{source.name} was not stored as it came: send it again")
    return JobDraft(source.name, sha256, status.st_size, properties=source.properties)
