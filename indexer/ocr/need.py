"""Decide which pages are worth the cost of OCR: a second of CPU for a slide, three for a dense page.

A text layer can be missing, hold a footer over a scan, or be noise (a font without a character
map). The page image tells these from a short page that is complete: it shows ink where the layer
has no words. Whether that ink is a scan, a picture or letters drawn as outlines does not matter.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from PIL import Image

from indexer.base.pages import BOX_SCALE, PageWords, RenderedPage

# The thresholds were set on 1,142 pages of reports, slide decks, manuals, papers and malformed files;
# the doubtful ones were judged by eye. 343 of them have a short text layer, 250 of these are read.

# A text layer with this many readable characters is believed without a look at the image.
ENOUGH_CHARACTERS = 200
# Below this the layer is as good as missing (a page number, a stamp): any ink is worth reading.
HARDLY_ANY_CHARACTERS = 20
# Share of pixels that are ink outside the words: up to 0.002 on short pages whose layer is complete,
# 0.005 and more on those that show something else (a logo and a photo cannot be told from text).
MUCH_INK = 0.005
# A line of 20 letters on an otherwise empty page has about 0.001.
ANY_INK = 0.0005

_LOOK_SIDE_PX = 512  # long side at which ink is measured: letters still have edges, noise has not
_EDGE_STEP = 40  # of 255, between neighbouring pixels; scanner noise and gradients stay below
_MARGIN_PX = 2  # around each word: accents and anti-aliasing reach over its box


def needs_ocr(page: RenderedPage, policy: Literal["auto", "always", "never"]) -> bool:
    """Whether the page image should be read.

    `auto`: the text layer is short and the image shows more than its words account for.
    """
    if policy != "auto":
        return policy == "always"
    n_characters = sum(map(readable_characters, page.words.texts))
    if n_characters >= ENOUGH_CHARACTERS:
        return False
    limit = ANY_INK if n_characters < HARDLY_ANY_CHARACTERS else MUCH_INK
    return ink_outside_words(page.image, page.words) > limit


def readable_characters(word: str) -> int:
    """Count letters and digits of a word; none when half of it is something else.

    A font without a character map yields strings such as `!"#$%&'!"(%`, a leader line `.....`.
    """
    n_alphanumeric = sum(map(str.isalnum, word))
    return n_alphanumeric if 2 * n_alphanumeric > len(word) else 0


def ink_outside_words(image: Image.Image, words: PageWords) -> float:
    """Return the share 0..1 of pixels that stand out from a neighbour, outside of readable words."""
    small = image.convert("L")
    small.thumbnail((_LOOK_SIDE_PX, _LOOK_SIDE_PX), Image.Resampling.BOX)
    grey = np.asarray(small, np.int16)
    ink = np.zeros(grey.shape, np.bool_)
    ink[:, 1:] |= np.abs(np.diff(grey, axis=1)) > _EDGE_STEP
    ink[1:] |= np.abs(np.diff(grey, axis=0)) > _EDGE_STEP
    height, width = grey.shape
    scale = np.array([width, height, width, height]) / BOX_SCALE
    margin = np.array([-_MARGIN_PX, -_MARGIN_PX, _MARGIN_PX + 1, _MARGIN_PX + 1])
    readable = np.array([readable_characters(word) > 0 for word in words.texts], np.bool_)
    corners = np.maximum((words.boxes[readable] * scale + margin).astype(np.int64), 0)
    for x0, y0, x1, y1 in corners:
        ink[y0:y1, x0:x1] = False
    return float(ink.mean())
