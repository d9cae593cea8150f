"""Frames of a picture as pages, in the child: upright as EXIF says, as large as the dots per inch ask.

A picture that says nothing believable of its size is shown pixel for pixel, at the resolution of page images.
"""

from __future__ import annotations

import io
from typing import Any

from indexer.inputs.kind import UnfitFile
from indexer.inputs.sandbox.frames import RenderRequest

_MOST_PX = 200_000_000  # of one frame: a sheet of A0 at 300 dots per inch has 140 million
_MOST_PX_TWICE = 50_000_000  # of a frame that is decoded once more, as far as it goes
_BELIEVABLE_DPI = (100, 1200)  # cameras write 72 where they know nothing
_BELIEVABLE_IN = (1.0, 60.0)
_PAPER, _NIGHT = (255, 255, 255), (0, 0, 0)
_LIGHT = 160  # of 255: on white nobody reads it
_SEEN = 128  # of 255: so much of a pixel that is no shadow
_OVERSAMPLING = 4  # pixels kept for one of the largest page image: small print is read from them


def check_size(size: tuple[int, int]) -> None:
    """Raise UnfitFile for a frame of more pixels than may be."""
    width_px, height_px = size
    if width_px * height_px > _MOST_PX:
        raise UnfitFile(
            "too_large", f"has {width_px} x {height_px} pixels, more than {_MOST_PX:,} in all"
        )


class PictureFrames:
    """The frames of a picture as pages of PyMuPDF, one at a time.

    is_cut_short  of the frame that was loaded last a part is missing
    """

    is_pdf = is_repaired = needs_pass = False

    def __init__(self, image: Any, n_frames: int, request: RenderRequest) -> None:
        self.page_count = n_frames
        self._image = image
        self._request = request
        self._document: Any = None
        self.is_cut_short = False

    def load_page(self, number: int) -> Any:
        """Return a frame as a page, which is valid until the next is loaded."""
        import pymupdf

        self._document = None
        self._image.seek(number)
        check_size(self._image.size)
        dpi = _dpi(self._image, self._request.page_dpi)
        most_px = _OVERSAMPLING * self._request.max_page_px
        self.is_cut_short = False
        try:
            frame, scale = _upright(self._image, most_px)
        except OSError as error:
            width_px, height_px = self._image.size
            if "truncated" not in str(error) or width_px * height_px > _MOST_PX_TWICE:
                raise
            frame, scale = _upright_as_far_as_it_goes(self._image, most_px)
            self.is_cut_short = True
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
    """Return the frame as RGB on its ground, turned as its EXIF says, and the scale at which it is kept."""
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
        ground = Image.new("RGB", frame.size, _ground_of(frame))
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


def _upright_as_far_as_it_goes(image: Any, most_px: int) -> tuple[Any, float]:
    """Return what `_upright` returns of a file that was cut off. Raises OSError where nothing was read."""
    from PIL import ImageFile

    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        frame, scale = _upright(image, most_px)
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False
    darkest, lightest = frame.convert("L").getextrema()
    if darkest == lightest:
        raise OSError("the file ends before the picture begins")
    return frame, scale


def _ground_of(frame: Any) -> tuple[int, int, int]:
    """Return white for what is behind a picture, black where all that it shows is light."""
    from PIL import ImageStat

    is_seen = frame.getchannel("A").point(lambda alpha: 255 if alpha >= _SEEN else 0)
    ((darkest, _),) = ImageStat.Stat(frame.convert("L"), is_seen).extrema
    return _NIGHT if is_seen.getbbox() and darkest >= _LIGHT else _PAPER


def _grey(frame: Any) -> Any:
    """Return a picture of 16 bits or of numbers in 8, from its darkest to its brightest."""
    low, high = frame.getextrema()
    span = (high - low) or 1
    return (
        frame.convert("F").point(lambda value: value * (255 / span) - low * 255 / span).convert("L")
    )
