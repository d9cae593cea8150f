"""ZIP archives that lie. What is in them is listed; what cannot be taken out is named and left there."""

from __future__ import annotations

import io
import struct
import zipfile

from tests.support.kind_files import zip_bytes
from tests.support.liars import Liars

_PLAIN = zip_bytes({"a.txt": "word"}, stored=["a.txt"])
_RECORD, _CENTRAL, _END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"


def _changed(at: int, form: str, value: int, data: bytes = _PLAIN) -> bytes:
    """Return an archive with a number of its first central record set."""
    changed = bytearray(data)
    struct.pack_into(form, changed, data.index(_CENTRAL) + at, value)
    return bytes(changed)


def _end(at: int, form: str, value: int) -> bytes:
    changed = bytearray(_PLAIN)
    struct.pack_into(form, changed, _PLAIN.index(_END) + at, value)
    return bytes(changed)


def _many(n: int) -> bytes:
    return zip_bytes({f"{number}.txt": "" for number in range(n)})


def _twice() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for text in ("one", "two"):
            archive.writestr(zipfile.ZipInfo("a.txt"), text)
    return content.getvalue()


def _link() -> bytes:
    content = io.BytesIO()
    entry = zipfile.ZipInfo("link.txt")
    entry.create_system, entry.external_attr = 3, 0o120777 << 16
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(entry, "/etc/passwd")
    return content.getvalue()


def liars(url: str) -> Liars:
    """Return ZIP archives."""
    swelling = zip_bytes({"a.txt": bytes(40_000_000)})
    files = {
        "cut": (_PLAIN[:-30], "indexed_with_warnings"),
        "of nothing": (zip_bytes({}), "corrupt"),
        "of folders alone": (zip_bytes({"a/": "", "b/": ""}), "corrupt"),
        "of litter alone": (zip_bytes({"__MACOSX/a": "x", ".DS_Store": "x"}), "corrupt"),
        "21,000 files": (_many(20_001), "too_large"),
        "a file that swells": (swelling, "indexed"),
        "archives in archives that swell": (zip_bytes({"b.zip": zip_bytes({"c.zip": swelling})}), "indexed"),
        "a file of 4 GB that is none": (_changed(24, "<I", 2**32 - 2), "indexed"),
        "a coding that does not exist": (_changed(10, "<H", 97), "indexed"),
        "a password": (_changed(8, "<H", 1), "indexed"),
        "a checksum of another file": (_changed(16, "<I", 7), "indexed"),
        "a record beyond its end": (_changed(42, "<I", 10**6), "indexed"),
        "a directory beyond its end": (_end(16, "<I", 10**6), "indexed"),
        "65,535 files that are one": (_end(10, "<H", 65_535), "indexed"),
        "a comment beyond its end": (_end(20, "<H", 60_000), "indexed"),
        "a name that leads out": (zip_bytes({"../../evil.txt": "x"}), "indexed"),
        "a name from the root": (zip_bytes({"/etc/evil.txt": "x"}), "indexed"),
        "a name of 60,000 letters": (zip_bytes({"a" * 60_000 + ".txt": "x"}), "indexed"),
        "two files of one name": (_twice(), "indexed"),
        "a link to a file of the machine": (_link(), "indexed"),
        "one record of another archive": (
            _PLAIN[: _PLAIN.index(_CENTRAL)], "indexed_with_warnings",
        ),
    }  # fmt: skip
    return {name: ("a.zip", data, verdict) for name, (data, verdict) in files.items()}
