"""Pictures of pages: each frame is a page."""

from __future__ import annotations

from typing import Any

from indexer.inputs.kind import FileLook, MediaType, OpenedFile, UnfitFile
from indexer.inputs.pictures import PictureFrames, check_size
from indexer.inputs.sandbox.frames import RenderRequest


def _form(name: str, title: str, *endings: str, module: str = "", extra: str = "") -> MediaType:
    repair = "fetch the whole file, or save it anew as PNG"
    return MediaType(name, title, endings, module=module, extra=extra, repair=repair)


MEDIA_TYPES = (
    _form("image/png", "PNG image", ".png"),
    _form("image/jpeg", "JPEG image", ".jpg", ".jpeg"),
    _form("image/webp", "WebP image", ".webp"),
    _form("image/gif", "GIF image", ".gif"),
    _form("image/tiff", "TIFF image", ".tif", ".tiff"),
    _form("image/bmp", "BMP image", ".bmp"),
    _form("image/avif", "AVIF image", ".avif"),
    _form("image/heic", "HEIC image", ".heic", ".heif", module="pillow_heif", extra="heic"),
)
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_BRANDS_BYTES = 64
_SHOWN_ONCE = (
    "gif",
    "png",
    "webp",
    "avif",
    "heic",
    "jpeg",
)  # animations, bursts, depth of a photograph


def media_type_of(look: FileLook) -> str | None:
    """Tell a picture by its first bytes."""
    start = look.start
    if start.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if start.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if start.startswith(b"RIFF") and start[8:12] == b"WEBP":
        return "image/webp"
    if start.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if start.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")):
        return "image/tiff"
    if start.startswith(b"BM") and start[6:10] == bytes(4) and len(start) > 26:
        return "image/bmp"
    if start[4:8] == b"ftyp":
        return _by_brand(start)
    return None


def _by_brand(start: bytes) -> str | None:
    """Tell pictures of the container that videos have, too."""
    if b"avif" in start[8:_BRANDS_BYTES] or start[8:12] == b"avis":
        return "image/avif"
    return "image/heic" if start[8:12] in _HEIC_BRANDS else None


def open_file(path: str, media_type: str, request: RenderRequest) -> OpenedFile:
    """Open a picture. Raises UnfitFile for one of more pixels or frames than may be."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # each frame is measured before it is decoded
    form = media_type.removeprefix("image/")
    if form == "heic":
        _register_heic()
    image = Image.open(path, formats=["heif" if form == "heic" else form])
    check_size(image.size)
    max_frames = 1 if form in _SHOWN_ONCE else request.max_pages + 1
    n_frames, is_last = _n_frames(image, max_frames)
    frames = PictureFrames(image, n_frames, request)
    facts = {} if is_last else {"warning": f"cannot be read behind its frame {n_frames}"}
    return OpenedFile(frames, facts, is_cut_short=lambda _: frames.is_cut_short)


def _register_heic() -> None:
    """Have Pillow read HEIC. Raises UnfitFile where what does is not installed."""
    try:
        import pillow_heif
    except ImportError as error:
        raise UnfitFile("needs_pillow_heif", "can be read with pillow-heif alone") from error
    pillow_heif.options.DECODE_THREADS = 1
    pillow_heif.register_heif_opener(thumbnails=False)


def _n_frames(image: Any, max_frames: int) -> tuple[int, bool]:
    """Count frames up to `max_frames`: a file may claim millions, or name the same one again and again.

    Also return whether the file says that there are no more.
    """
    n_frames, is_last = 1, True
    while n_frames < max_frames:
        try:
            image.seek(n_frames)
        except EOFError:
            break
        except (ValueError, OSError, SyntaxError, KeyError, TypeError):
            is_last = False  # the frames before it are whole
            break
        n_frames += 1
    image.seek(0)
    return n_frames, is_last
