"""What the numbers of a box mean, and the one place that turns them into page fractions."""

from __future__ import annotations

import re
from enum import StrEnum

from generator.grounding.places import PointedPlace
from indexer.base.pages import FractionBox

_OVER = 1.02  # a number may be beyond the edge by this much: it is rounded


class Scale(StrEnum):
    """What the numbers of a family's boxes count.

    THOUSANDTHS  of the image's width and height, 0 to 1000: Qwen-VL, Qwen2-VL, Qwen3-VL
    PIXELS       of the image as it was resized for the model: Qwen2.5-VL
    """

    THOUSANDTHS = "thousandths"
    PIXELS = "pixels"


# Names of a service under which another generation may answer from one day to the next.
_ALIASES = re.compile(r"qwen-vl-(?:max|plus)", re.IGNORECASE)
_FAMILIES = (
    (re.compile(r"qwen-?2[._-]?5-?vl", re.IGNORECASE), Scale.PIXELS),
    (re.compile(r"qwen-?(?:2|3(?:[._-]?5)?)?-?vl", re.IGNORECASE), Scale.THOUSANDTHS),
)


def scale_of(model: str) -> Scale | None:
    """Return the scale of a model's boxes by its name; None where the name tells no family."""
    if _ALIASES.search(model):
        return None
    return next((scale for names, scale in _FAMILIES if names.search(model)), None)


def to_fractions(
    place: PointedPlace, scale: Scale, image_px: tuple[int, int] | None
) -> FractionBox | None:
    """Return a place in page fractions; None for one that is not on the image, or has no area.

    image_px  width and height of the image as the model saw it, for numbers that are pixels; the image
              shows the whole page
    """
    if place.is_of_thousandths or scale is Scale.THOUSANDTHS:
        width, height = 1000, 1000
    elif image_px is None:
        return None
    else:
        width, height = image_px
    x0, y0, x1, y1 = place.numbers
    fractions = (x0 / width, y0 / height, x1 / width, y1 / height)
    if max(fractions) > _OVER or (not place.is_point and (x0 == x1 or y0 == y1)):
        return None
    left, top, right, bottom = (round(min(value, 1.0), 4) for value in fractions)
    return left, top, right, bottom
