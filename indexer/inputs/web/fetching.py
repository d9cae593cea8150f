"""Fetch a file by its address: from permitted hosts, without credentials, within limits.

No proxy of the environment is used, as it would be the proxy that looks names up.
"""

from __future__ import annotations

import ssl
import time
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from typing import BinaryIO

import httpcore2
import httpx2

from indexer.base.errors import AddressRefused, WebPageUnavailable
from indexer.inputs.web.guarded_network import AddressBook, GuardedNetwork

MAX_ADDRESS_CHARACTERS = 500  # as many as an entry of metadata has
_MAX_REDIRECTS = 5
_SILENCE_S = 10.0
_REDIRECTS = (301, 302, 303, 307, 308)
_HEADERS = [
    ("User-Agent", "pagesight"),
    ("Accept", "*/*"),
    ("Accept-Encoding", "identity"),  # so that bytes that come are bytes that are kept
]


@dataclass(frozen=True, slots=True)
class FetchedFile:
    """What an address gave: where it was at last, and what its server says that it is."""

    url: str
    content_type: str


class Fetcher:
    """Fetches from public hosts."""

    def __init__(self, hosts: str, book: AddressBook = AddressBook()) -> None:  # noqa: B008 - frozen
        """`hosts`: patterns of names, a blank between them; "": none."""
        self._hosts = hosts.lower().split()
        self._book = book

    @cached_property
    def _ssl_context(self) -> ssl.SSLContext:
        return ssl.create_default_context()

    def fetch(
        self,
        address: str,
        file: BinaryIO,
        max_bytes: int,
        within_s: float,
        *,
        anywhere: bool = False,
    ) -> FetchedFile:
        """Write what is at an address into a file, after at most five redirects.

        anywhere  of any public host: what belongs to a page that was asked for

        Raises AddressRefused, WebPageUnavailable, OSError.
        """
        deadline = time.monotonic() + within_s
        network = GuardedNetwork(self._book, deadline)
        url = self._check_address(address, anywhere=anywhere)
        try:
            with httpcore2.ConnectionPool(self._ssl_context, network_backend=network) as pool:
                for _ in range(_MAX_REDIRECTS + 1):
                    answer = _ask(pool, url, file, max_bytes)
                    if isinstance(answer, FetchedFile):
                        return answer
                    url = self._check_address(_next_address(url, answer), anywhere=anywhere)
        except httpcore2.TimeoutException as error:
            raise WebPageUnavailable(f"{url.host} did not answer in time") from error
        except (httpcore2.NetworkError, httpcore2.ProtocolError) as error:
            raise WebPageUnavailable(f"{url.host} does not answer: {error}") from error
        raise WebPageUnavailable(
            f"{url.host} sends on and on: more than {_MAX_REDIRECTS} redirects"
        )

    def _check_address(self, address: str, *, anywhere: bool) -> httpx2.URL:
        """Return an address that may be asked. Raises AddressRefused."""
        try:
            url = httpx2.URL(address)
        except httpx2.InvalidURL as error:
            raise AddressRefused(f"no address of the web: {error}") from error
        if url.scheme not in ("http", "https") or not url.host:
            raise AddressRefused("no address of the web: it begins with https:// and a host")
        if url.userinfo:
            raise AddressRefused("the address holds a password: nothing was asked")
        if len(str(url)) > MAX_ADDRESS_CHARACTERS and not anywhere:
            raise AddressRefused(f"the address has more than {MAX_ADDRESS_CHARACTERS} characters")
        if not anywhere and not self._hosts:
            raise AddressRefused(
                "nothing is fetched from the web here: PAGESIGHT_WEB_HOSTS names the hosts that may be asked"
            )
        host = url.host.lower().rstrip(".")
        if not anywhere and not any(fnmatchcase(host, pattern) for pattern in self._hosts):
            raise AddressRefused(f"{host} is not among the hosts of PAGESIGHT_WEB_HOSTS")
        return url.copy_with(fragment=None)


def _next_address(url: httpx2.URL, location: str) -> str:
    try:
        return str(url.join(location))
    except httpx2.InvalidURL as error:
        raise WebPageUnavailable(f"{url.host} sends to no address ({error})") from error


def _ask(
    pool: httpcore2.ConnectionPool, url: httpx2.URL, file: BinaryIO, max_bytes: int
) -> FetchedFile | str:
    """Fetch one address; return where it sends to, as it is written, where it does."""
    timeouts = dict.fromkeys(("connect", "read", "write", "pool"), _SILENCE_S)
    # In parts, so that nobody parses it in another way.
    target = httpcore2.URL(
        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
    )
    extensions = {"timeout": timeouts}
    with pool.stream("GET", target, headers=_HEADERS, extensions=extensions) as answer:
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1")
            for name, value in answer.headers
        }
        if answer.status in _REDIRECTS and "location" in headers:
            return headers["location"]
        if answer.status != 200:
            raise WebPageUnavailable(f"{url.host} answered {answer.status}")
        if headers.get("content-encoding", "identity").lower() != "identity":
            raise WebPageUnavailable(f"{url.host} sent what nobody asked for: it is compressed")
        n_bytes = 0
        for block in answer.iter_stream():
            n_bytes += len(block)
            if n_bytes > max_bytes:
                raise WebPageUnavailable(f"{url.host} sent more than {max_bytes:,} bytes")
            file.write(block)
    return FetchedFile(str(url), headers.get("content-type", ""))
