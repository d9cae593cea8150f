"""Pictures of pages: each frame is a page, upright as its EXIF says, as large as its dots per inch ask.

A picture that says nothing believable of its size is shown pixel for pixel, at the resolution of page images.
"""

from __future__ import annotations

import io
from typing import Any

from indexer.inputs.kind import FileLook, MediaType, OpenedFile, UnfitFile
from indexer.inputs.sandbox.frames import RenderRequest

MEDIA_TYPES = (
    MediaType("image/png", "PNG image", (".png",)),
    MediaType("image/jpeg", "JPEG image", (".jpg", ".jpeg")),
    MediaType("image/webp", "WebP image", (".webp",)),
    MediaType("image/gif", "GIF image", (".gif",)),
    MediaType("image/tiff", "TIFF image", (".tif", ".tiff")),
    MediaType("image/bmp", "BMP image", (".bmp",)),
    MediaType("image/avif", "AVIF image", (".avif",)),
    MediaType("image/heic", "HEIC image", (".heic", ".heif"), module="pillow_heif", extra="heic"),
)
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_BRANDS_BYTES = 64
_MOST_PX = 200_000_000  # of one frame: a sheet of A0 at 300 dots per inch has 140 million
_SHOWN_ONCE = ("gif", "png", "webp", "avif", "heic")  # an animation, or a burst, shows one page
_BELIEVABLE_DPI = (100, 1200)  # cameras write 72 where they know nothing
_BELIEVABLE_IN = (1.0, 60.0)
_PAPER = (255, 255, 255)
_OVERSAMPLING = 4  # pixels kept for one of the largest page image: small print is read from them


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
    _check_size(image.size)
    max_frames = 1 if form in _SHOWN_ONCE else request.max_pages + 1
    return OpenedFile(_Frames(image, _n_frames(image, max_frames), request))


def _register_heic() -> None:
    """Have Pillow read HEIC. Raises UnfitFile where what does is not installed."""
    try:
        import pillow_heif
    except ImportError as error:
        raise UnfitFile("needs_pillow_heif", "can be read with pillow-heif alone") from error
    pillow_heif.options.DECODE_THREADS = 1
    pillow_heif.register_heif_opener(thumbnails=False)


def _n_frames(image: Any, max_frames: int) -> int:
    """Count frames up to `max_frames`: a file may claim millions, or name the same one again and again."""
    n_frames = 1
    while n_frames < max_frames:
        try:
            image.seek(n_frames)
        except (EOFError, ValueError, OSError, SyntaxError, KeyError, TypeError):
            break  # the frames before it are whole
        n_frames += 1
    image.seek(0)
    return n_frames


def _check_size(size: tuple[int, int]) -> None:
    width_px, height_px = size
    if width_px * height_px > _MOST_PX:
        raise UnfitFile(
            "too_large", f"has {width_px} x {height_px} pixels, more than {_MOST_PX:,} in all"
        )


class _Frames:
    """The frames of a picture as pages of PyMuPDF, one at a time."""

    is_pdf = is_repaired = needs_pass = False

    def __init__(self, image: Any, n_frames: int, request: RenderRequest) -> None:
        self.page_count = n_frames
        self._image = image
        self._request = request
        self._document: Any = None

    def load_page(self, number: int) -> Any:
        """Return a frame as a page, which is valid until the next is loaded."""
        import pymupdf

        self._document = None
        self._image.seek(number)
        _check_size(self._image.size)
        dpi = _dpi(self._image, self._request.page_dpi)
        frame, scale = _upright(self._image, _OVERSAMPLING * self._request.max_page_px)
        content = io.BytesIO()
        frame.save(content, "TIFF", compression="raw", dpi=(dpi * scale, dpi * scale))
        self._document = pymupdf.open(stream=content.getvalue(), filetype="tiff")
        return self._document.load_page(0)


def _dpi(image: Any, default: int) -> float:
    """Return the dots per inch that the picture was taken at, where that can be believed."""
    dpi = image.info.get("dpi", (0, 0))
    try:
        horizontal, vertical = round(float(dpi[0])), round(float(dpi[1]))
    except (TypeError, ValueError, IndexError, ArithmeticError):
        return default
    low, high = _BELIEVABLE_DPI
    shortest_in, longest_in = _BELIEVABLE_IN
    if horizontal != vertical or not low <= horizontal <= high:
        return default
    sides_in = [side_px / horizontal for side_px in image.size]
    return horizontal if shortest_in <= min(sides_in) and max(sides_in) <= longest_in else default


def _upright(image: Any, most_px: int) -> tuple[Any, float]:
    """Return the frame as RGB on white, turned as its EXIF says, and the scale at which it is kept."""
    from PIL import Image, ImageOps

    n_claimed_px = image.size[0] * image.size[1]
    if n_claimed_px > most_px:
        keep = (most_px / n_claimed_px) ** 0.5
        size = (int(image.size[0] * keep), int(image.size[1] * keep))
        image.draft("RGB", size)  # JPEG: decodes less
    frame = image.copy()
    if frame.mode.startswith("I") or frame.mode == "F":
        frame = _grey(frame)
    if frame.mode in ("RGBA", "LA", "PA") or "transparency" in frame.info:
        frame = frame.convert("RGBA")
        ground = Image.new("RGB", frame.size, _PAPER)
        ground.paste(frame, mask=frame.getchannel("A"))
        ground.info["exif"] = frame.info.get("exif")
        frame = ground
    n_px = frame.size[0] * frame.size[1]
    if n_px > most_px:
        keep = (most_px / n_px) ** 0.5
        size = (max(1, round(frame.size[0] * keep)), max(1, round(frame.size[1] * keep)))
        frame = frame.convert("RGB" if frame.mode not in ("1", "L") else "L").resize(size)
    # By the pixels, not by a side: some are turned while they are decoded.
    scale = (frame.size[0] * frame.size[1] / n_claimed_px) ** 0.5
    return ImageOps.exif_transpose(frame).convert("RGB"), scale


def _grey(frame: Any) -> Any:
    """Return a picture of 16 bits or of numbers in 8, from its darkest to its brightest."""
    low, high = frame.getextrema()
    span = (high - low) or 1
    return (
        frame.convert("F").point(lambda value: value * (255 / span) - low * 255 / span).convert("L")
    )
