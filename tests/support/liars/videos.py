"""Videos that lie."""

from __future__ import annotations

import struct

from tests.support.kind_files import video_bytes
from tests.support.liars import Liars


def _patched(data: bytes, name: bytes, at: int, form: str, *values: int) -> bytes:
    """Return a video with numbers of a box set: `at` counts from behind its name."""
    changed = bytearray(data)
    struct.pack_into(form, changed, data.index(name) + 4 + at, *values)
    return bytes(changed)


def _box(name: bytes, content: bytes = b"", size: int | None = None) -> bytes:
    return struct.pack(">I", len(content) + 8 if size is None else size) + name + content


def _sound_alone() -> bytes:
    import io

    import av

    content = io.BytesIO()
    with av.open(content, "w", format="mp4") as file:
        stream = file.add_stream("aac", rate=8000)
        silence = av.AudioFrame(format="fltp", layout="mono", samples=1024)
        silence.sample_rate = 8000
        for plane in silence.planes:
            plane.update(bytes(plane.buffer_size))
        for number in range(8):
            silence.pts = 1024 * number
            file.mux(stream.encode(silence))
        file.mux(stream.encode(None))
    return content.getvalue()


def liars(url: str) -> Liars:
    """Return videos."""
    size = (160, 96)
    mp4 = video_bytes(["one", "two"], each_s=2, size=size)
    mkv = video_bytes(["one", "two"], "matroska", each_s=10, size=size)
    webm = video_bytes(["one"], "webm", "libvpx", each_s=1, size=size)
    head = _box(b"ftyp", b"isom" + bytes(4))
    data_at = mp4.index(b"mdat") + 4
    playlist = (
        b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n" + url.encode() + b"\n#EXT-X-ENDLIST\n"
    )
    return {
        "a head alone": ("a.mp4", head, "corrupt"),
        "a head and zeros": ("a.mp4", head + bytes(99), "corrupt"),
        "a film without its index": ("a.mp4", mp4[: mp4.index(b"moov") - 4], "corrupt"),
        "an index without its film": ("a.mp4", head + mp4[mp4.index(b"moov") - 4 :], "corrupt"),
        "ten hours that are four seconds": ("a.mp4", _patched(mp4, b"mvhd", 16, ">I", 2**31), "indexed"),
        "a track of ten hours": ("a.mp4", _patched(mp4, b"mdhd", 16, ">I", 2**31), "indexed"),
        "a clock without ticks": ("a.mp4", _patched(mp4, b"mdhd", 12, ">I", 0), "indexed"),
        "a head of 50,000 px a side": ("a.mp4", _patched(mp4, b"stsd", 40, ">HH", 50_000, 50_000), "indexed"),
        "16,383 px a side": (
            "a.webm", _patched(webm, b"\x9d\x01\x2a", -1, "<HH", 16_383, 16_383), "corrupt",
        ),
        "a billion pictures": ("a.mp4", _patched(mp4, b"stsz", 8, ">I", 10**9), "corrupt"),
        "pictures beyond its end": ("a.mp4", _patched(mp4, b"stco", 8, ">I", 2**31 - 1), "corrupt"),
        "a coding that does not exist": ("a.mp4", mp4.replace(b"avc1", b"zzzz"), "unsupported"),
        "pictures of noise": (
            "a.mp4", mp4[: data_at + 900] + b"\xa5" * 400 + mp4[data_at + 1300 :], "indexed_with_warnings",
        ),
        "boxes in boxes": ("a.mp4", head + _box(b"moov", size=2**31 - 1) * 9999, "corrupt"),
        "a box of no size": ("a.mp4", head + _box(b"moov", size=1) * 99, "corrupt"),
        "sound alone": ("a.mp4", _sound_alone(), "unsupported"),
        "half a Matroska": ("a.mkv", mkv[: -len(mkv) // 4], "indexed_with_warnings"),
        "a Matroska head alone": ("a.mkv", mkv[:40], "corrupt"),
        "a Matroska of noise": ("a.mkv", mkv[:400] + b"\xff" * 4000, "corrupt"),
        "a Matroska named MP4": ("a.mp4", mkv, "indexed"),
        "a list of films": ("a.mp4", playlist, "unsupported"),
        "one grey picture": ("a.mp4", video_bytes([""], each_s=1, size=size), "indexed_with_warnings"),
        "a film named PNG": ("a.png", mp4, "indexed_with_warnings"),
    }  # fmt: skip
