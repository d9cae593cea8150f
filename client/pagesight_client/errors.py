"""What can go wrong between a program and pagesight.

PagesightError
├── ServiceError           the service refused; carries status, type, code, param, retry_after_s
│   ├── InvalidRequest     400, 413, 422: the request is wrong as it is
│   ├── NotAllowed         401, 403: no valid key, or one that may not do this
│   ├── NotFound           404
│   ├── Conflict           409: not in the state that something is in
│   └── ServiceBusy         429, 503: not now; `retry_after_s` says when, if the service did
├── ServiceUnreachable     no connection, or one that broke
│   └── ServiceTimeout     nothing came in time
├── UnexpectedReply        a reply that is not pagesight's, or not of a version this client knows
└── WaitTimeout            a job has not ended in time; also a TimeoutError
"""

from __future__ import annotations


class PagesightError(Exception):
    """An error of this package."""


class ServiceError(PagesightError):
    """A refusal by the service.

    status         the HTTP status
    type, code     class and code of the error at the service
    param          the parameter at fault, if one is
    retry_after_s  seconds until the same request may be sent again, if the service said so
    """

    def __init__(
        self,
        message: str,
        status: int,
        type: str = "",
        code: str = "http_error",
        param: str | None = None,
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.type = type
        self.code = code
        self.param = param
        self.retry_after_s = retry_after_s


class InvalidRequest(ServiceError):
    pass


class NotAllowed(ServiceError):
    pass


class NotFound(ServiceError):
    pass


class Conflict(ServiceError):
    pass


class ServiceBusy(ServiceError):
    pass


class ServiceUnreachable(PagesightError):
    """No service answers."""


class ServiceTimeout(ServiceUnreachable):
    """The service did not answer in time."""


class UnexpectedReply(PagesightError):
    """A reply that this client cannot read."""


class WaitTimeout(PagesightError, TimeoutError):
    """A job goes on for longer than its caller waits."""


CLASS_OF_STATUS: dict[int, type[ServiceError]] = {
    400: InvalidRequest,
    401: NotAllowed,
    403: NotAllowed,
    404: NotFound,
    409: Conflict,
    413: InvalidRequest,
    422: InvalidRequest,
    429: ServiceBusy,
    503: ServiceBusy,
}
