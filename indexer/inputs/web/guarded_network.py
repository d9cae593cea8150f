"""Connections to public addresses: a name is looked up once, and what was checked is what is connected to."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NoReturn

import httpcore2

from indexer.base.errors import AddressRefused
from indexer.inputs.web.public_addresses import addresses_of, is_public


@dataclass(frozen=True, slots=True)
class AddressBook:
    """Names and what may be connected to.

    addresses_of  looks a name up
    permits       says whether an address may be connected to
    """

    addresses_of: Callable[[str, int], list[str]] = addresses_of
    permits: Callable[[str], bool] = is_public

    def addresses_to_ask(self, host: str, port: int) -> list[str]:
        """Return the addresses of a name. Raises AddressRefused where one of them may not be asked."""
        addresses = self.addresses_of(host, port)
        if not all(self.permits(address) for address in addresses):
            raise AddressRefused(f"{host} is no public host: nothing was asked of it")
        return addresses


class GuardedNetwork(httpcore2.NetworkBackend):
    """Connects as an address book permits, all in all until one moment."""

    def __init__(self, book: AddressBook, deadline: float) -> None:
        """`deadline` by the monotonic clock, in seconds."""
        self._book = book
        self._deadline = deadline
        self._sockets = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        problem: httpcore2.ConnectError | httpcore2.ConnectTimeout | None = None
        for address in self._book.addresses_to_ask(host, port):
            try:
                stream = self._sockets.connect_tcp(
                    address, port, _left_s(self._deadline, timeout), None, socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                problem = error
            else:
                return _TimedStream(stream, self._deadline)
        raise problem or httpcore2.ConnectError(f"{host} has no address")

    def connect_unix_socket(self, *_: Any, **__: Any) -> NoReturn:
        raise httpcore2.ConnectError("no address of the web")


class _TimedStream(httpcore2.NetworkStream):
    """A connection that ends at a moment, however slowly the other side goes on."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left_s(self._deadline, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left_s(self._deadline, timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        left_s = _left_s(self._deadline, timeout)
        stream = self._stream.start_tls(ssl_context, server_hostname, left_s)
        return _TimedStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left_s(deadline: float, timeout: float | None) -> float:
    left_s = deadline - time.monotonic()
    if left_s <= 0:
        raise httpcore2.ReadTimeout("it took too long")
    return left_s if timeout is None else min(timeout, left_s)
