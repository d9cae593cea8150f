"""Errors of the entry points, and the one table from error class to HTTP status.

PagesightError
├── InvalidSettings         a PAGESIGHT_ variable is unknown or does not fit
├── InvalidUpload           a request body that is not an upload of files
├── InvalidQuestions        a questions file that cannot be read
├── InvalidRowFile          a file of extracted rows that cannot be gone on with
├── InvalidCursor           a cursor that no list has given
├── InvalidRegion           a region that is no part of a page
├── InvalidChat             a chat request that is no question
├── InvalidMessage          what an encoder apart was sent is no pages and no queries
├── McpUnavailable          the package `mcp` is not installed
├── Overloaded              too many questions at a time; carries when to come back
├── ToolCancelled           an agent gave up on its call
├── ServiceReadOnly         what is served is a bundle, which nobody changes
├── ServiceOpen             without a key the service would be open to the network
├── KeyRequired             no API key, or none that is valid
├── NotAllowed              the key may read this, but not do that
├── HostRefused             a name that no request for this machine has
├── TooManyRequests         of one key, for now
│   └── QuotaReached        of one key, for today
└── NotFound
    ├── ModelNotFound       a chat model that is no collection
    └── LinkEnded           a signed link that has expired, was altered, or whose key is not valid
"""

from __future__ import annotations

from generator.errors import (
    BackendOutOfMemory,
    BackendOverloaded,
    BackendTimeout,
    BackendUnreachable,
    GeneratorError,
    GeneratorUnavailable,
    InvalidSchema,
    NeedsModel,
    PromptTooDear,
    PromptTooLong,
)
from indexer.base.errors import (
    AddressRefused,
    CannotReencode,
    CatalogDamaged,
    CatalogMismatch,
    CatalogUnavailable,
    CollectionExists,
    DamagedFile,
    DataFolderBusy,
    DataFolderTooNew,
    DocumentRejected,
    EncoderMismatch,
    EncoderUnavailable,
    InvalidKey,
    InvalidName,
    InvalidProperties,
    InvalidSigningKey,
    JobConflict,
    JobStopped,
    NotFound,
    NothingToIngest,
    PagesightError,
    StorageError,
    StorageUnavailable,
    Unreadable,
    UploadKeyReused,
    WebPageUnavailable,
)
from retriever.errors import InvalidQuery


class InvalidSettings(PagesightError):
    code = "invalid_settings"


class ServiceReadOnly(PagesightError):
    code = "read_only_bundle"


class InvalidUpload(PagesightError):
    code = "invalid_upload"


class InvalidQuestions(PagesightError):
    code = "invalid_questions"


class InvalidRowFile(PagesightError):
    code = "invalid_row_file"


class InvalidChat(PagesightError):
    """`param`: the field of the request that is at fault, where it is one."""

    code = "invalid_chat"

    def __init__(self, message: str, param: str | None = None) -> None:
        super().__init__(message)
        self.param = param


class InvalidMessage(PagesightError):
    code = "invalid_message"


class InvalidCursor(PagesightError):
    code = "invalid_cursor"


class InvalidRegion(PagesightError):
    code = "invalid_region"


class McpUnavailable(PagesightError):
    code = "mcp_unavailable"


class ToolCancelled(PagesightError):
    code = "tool_cancelled"


class ServiceOpen(PagesightError):
    code = "service_open"


class KeyRequired(PagesightError):
    code = "invalid_api_key"


class NotAllowed(PagesightError):
    code = "forbidden"


class HostRefused(PagesightError):
    code = "host_refused"


class TooManyRequests(PagesightError):
    """`retry_after_s`: when the same request may be made again."""

    code = "too_many_requests"

    def __init__(self, message: str, retry_after_s: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class QuotaReached(TooManyRequests):
    code = "quota_reached"


class Overloaded(PagesightError):
    code = "overloaded"

    def __init__(self, message: str, retry_after_s: int = 1) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class ModelNotFound(NotFound):
    code = "model_not_found"


class LinkEnded(NotFound):
    code = "link_ended"


# The nearest class in an error's ancestry decides.
HTTP_STATUS: dict[type[PagesightError], int] = {
    PagesightError: 500,
    NotFound: 404,
    InvalidQuery: 422,
    InvalidName: 422,
    InvalidKey: 422,
    InvalidProperties: 422,
    InvalidSigningKey: 422,
    ServiceReadOnly: 403,
    InvalidUpload: 400,
    InvalidQuestions: 422,
    InvalidRowFile: 422,
    InvalidChat: 400,
    InvalidMessage: 400,
    InvalidCursor: 422,
    InvalidRegion: 422,
    McpUnavailable: 501,
    ToolCancelled: 499,
    Overloaded: 503,
    InvalidSettings: 500,
    ServiceOpen: 500,
    KeyRequired: 401,
    NotAllowed: 403,
    HostRefused: 421,
    TooManyRequests: 429,
    NothingToIngest: 422,
    AddressRefused: 422,
    WebPageUnavailable: 502,
    DocumentRejected: 422,
    CollectionExists: 409,
    JobConflict: 409,
    JobStopped: 409,
    UploadKeyReused: 422,
    EncoderMismatch: 409,
    CannotReencode: 409,
    EncoderUnavailable: 503,
    GeneratorUnavailable: 503,
    GeneratorError: 502,
    InvalidSchema: 422,
    NeedsModel: 422,
    BackendUnreachable: 503,
    BackendOverloaded: 503,
    BackendTimeout: 504,
    BackendOutOfMemory: 503,
    PromptTooDear: 422,
    PromptTooLong: 422,
    StorageError: 507,
    CatalogUnavailable: 503,
    StorageUnavailable: 503,
    CatalogDamaged: 503,
    CatalogMismatch: 503,
    Unreadable: 503,
    DataFolderBusy: 503,
    DataFolderTooNew: 503,
    DamagedFile: 500,
}


def http_status(error: PagesightError) -> int:
    """The status that tells a client what kind of error this is."""
    return next(HTTP_STATUS[kind] for kind in type(error).__mro__ if kind in HTTP_STATUS)
