from __future__ import annotations

import pytest

from indexer.inputs.web.public_addresses import addresses_of, is_public

PRIVATE = [
    "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.8.8.8", "169.254.169.254",
    "172.16.0.1", "192.0.0.1", "192.0.2.1", "192.168.1.1",
    "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.1.1", "240.0.0.1",
    "255.255.255.255",
    "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
    "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1",
    "2001:0:7f00:1::", "2001:db8::1", "2002:7f00:1::", "2002:a00:1::", "fc00::1", "fd00:ec2::254",
    "fe80::1", "fe80::1%lo", "fec0::1", "ff02::1",
    "4000::1",
]  # fmt: skip
PUBLIC = ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "::ffff:93.184.216.34"]


def test_nothing_but_public_addresses_is_public() -> None:
    assert [address for address in PRIVATE if is_public(address)] == []
    assert [address for address in PUBLIC if is_public(address)] == PUBLIC


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "2130706433", "0177.0.0.1", "0x7f.1", "127.1", "::1"]
)
def test_this_machine_is_known_however_it_is_written(host: str) -> None:
    assert not any(is_public(address) for address in addresses_of(host, 80))
