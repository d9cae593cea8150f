"""Tell a page that is a photograph, which has no words to lose, from one whose print was not read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indexer.base.pages import RenderedPage
from indexer.ocr.printed_lines import PrintedLine

_COVERAGE = 0.6  # share of the page that pictures cover
_LOOK_SIDE_PX = 256
_TONE_LEVELS = 32  # of 256: paper, or a ground, with its noise
_GROUND_SHARE = 0.5  # a scan of print is mostly its paper, a drawing its ground
_LONG = 4.0  # length over height of a line that may be print


def is_photograph(page: RenderedPage, illegible: Sequence[PrintedLine]) -> bool:
    """Whether pictures in tones of all kinds fill most of a page, and nothing on it has the shape of a line.

    illegible  the lines that were found and could not be read
    """
    if page.image_coverage < _COVERAGE:
        return False
    if any(line.length_px >= _LONG * line.height_px for line in illegible):
        return False
    grey = page.image.convert("L")
    grey.thumbnail((_LOOK_SIDE_PX, _LOOK_SIDE_PX))
    counts = np.bincount(np.asarray(grey).ravel(), minlength=256)
    sums = np.concatenate([[0], np.cumsum(counts)])
    ground = int((sums[_TONE_LEVELS:] - sums[:-_TONE_LEVELS]).max())
    return ground < _GROUND_SHARE * int(counts.sum())
