"""ZIP archives whose end is missing, and with it the directory: what is whole is read by its own heads."""

from __future__ import annotations

import struct

_HEAD = struct.Struct(
    "<4s5H3L2H"
)  # before each file; after the signature the same numbers as in the directory
_IN_DIRECTORY = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_FILE, _ENTRY, _END_OF_ALL, _DESCRIPTOR = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PK\x07\x08"
_SIZES_FOLLOW = 8  # a flag: they stand behind the file
_DESCRIPTOR_BYTES = 16
_MOST_FILES = 20_000


def with_directory(archive: bytes) -> bytes:
    """Return the whole files of an archive that was cut off, with a directory of them behind."""
    entries: list[bytes] = []
    end = 0
    while len(entries) < _MOST_FILES and (file := _whole_file(archive, end)) is not None:
        entry, end = file
        entries.append(entry)
    directory = b"".join(entries)
    end_record = _END.pack(_END_OF_ALL, 0, 0, len(entries), len(entries), len(directory), end, 0)
    return archive[:end] + directory + end_record


def _whole_file(archive: bytes, at: int) -> tuple[bytes, int] | None:
    """Return the entry of the file that begins there, and where it ends; None where no whole one does."""
    if not archive.startswith(_FILE, at) or len(archive) < at + _HEAD.size:
        return None
    _, version, flags, *coding, crc, n_bytes, plain_bytes, name_bytes, extra_bytes = (
        _HEAD.unpack_from(archive, at)
    )
    name_at = at + _HEAD.size
    data_at = name_at + name_bytes + extra_bytes
    end = data_at + n_bytes
    if flags & _SIZES_FOLLOW:
        descriptor_at = archive.find(_DESCRIPTOR, data_at)
        if descriptor_at < 0 or descriptor_at + _DESCRIPTOR_BYTES > len(archive):
            return None
        crc, n_bytes, plain_bytes = struct.unpack_from("<3L", archive, descriptor_at + 4)
        end = descriptor_at + _DESCRIPTOR_BYTES
        if data_at + n_bytes != descriptor_at:
            return None
    if end > len(archive):
        return None
    sizes = (crc, n_bytes, plain_bytes, name_bytes)
    entry = _IN_DIRECTORY.pack(_ENTRY, version, version, flags, *coding, *sizes, 0, 0, 0, 0, 0, at)
    return entry + archive[name_at : name_at + name_bytes], end
