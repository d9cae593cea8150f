"""By which names a service may be called that asks for no key, and which pages may change something there.

A web page of anybody's can have its own name mean an address of ours (DNS rebinding): to the browser the
service is then a part of that page, which may read and delete everything. The name stands in `Host` all the
same. An address stands for itself and cannot be made to mean another one.
"""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from fastapi import HTTPException
from starlette.datastructures import Headers

from api.base.errors import HostRefused
from api.base.settings import Settings

_ANY = "*"


class HostNames:
    """What `Host` may say where no key is asked for.

    Names of this machine always; where the service listens beyond it, also every address, as no page but
    its own has one; and the names of PAGESIGHT_ALLOWED_HOSTS and PAGESIGHT_PUBLIC_URL.
    """

    def __init__(self, settings: Settings, *, listens_on: str) -> None:
        self._loopback_only = is_this_machine(listens_on)
        public = urlsplit(settings.public_url or "").hostname
        self._names = {name.lower() for name in settings.allowed_hosts.split()}
        self._names |= {public} if public else set()

    def check(self, host: str) -> None:
        """Raises HostRefused. `host` is the header, with its port if it has one."""
        name = _name_of(host)
        if _ANY in self._names or (name and name in self._names) or is_this_machine(name):
            return
        if self._loopback_only or not _is_address(name):
            raise HostRefused(
                f"without API keys this service does not answer as {host!r}: name the host in "
                "PAGESIGHT_ALLOWED_HOSTS, or make a key with `pagesight keys create`"
            )


def is_this_machine(name: str) -> bool:
    """Whether a host name or address means the machine itself."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    return _is_address(name) and ip_address(name).is_loopback


def check_same_site(method: str, headers: Headers, public_url: str | None) -> None:
    """Let no page from elsewhere change anything by way of its visitor's browser. Raises HTTPException.

    `Sec-Fetch-Site` says it, and no page can forge it. Browsers send none to a name of the local network
    without HTTPS: there `Origin` has to be the host that was asked. Programs send neither, and one that
    brings its key in a header is no browser of somebody who knows nothing of it.
    """
    if method in ("GET", "HEAD") or (site := headers.get("sec-fetch-site")) == "same-origin":
        return
    origin = headers.get("origin")
    if site in (None, "none"):
        own = {headers.get("host"), urlsplit(public_url or "").netloc}
        if origin is None or "authorization" in headers or urlsplit(origin).netloc in own - {""}:
            return
    raise HTTPException(
        403,
        "a page of another site cannot change anything here; where a proxy gives this service another name, "
        "set PAGESIGHT_PUBLIC_URL to the address that people use",
    )


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _name_of(host: str) -> str:
    """Return the name in a `Host` header, without its port."""
    try:
        split = urlsplit(f"//{host}")
    except ValueError:
        return ""
    is_host = split.netloc == host and "@" not in host
    return (split.hostname or "").rstrip(".") if is_host else ""
