"""What looks closer at a page: parts of it with more pixels than its stored image has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from indexer.base.pages import FractionBox

if TYPE_CHECKING:
    from PIL.Image import Image


class PagePart(NamedTuple):
    """A part of a page in fractions of it, and the (width, height) in px that it is wanted in."""

    box: FractionBox
    size_px: tuple[int, int]
    in_colour: bool = False


class PartRenderer(Protocol):
    """Renders parts of the pages of one document."""

    def render(self, page_number: int, regions: Sequence[PagePart]) -> list[Image | None]:
        """Return an image for each part, within a pixel of its size; None where it cannot be rendered."""
        ...
