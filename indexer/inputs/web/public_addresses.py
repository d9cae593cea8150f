"""Which addresses of the internet are public: all others belong to this machine, its network, its cloud."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from indexer.base.errors import WebPageUnavailable

# What is assigned to hosts at all; the rest is loopback, private, link-local, multicast, or nothing yet.
_UNICAST = IPv6Network("2000::/3")
# Within it: addresses that carry one of IPv4, to which a gateway or this machine would go on.
_TRANSLATED = (IPv6Network("2002::/16"), IPv6Network("2001::/32"))


def is_public(address: str) -> bool:
    """Say whether an address is that of a host that anybody can reach."""
    ip = ip_address(address)
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped is not None:
            return _is_public_ipv4(ip.ipv4_mapped)
        is_translated = any(ip in network for network in _TRANSLATED)
        return ip.is_global and ip in _UNICAST and ip.scope_id is None and not is_translated
    return _is_public_ipv4(ip)


def _is_public_ipv4(ip: IPv4Address) -> bool:
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def addresses_of(host: str, port: int) -> list[str]:
    """Return the addresses that a name has now, however it is written. Raises WebPageUnavailable."""
    try:
        entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise WebPageUnavailable(f"{host} has no address ({error})") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in entries))
