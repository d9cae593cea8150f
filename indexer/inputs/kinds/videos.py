"""Videos: pictures that show something new are pages, with the second at which they are shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from indexer.inputs.kind import FileLook, MediaType, OpenedFile, UnfitFile
from indexer.inputs.sandbox.frames import RenderRequest


def _form(name: str, title: str, *endings: str) -> MediaType:
    return MediaType(
        name,
        title,
        endings,
        module="av",
        extra="video",
        has_parts=False,
        repair="fetch the whole file, or convert it to MP4 with H.264",
    )


MEDIA_TYPES = (
    _form("video/mp4", "MP4 video", ".mp4", ".m4v"),
    _form("video/quicktime", "QuickTime video", ".mov"),
    _form("video/matroska", "Matroska video", ".mkv"),
    _form("video/webm", "WebM video", ".webm"),
)
_FIRST_BOXES = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")  # of files of before `ftyp`


def media_type_of(look: FileLook) -> str | None:
    """Tell a video by its first bytes: the brand of its boxes, or the type that Matroska names."""
    start = look.start
    if start.startswith(b"\x1aE\xdf\xa3"):
        return "video/webm" if b"webm" in start[:64] else "video/matroska"
    if start[4:8] == b"ftyp":  # pictures of such a container are told before
        return "video/quicktime" if start[8:12] == b"qt  " else "video/mp4"
    is_box = start[4:8] in _FIRST_BOXES and int.from_bytes(start[:4], "big") <= look.n_bytes
    return "video/quicktime" if is_box else None


def open_file(path: str, media_type: str, request: RenderRequest) -> OpenedFile:
    """Open a video. Raises UnfitFile where PyAV is missing, or for a file without moving pictures."""
    try:
        import av  # noqa: F401
    except ImportError as error:
        raise UnfitFile("needs_av", "can be read with PyAV alone") from error

    from indexer.inputs.video.scene_pages import ScenePages
    from indexer.inputs.video.stream import VideoStream
    from indexer.inputs.video.wholeness import is_cut_short

    stream = VideoStream(path, media_type)
    pages = ScenePages(stream, request)
    facts: dict[str, Any] = {"stated": _stated_of(stream.metadata)}

    def prepare(on_step: Callable[[], None]) -> None:
        pages.look_through(on_step)
        if is_cut_short(path, media_type):
            facts["warning"] = f"is cut off behind {stream.duration_s:.0f} s, and read up to there"
        elif stream.n_damaged:
            facts["warning"] = (
                f"is damaged in places ({stream.n_damaged}), where pictures are missing"
            )

    return OpenedFile(pages, facts, prepare=prepare, time_of=pages.time_of)


def _stated_of(metadata: dict[str, str]) -> dict[str, Any]:
    entries = {name.lower(): value for name, value in metadata.items()}
    artist = entries.get("artist") or entries.get("author")
    return {
        "title": entries.get("title", ""),
        "authors": [artist] if artist else [],
        "date": entries.get("date") or entries.get("creation_time", ""),
    }
