"""Parts of stored pages as images, drawn anew from the PDF with as many pixels as are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.base.errors import InvalidRegion
from api.services.stored_pages import page_image
from indexer.base.errors import DamagedFile
from indexer.base.page_images import open_excerpt
from indexer.base.page_parts import PagePart
from indexer.base.pages import FractionBox
from indexer.catalog.document_records import Document, Page
from indexer.inputs.rasterizer import Rasterizer
from indexer.stores import Stores

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_EDGE_PX = 4096
_PDF = "application/pdf"  # of documents that were read before there were other kinds


@dataclass(frozen=True, slots=True)
class RegionImage:
    """A part of a page, in RGB.

    is_drawn  from the PDF, with the pixels that were asked for; else cut from the stored page image, as the
              PDF is gone or cannot be drawn any more
    """

    image: Image
    is_drawn: bool


class PageRegions:
    """Draws parts of pages in a process of their own; may be shared by threads."""

    def __init__(self, stores: Stores, rasterizer: Rasterizer) -> None:
        self._stores = stores
        self._rasterizer = rasterizer

    def image(self, page: Page, document: Document, part: PagePart) -> RegionImage:
        """Return a part of a page, within a pixel of its size where it is drawn; else perhaps smaller.

        Raises PageNotFound, DamagedBlob, Unreadable where the page image is needed and not there.
        """
        image = self._drawing(page, document, part)
        if image is not None:
            return RegionImage(image, is_drawn=True)
        cutting = open_excerpt(page_image(self._stores, page), part.box)
        cutting.thumbnail(part.size_px)
        return RegionImage(cutting, is_drawn=False)

    def part_in_width(self, page: Page, region: FractionBox, width_px: int | None) -> PagePart:
        """Return a region in its own shape, so wide as far as the limits of a page image allow it.

        width_px  None: as wide as it is on the stored page image
        """
        width, height = _shape_px(page, region)
        scale = 1.0 if width_px is None else min(width_px / width, MAX_EDGE_PX / height)
        return self._part(page, region, scale)

    def part_within(self, page: Page, region: FractionBox, max_edge_px: int) -> PagePart:
        """Return a region in its own shape, its longest edge that long, as far as the limits allow it."""
        return self._part(page, region, max_edge_px / max(_shape_px(page, region)))

    def _part(self, page: Page, region: FractionBox, scale: float) -> PagePart:
        width, height = _shape_px(page, region)
        scale = min(scale, (self._rasterizer.settings.max_page_px / (width * height)) ** 0.5)
        size_px = max(1, round(width * scale)), max(1, round(height * scale))
        return PagePart(region, size_px, in_colour=True)

    def _drawing(self, page: Page, document: Document, part: PagePart) -> Image | None:
        originals = self._stores.originals
        try:
            originals.require(document.sha256)
        except DamagedFile:
            return None
        path = originals.local_path(document.sha256)
        renderer = self._rasterizer.part_renderer(path, document.media_type or _PDF)
        if renderer is None:
            return None
        (image,) = renderer.render(page.page_number, [part])
        return image


def check_region(region: FractionBox) -> FractionBox:
    """Raise InvalidRegion unless these are two corners of a box on the page, the upper left one first."""
    x0, y0, x1, y1 = region
    if not (0 <= x0 < x1 <= 1 and 0 <= y0 < y1 <= 1):
        raise InvalidRegion(
            "a region is x0,y0,x1,y1 in page fractions 0..1, from the top left to the bottom right corner: "
            "0 <= x0 < x1 <= 1 and 0 <= y0 < y1 <= 1"
        )
    return region


def read_region(text: str) -> FractionBox:
    """Read `0.1,0.2,0.5,0.3`. Raises InvalidRegion."""
    try:
        x0, y0, x1, y1 = (float(value) for value in text.split(","))
    except ValueError as error:
        raise InvalidRegion(
            f"cannot read the region {text[:100]!r}: write four page fractions, 0.1,0.2,0.5,0.3"
        ) from error
    return check_region((x0, y0, x1, y1))


def _shape_px(page: Page, region: FractionBox) -> tuple[float, float]:
    """Return width and height of a region on the stored page image."""
    x0, y0, x1, y1 = region
    return (x1 - x0) * page.image_width_px, (y1 - y0) * page.image_height_px
