"""Messages of Outlook, written as compound files: small streams in sectors of 64 bytes, one directory."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

_SECTOR, _SMALL = 512, 64
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
Tree = Mapping[str, Any]  # name -> bytes of a stream, or the tree of a storage


def _table(lengths: list[int]) -> list[int]:
    """Return the table of chains that lie one behind the other."""
    table: list[int] = []
    for length in lengths:
        table += [*range(len(table) + 1, len(table) + length), _END] if length else []
    return table


def _sectors(data: bytes, size: int = _SECTOR) -> bytes:
    return data + bytes(-len(data) % size)


def compound_bytes(tree: Tree) -> bytes:
    """Return a compound file; streams of 4,096 bytes and more are not written."""
    entries: list[tuple[str, int, int, int, int, int]] = []  # name, type, next, child, start, size
    small, lengths = b"", []

    def add(names: Tree) -> int:
        nonlocal small
        first = previous = _FREE
        for name in sorted(names, key=lambda name: (len(name), name.upper())):
            value, own = names[name], len(entries)
            if isinstance(value, bytes):
                assert len(value) < 4096
                start = len(small) // _SMALL if value else _END
                entries.append((name, 2, _FREE, _FREE, start, len(value)))
                lengths.append(-(-len(value) // _SMALL))
                small += _sectors(value, _SMALL)
            else:
                entries.append((name, 1, _FREE, _FREE, 0, 0))
                child = add(value)
                entries[own] = (name, 1, _FREE, child, 0, 0)
            if previous == _FREE:
                first = own
            else:  # a list is a tree of right branches
                entries[previous] = (*entries[previous][:2], own, *entries[previous][3:])
            previous = own
        return first

    entries.append(("Root Entry", 5, _FREE, _FREE, 0, 0))
    child = add(tree)
    small_table = b"".join(struct.pack("<I", link) for link in _table(lengths))
    parts = [_sectors(small), _sectors(small_table)]
    n_before = sum(len(part) // _SECTOR for part in parts)
    entries[0] = ("Root Entry", 5, _FREE, child, 0, len(small))
    directory = b"".join(map(_entry, entries))
    parts.append(directory + _entry(("", 0, _FREE, _FREE, 0, 0)) * (-len(entries) % 4))
    links = _table([len(part) // _SECTOR for part in parts])
    table = [*links, _FAT] + [_FREE] * (_SECTOR // 4 - len(links) - 1)
    assert len(table) == _SECTOR // 4, "one sector of the table is enough for a test"
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<HHHHH6xIIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, n_before, 0, 4096,
                        len(parts[0]) // _SECTOR, len(parts[1]) // _SECTOR, _END, 0, len(links))  # fmt: skip
    head += struct.pack("<I", _FREE) * 108
    return head + b"".join(parts) + b"".join(struct.pack("<I", link) for link in table)


def _entry(entry: tuple[str, int, int, int, int, int]) -> bytes:
    name, kind, following, child, start, size = entry
    raw = name.encode("utf-16-le")
    n_bytes = len(raw) + 2 if name else 0
    return (
        raw.ljust(64, b"\0")
        + struct.pack("<HBBIII", n_bytes, kind, 1, _FREE, following, child)
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )


def _text(number: int, text: str) -> dict[str, bytes]:
    return {f"__substg1.0_{number:04X}001F": text.encode("utf-16-le")}


def message_tree(
    subject: str,
    text: str,
    files: Mapping[str, bytes | Tree] | None = None,
    *,
    is_inner: bool = False,
) -> dict[str, Any]:
    """Return the streams of a message with what is attached: bytes, or the tree of a message."""
    ticks = int(
        (datetime(2026, 11, 27, 10, tzinfo=UTC) - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()
    )
    properties = bytes(24 if is_inner else 32) + struct.pack("<IIQ", 0x00390040, 6, ticks * 10**7)
    tree: dict[str, Any] = {"__properties_version1.0": properties}
    tree |= _text(0x0037, subject) | _text(0x0C1A, "Ann Lee") | _text(0x5D01, "ann@example.org")
    tree |= _text(0x0E04, "Bob") | _text(0x1000, text)
    for number, (name, content) in enumerate((files or {}).items()):
        attached: dict[str, Any] = {"__properties_version1.0": bytes(8)} | _text(0x3707, name)
        data = {"__substg1.0_37010102": content} if isinstance(content, bytes) else {
            "__substg1.0_3701000D": content
        }  # fmt: skip
        tree[f"__attach_version1.0_#{number:08X}"] = attached | data
    return tree
