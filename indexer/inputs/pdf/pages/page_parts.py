"""Render parts of a page with more pixels than its image has: each time in a child of its own.

Few pages need it: those whose print is too small for the page image, and those at which somebody looks
closer. What fails is left out: the page has been read once already.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.base.errors import PagesightError
from indexer.base.page_parts import PagePart
from indexer.base.settings import IndexerSettings
from indexer.inputs.pdf.opening import open_file
from indexer.inputs.sandbox.frames import BadFrame, Frame, RasterizerFault
from indexer.inputs.sandbox.process import RasterizerProcess

if TYPE_CHECKING:
    from PIL.Image import Image

_SLACK_PX = 2  # a part may begin and end within a pixel


class FilePartRenderer:
    """Renders parts of the pages of one file; may be shared by threads.

    read_as  the media type of the bytes at `path`
    keeper   what keeps the file there for as long as it is wanted
    """

    def __init__(
        self, path: Path, read_as: str, settings: IndexerSettings, keeper: object = None
    ) -> None:
        self._path = path
        self._read_as = read_as
        self._settings = settings
        self._keeper = keeper

    def render(self, page_number: int, parts: Sequence[PagePart]) -> list[Image | None]:
        """Return an image for each part, grey or RGB; None for it and those after it where one fails."""
        images: list[Image | None] = []
        try:
            fd = open_file(self._path, self._settings)
        except PagesightError:
            return [None] * len(parts)
        try:
            child = RasterizerProcess(self._settings, fd, self._read_as, page_number, parts=parts)
            try:
                child.next_frame()  # says that the document is open
                for part in parts:
                    images.append(_decode(child.next_frame(), part))
            finally:
                child.close()
        except (RasterizerFault, OSError):
            pass
        finally:
            os.close(fd)
        return images + [None] * (len(parts) - len(images))


def _decode(frame: Frame, part: PagePart) -> Image | None:
    """Return the image that a frame carries. Raises BadFrame when the child may not send it."""
    from PIL import Image

    header = frame.header
    if header.get("kind") == "left_out":
        return None
    size = header.get("size_px")
    if header.get("kind") != "part" or not isinstance(size, list) or len(size) != 2:
        raise BadFrame("not the part of a page that was awaited")
    for side_px, wanted_px in zip(size, part.size_px, strict=True):
        if type(side_px) is not int or not 0 < side_px <= wanted_px + _SLACK_PX:
            raise BadFrame("a part of a page larger than asked for")
    mode, n_channels = ("RGB", 3) if part.in_colour else ("L", 1)
    if len(frame.body) != n_channels * size[0] * size[1]:
        raise BadFrame("pixels that do not fit their header")
    return Image.frombytes(mode, (size[0], size[1]), bytes(frame.body))
