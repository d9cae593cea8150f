"""Pages of a video: a picture of it each, and below what is said meanwhile."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

from indexer.inputs.kind import UnfitFile
from indexer.inputs.sandbox.frames import RenderRequest, SceneRules
from indexer.inputs.video.captions import page_captions
from indexer.inputs.video.scenes import SMALL_SIZE, Scene, SceneChooser
from indexer.inputs.video.stream import VideoStream

_POINTS_PER_INCH = 72.0
_MARGIN_PT = 6.0
_CAPTION_CSS = "body { margin: 0; font-family: sans-serif; font-size: 10pt }"
_TALL_PT = 10_000.0


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
        image = _upright(
            self._stream.picture_at(self._scenes[number].pts), self._stream.pixel_width
        )
        scale = _POINTS_PER_INCH / self._request.page_dpi
        width, height = image.width * scale, image.height * scale
        caption = html.escape(self._captions[number])
        band = _band_height(caption, width)
        self._document = pymupdf.open()
        page = self._document.new_page(width=width, height=height + band)
        pixels = pymupdf.Pixmap(pymupdf.csRGB, image.width, image.height, image.tobytes(), False)
        page.insert_image(pymupdf.Rect(0, 0, width, height), pixmap=pixels)
        if caption:
            page.insert_htmlbox(_band(width, height, band), caption, css=_CAPTION_CSS)
        return page


def _band(width: float, top: float, height: float) -> Any:
    import pymupdf

    margin = _MARGIN_PT
    return pymupdf.Rect(margin, top + margin, width - margin, top + height - margin)


def _band_height(caption: str, width: float) -> float:
    """Return the height in points that a caption takes below a picture; 0 for none."""
    if not caption:
        return 0.0
    import pymupdf

    story = pymupdf.Story(caption, user_css=_CAPTION_CSS)
    _, text_area = story.place(_band(width, 0.0, _TALL_PT))
    return float(text_area[3]) + 3 * _MARGIN_PT


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
    return (
        image
        if angle not in (90, 180, 270)
        else image.transpose(Image.Transpose[f"ROTATE_{angle}"])
    )
