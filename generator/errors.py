"""What can go wrong while a question is answered.

PagesightError
└── GeneratorError
    ├── GeneratorUnavailable        the answer model is unknown, or cannot be loaded or reached
    ├── NeedsModel                  only a model that writes can do what is asked for
    ├── InvalidSchema               no JSON schema, or one that quotations cannot fill
    ├── DownloadFailed              a model's file could not be brought; what has come is kept
    └── BackendError                the answer model did not answer; the pages found stay valid
        ├── BackendUnreachable      no connection, or none is tried for now
        ├── BackendRefused          it answered with an error; carries the HTTP status
        │   └── BackendOverloaded   it has too much to do; carries when to come back, if it said so
        ├── ToolsRefused            it does not know how to call tools
        ├── BackendTimeout          a deadline passed; carries its name
        ├── BackendGarbled          what it sent is no answer stream
        ├── BackendCut              the stream ended before the answer did
        ├── BackendOutOfMemory      the device of a model in this process is too small for the prompt
        ├── PromptTooDear           it may cost more than an answer may
        └── PromptTooLong           more pages or words than the model takes
"""

from __future__ import annotations

from indexer.base.errors import PagesightError


class GeneratorError(PagesightError):
    code = "generator_error"


class GeneratorUnavailable(GeneratorError):
    code = "generator_unavailable"


class NeedsModel(GeneratorError):
    code = "needs_model"


class InvalidSchema(GeneratorError):
    """`param`: the field of a request that holds the schema, as the door calls it."""

    code = "invalid_schema"
    param = "schema"


class DownloadFailed(GeneratorError):
    code = "download_failed"


_OVERLOADED = frozenset({408, 425, 429})


class BackendError(GeneratorError):
    """`retryable`: the same request may do better. `at_fault`: the server itself is not well."""

    code = "backend_error"

    @property
    def retryable(self) -> bool:
        return False

    @property
    def at_fault(self) -> bool:
        return True


class BackendUnreachable(BackendError):
    code = "backend_unreachable"

    @property
    def retryable(self) -> bool:
        return True


class BackendRefused(BackendError):
    code = "backend_refused"

    def __init__(self, message: str, status: int, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after_s = retry_after_s

    @property
    def retryable(self) -> bool:
        return self.at_fault or self.status in _OVERLOADED

    @property
    def at_fault(self) -> bool:
        return self.status >= 500


class BackendOverloaded(BackendRefused):
    code = "backend_overloaded"


class ToolsRefused(BackendError):
    code = "tools_refused"

    @property
    def at_fault(self) -> bool:
        return False


class BackendTimeout(BackendError):
    """`deadline`: "connect", "first token", "between tokens" or "total"."""

    code = "backend_timeout"

    def __init__(self, message: str, deadline: str) -> None:
        super().__init__(message)
        self.deadline = deadline

    @property
    def retryable(self) -> bool:
        return self.deadline == "connect"  # a server that is slow gets slower by a second request


class BackendGarbled(BackendError):
    code = "backend_garbled"


class BackendCut(BackendError):
    code = "backend_cut"

    @property
    def retryable(self) -> bool:
        return True


class BackendOutOfMemory(BackendError):
    code = "backend_out_of_memory"


class PromptTooDear(BackendError):
    code = "prompt_too_dear"

    @property
    def at_fault(self) -> bool:
        return False


class PromptTooLong(BackendError):
    code = "prompt_too_long"

    @property
    def at_fault(self) -> bool:
        return False
