"""Every error below the search, as one tree.

PagesightError                     root of the product: one line, says what to do
├── DocumentRejected               the file itself cannot be indexed; carries its verdict
├── NotFound
│   ├── CollectionNotFound
│   ├── DocumentNotFound
│   ├── PageNotFound
│   ├── JobNotFound
│   ├── ConversationNotFound
│   ├── KeyNotFound
│   ├── NotInQuarantine
│   └── MessageNotFound            no such message, or one that is no answer
├── CollectionExists
├── InvalidName                    a collection name that cannot be used
├── InvalidKey                     an API key that cannot be made
├── InvalidSigningKey             a file that is no key to sign bundles with, or to prove them
├── InvalidProperties              tags or metadata that a document cannot have
├── AddressRefused                 an address of the web that may not be asked
├── WebPageUnavailable             what is at an address of the web could not be fetched
├── NothingToIngest                no readable file under the paths given
├── JobConflict                    what was asked of a job does not fit its state
├── UploadKeyReused                the key of an upload came again with other files
├── JobStopped                     the worker that has the job must not go on with it
│   └── JobStalled                 it took too long over one page
├── EncoderMismatch                the collection was indexed by another encoder
│   └── EncoderChanged             and is now, since it was encoded anew meanwhile
├── CannotReencode                 a collection cannot be encoded anew as was asked
├── EncoderUnavailable             weights or a package are missing or not the expected ones
│   └── EncoderAway                it runs in another process, which cannot encode for this one now
└── StorageError
    ├── DataFolderTooNew           written by a newer pagesight
    ├── DataFolderBusy             another process holds the lock that is needed
    ├── FolderNotEmpty             a backup is restored into an empty folder only
    ├── CatalogNotEmpty            and into an empty database
    ├── DamagedBackup              a backup is not what was written, or not there
    ├── DamagedBundle              a bundle is not what was written, or none
    ├── StorageUnavailable         the bucket does not answer, or refuses
    ├── CatalogUnavailable         the database cannot be reached or stays locked
    ├── CatalogMismatch            the data folder and the catalog do not belong together
    ├── CatalogDamaged             the database is not what was written
    ├── Unreadable                 a file cannot be read now, which says nothing about its bytes
    ├── DiskFull                   no space is left for what has to be written
    ├── ReadOnly                   nothing is written any more, and the reason why
    └── DamagedFile                a stored file is missing, short, or not the bytes that were written
        ├── DamagedPages           of a segment; carries which
        ├── DamagedDerived         of what was derived from a segment; carries which
        └── DamagedBlob            an original or a page image; carries which
"""

from __future__ import annotations

from indexer.base.verdicts import Verdict


class PagesightError(Exception):
    """Root of every error of the product. ``str(error)`` is one line for a person."""

    code: str = "pagesight_error"


class DocumentRejected(PagesightError):
    """The file cannot be indexed; ``verdict`` says why, from a fixed vocabulary."""

    code = "document_rejected"

    def __init__(self, verdict: Verdict, message: str) -> None:
        super().__init__(message)
        self.verdict = verdict


class NotFound(PagesightError):
    """Something named does not exist."""

    code = "not_found"


class CollectionNotFound(NotFound):
    code = "collection_not_found"


class DocumentNotFound(NotFound):
    code = "document_not_found"


class PageNotFound(NotFound):
    code = "page_not_found"


class JobNotFound(NotFound):
    code = "job_not_found"


class ConversationNotFound(NotFound):
    code = "conversation_not_found"


class KeyNotFound(NotFound):
    code = "key_not_found"


class NotInQuarantine(NotFound):
    code = "not_in_quarantine"


class MessageNotFound(NotFound):
    code = "message_not_found"


class CollectionExists(PagesightError):
    code = "collection_exists"


class InvalidKey(PagesightError):
    code = "invalid_key"


class InvalidSigningKey(PagesightError):
    code = "invalid_signing_key"


class InvalidProperties(PagesightError):
    code = "invalid_properties"


class InvalidName(PagesightError):
    code = "invalid_name"


class NothingToIngest(PagesightError):
    code = "nothing_to_ingest"


class AddressRefused(PagesightError):
    """An address of the web that may not be asked; nothing was sent to it."""

    code = "address_refused"


class WebPageUnavailable(PagesightError):
    """What is at an address of the web could not be fetched."""

    code = "web_page_unavailable"


class JobConflict(PagesightError):
    code = "job_conflict"


class UploadKeyReused(PagesightError):
    code = "idempotency_key_reused"


class JobStopped(PagesightError):
    """Cancelled, taken over by another worker, or this worker is told to stop."""

    code = "job_stopped"


class JobStalled(JobStopped):
    """The job stood still for too long; this counts as an attempt."""

    code = "job_stalled"


class EncoderMismatch(PagesightError):
    code = "encoder_mismatch"


class EncoderChanged(EncoderMismatch):
    """A collection was encoded anew while something was encoded for it as it was before."""

    code = "encoder_changed"


class CannotReencode(PagesightError):
    """A collection cannot be encoded anew as was asked: there is no index beside it, or another one."""

    code = "cannot_reencode"


class EncoderUnavailable(PagesightError):
    code = "encoder_unavailable"


class EncoderAway(EncoderUnavailable):
    """The process that encodes cannot do so now: nothing is wrong with what it was asked for."""

    code = "encoder_away"


class StorageError(PagesightError):
    """The data folder or the database is not in a state to serve."""

    code = "storage_error"


class DataFolderTooNew(StorageError):
    code = "data_folder_too_new"


class DataFolderBusy(StorageError):
    code = "data_folder_busy"


class FolderNotEmpty(StorageError):
    code = "folder_not_empty"


class CatalogNotEmpty(StorageError):
    code = "catalog_not_empty"


class DamagedBackup(StorageError):
    code = "damaged_backup"


class DamagedBundle(StorageError):
    code = "damaged_bundle"


class StorageUnavailable(StorageError):
    code = "storage_unavailable"


class CatalogUnavailable(StorageError):
    code = "catalog_unavailable"


class CatalogMismatch(StorageError):
    """Another's catalog, an older one, an empty one, or none; the message names the way out."""

    code = "catalog_mismatch"


class CatalogDamaged(StorageError):
    code = "catalog_damaged"


class Unreadable(StorageError):
    """The disk, the mount or a limit is in the way; the bytes may well be right."""

    code = "unreadable"


class DiskFull(StorageError):
    code = "disk_full"


class ReadOnly(StorageError):
    code = "read_only"


class DamagedFile(StorageError):
    code = "damaged_file"


class DamagedPages(DamagedFile):
    """Pages whose vectors or boxes are not the ones that were written.

    segment   its name
    page_ids  the pages; None: all of the segment
    """

    code = "damaged_pages"

    def __init__(self, message: str, segment: str, page_ids: frozenset[int] | None = None) -> None:
        super().__init__(message)
        self.segment = segment
        self.page_ids = page_ids


class DamagedDerived(DamagedFile):
    """What was derived from a segment is wrong: it is as good as none.

    segment  its name
    kind     `int8` or `tokens`
    """

    code = "damaged_derived_data"

    def __init__(self, message: str, segment: str, kind: str) -> None:
        super().__init__(message)
        self.segment = segment
        self.kind = kind


class DamagedBlob(DamagedFile):
    """A blob is gone or holds other bytes than the ones that it is named by.

    family  `originals` or `images`
    """

    code = "damaged_blob"

    def __init__(self, message: str, family: str, sha256: str) -> None:
        super().__init__(message)
        self.family = family
        self.sha256 = sha256
