"""ZIP archives whose end is missing, and with it the directory: what is whole is read by its own heads."""

from __future__ import annotations

import struct

_HEAD = struct.Struct(
    "<4s5H3L2H"
)  # before each file; after the signature the same numbers as in the directory
_END = struct.Struct("<4s4H2LH")
_FILE, _ENTRY, _END_OF_ALL, _DESCRIPTOR = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PK\x07\x08"
_SIZES_FOLLOW = 8  # a flag: they stand behind the file
_DESCRIPTOR_BYTES = 16
_MOST_FILES = 20_000


def with_directory(archive: bytes) -> bytes:
    """Return the whole files of an archive that was cut off, with a directory of them behind."""
    entries: list[bytes] = []
    at = 0
    while archive.startswith(_FILE, at) and len(archive) >= at + _HEAD.size:
        if len(entries) == _MOST_FILES:
            break
        _, version, flags, *coding, crc, packed_bytes, plain_bytes, name_bytes, extra_bytes = (
            _HEAD.unpack_from(archive, at)
        )
        data_at = at + _HEAD.size + name_bytes + extra_bytes
        end = data_at + packed_bytes
        if flags & _SIZES_FOLLOW:
            descriptor_at = archive.find(_DESCRIPTOR, data_at)
            if descriptor_at < 0 or descriptor_at + _DESCRIPTOR_BYTES > len(archive):
                break
            crc, packed_bytes, plain_bytes = struct.unpack_from("<3L", archive, descriptor_at + 4)
            end = descriptor_at + _DESCRIPTOR_BYTES
            if data_at + packed_bytes != descriptor_at:
                break
        if end > len(archive):
            break
        numbers = struct.pack(
            "<4s6H3L5H2L",
            _ENTRY, version, version, flags, *coding, crc, packed_bytes, plain_bytes, name_bytes, 0, 0, 0, 0, 0, at,
        )  # fmt: skip
        name_at = at + _HEAD.size
        entries.append(numbers + archive[name_at : name_at + name_bytes])
        at = end
    directory = b"".join(entries)
    n_files = len(entries)
    end_record = _END.pack(_END_OF_ALL, 0, 0, n_files, n_files, len(directory), at, 0)
    return archive[:at] + directory + end_record
