"""Addresses of pages for the answers of one request: signed where its caller has a key."""

from __future__ import annotations

from collections.abc import Callable

from api.base.links import Links, base_address
from api.services.authorization import Caller
from api.services.signed_links import NO_HOLDER


def links_for(request_url: object, caller: Caller) -> Links:
    """Addresses under PAGESIGHT_PUBLIC_URL, else under the one that the request came to."""
    services = caller.services
    settings = services.settings
    base = base_address(request_url, settings)
    framed: bool = bool(settings.frame_origins)
    if not services.links.are_wanted(caller.key):
        return Links(base, framed)
    return Links(base, framed, signing_for(caller))


def signing_for(caller: Caller) -> Callable[[str], str]:
    """Return what signs an address in the name of a caller."""
    holder = NO_HOLDER if caller.key is None else caller.key.id
    return lambda address: caller.services.links.sign(address, holder)
