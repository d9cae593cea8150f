"""Pages of a video: a picture of it each, and below what is said meanwhile."""

from __future__ import annotations

import base64
import html
import io
import math
from collections.abc import Callable
from typing import Any

from indexer.inputs.kind import UnfitFile
from indexer.inputs.sandbox.frames import RenderRequest, SceneRules
from indexer.inputs.video.captions import page_captions
from indexer.inputs.video.scenes import SMALL_SIZE, Scene, SceneChooser
from indexer.inputs.video.stream import VideoStream

_POINTS_PER_INCH = 72.0
_MARGIN_PT = 6.0
_LEAST_FONT_PT = 10.0
_FONTS_ACROSS = 45.0  # of a wide picture: letters are as large as those of subtitles
_TALL_PT = 10_000.0
_CSS = """
@page {{ margin: 0 }}
body {{ margin: 0 }}
img {{ display: block; width: {}pt; height: {}pt }}
p {{ margin: 6pt; font-family: sans-serif; font-size: {}pt; overflow-wrap: break-word }}
"""


class ScenePages:
    """The scenes of a video as pages of PyMuPDF, one at a time."""

    is_pdf = is_repaired = needs_pass = False

    def __init__(self, stream: VideoStream, request: RenderRequest) -> None:
        self._stream = stream
        self._request = request
        self._scenes: list[Scene] = []
        self._captions: list[str] = []
        self._document: Any = None

    @property
    def page_count(self) -> int:
        return len(self._scenes)

    def look_through(self, on_step: Callable[[], None]) -> None:
        """Choose the scenes. Raises UnfitFile for a video without a picture."""
        self._stream.count(on_step)
        rules = SceneRules(*self._request.scenes)
        is_spoken = bool(self._stream.cues)
        chooser = SceneChooser(rules, self._stream.duration_s, is_spoken=is_spoken)
        for picture in self._stream.pictures(on_step):
            chooser.see(picture.pts, self._stream.time_s(picture.pts), _small(picture))
        self._scenes = chooser.scenes()
        if not self._scenes:
            raise UnfitFile("corrupt", "has no picture that can be decoded")
        self._captions = page_captions(self._stream.cues, [s.time_s for s in self._scenes])

    def time_of(self, page_number: int) -> float:
        """Return the second at which a page is shown."""
        return self._scenes[page_number - 1].time_s

    def load_page(self, number: int) -> Any:
        """Return a scene as a page, which is valid until the next is loaded."""
        import pymupdf

        if self._document is not None:
            self._document.close()
            pymupdf.TOOLS.store_shrink(100)  # it would keep the pictures of all pages
        picture = self._stream.picture_at(self._scenes[number].pts)
        image = _upright(picture, self._stream.pixel_width)
        caption = self._captions[number]
        page_dpi = self._request.page_dpi
        self._document = (
            _page_with_caption(image, caption, page_dpi) if caption else _page_of(image, page_dpi)
        )
        return self._document.load_page(0)


def _page_of(image: Any, page_dpi: int) -> Any:
    """Return an open document of one page: the image pixel by pixel."""
    import pymupdf

    content = io.BytesIO()
    image.save(content, "TIFF", compression="raw", dpi=(page_dpi, page_dpi))
    return pymupdf.open(stream=content.getvalue(), filetype="tiff")


def _page_with_caption(image: Any, caption: str, page_dpi: int) -> Any:
    """Return an open document of one page: the image pixel by pixel, and the caption below."""
    import pymupdf
    from pymupdf import mupdf

    content = io.BytesIO()
    image.save(content, "PNG", compress_level=0)
    point_px = page_dpi / _POINTS_PER_INCH
    width, height = image.width / point_px, image.height / point_px
    mupdf.fz_set_user_css(_CSS.format(width, height, max(_LEAST_FONT_PT, width / _FONTS_ACROSS)))
    source = f"data:image/png;base64,{base64.b64encode(content.getvalue()).decode()}"
    markup = f'<html><body><img src="{source}"/><p>{html.escape(caption)}</p></body></html>'
    document = pymupdf.open(stream=markup.encode("utf-8", "replace"), filetype="html")
    document.layout(width=width, height=height + _TALL_PT)
    words = document.load_page(0).get_text("words")
    bottom = max((word[3] for word in words), default=height)
    whole_px = math.ceil((bottom + _MARGIN_PT) * point_px)
    document.layout(width=width, height=whole_px / point_px)
    return document


def _small(picture: Any) -> Any:
    """Return a small grey copy of a picture."""
    from PIL import Image

    plane = picture.reformat(*SMALL_SIZE, format="gray", interpolation="AREA").planes[0]
    return Image.frombytes("L", SMALL_SIZE, bytes(plane), "raw", "L", plane.line_size)


def _upright(picture: Any, pixel_width: float) -> Any:
    """Return a picture as RGB, its pixels made square, turned as the camera was held."""
    from PIL import Image

    image = picture.to_image()
    if pixel_width != 1:
        image = image.resize((max(1, round(image.width * pixel_width)), image.height))
    angle = picture.rotation % 360  # counterclockwise, as Pillow turns
    if angle in (90, 180, 270):
        image = image.transpose(Image.Transpose[f"ROTATE_{angle}"])
    return image
