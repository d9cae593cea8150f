"""Finds the words of a text layer that nobody can see on the page. They prove nothing, and may be a trap.

The page image decides, for every way to hide words at once: what is written in the colour of its ground or
in no colour, lies under a shape or a picture of one colour, leaves no ink where it stands. The words that OCR
programs lay invisibly over a scan stand on ink, that of the scanned word, and count. Words outside of the
page are not read at all. In 425,000 words of ordinary documents, 830 are found in this way, and nobody sees
them; a text layer that stands beside its ink everywhere is believed.

Dimension key: W words.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from indexer.base.pages import BOX_SCALE, RenderedPage
from indexer.inputs.sandbox.frames import BadFrame

# Levels of 255 between the lightest and the darkest pixel: the palest word in those documents has 30.
_LEAST_CONTRAST = 8
# This share of a box is left out on either long side: the lines beside reach into it, rules and borders too.
_MARGIN = 0.2
# Places in a box at which its pixels are looked at first: across, and down.
_SAMPLES = (np.linspace(0.02, 0.98, 24), np.linspace(0.05, 0.95, 6))
# Heights of boxes in points; a box is 1.1 to 1.4 times as high as its type. Letters of the first are dust on
# any page image; those of the second can be read in the labels of a drawing: words, not sentences.
_DUST_PT = 2.6
_TINY_PT = 4.3
_USUAL_SIDE_PT = 792.0  # of a page with a shorter long side they are as much smaller
_SENTENCE_WORDS = 5
_WORD_LETTERS = (
    3  # shorter ones may be narrower than high, which tells neither their size nor direction
)


def hidden_words(page: RenderedPage, on_borrowed_ink: object) -> NDArray[np.bool_]:
    """Return which words (W,) cannot be seen; one without letters or digits is never said to be hidden.

    on_borrowed_ink  what the child says of `borrowed_ink.py`: positions of words

    Raises BadFrame when that is something else.
    """
    words = page.words
    readable = np.array([any(map(str.isalnum, text)) for text in words.texts], np.bool_)
    if not readable.any():
        return readable
    without_ink = _without_ink(page, readable)
    if np.count_nonzero(without_ink) * 2 > np.count_nonzero(readable):
        without_ink &= _without_ink(page, without_ink, margin=0.0)
    return without_ink | _too_small(page, readable) | _mask(on_borrowed_ink, len(words))


def _mask(positions: object, n_words: int) -> NDArray[np.bool_]:
    mask = np.zeros(n_words, np.bool_)
    if not isinstance(positions, list):
        raise BadFrame("no list of words on borrowed ink")
    for position in positions:
        if type(position) is not int or not 0 <= position < n_words:
            raise BadFrame("a word that is not on the page")
        mask[position] = True
    return mask


def _without_ink(
    page: RenderedPage, candidates: NDArray[np.bool_], margin: float = _MARGIN
) -> NDArray[np.bool_]:
    """Return which of the candidates (W,) stand on pixels of one colour."""
    width, height = page.image.size
    scale = np.array([width, height, width, height]) / BOX_SCALE
    edges = page.words.boxes * scale
    sides = edges[:, 2:] - edges[:, :2]
    tells_direction = np.array([[len(text) >= _WORD_LETTERS] for text in page.words.texts])
    is_short = tells_direction & (sides == sides.min(axis=1, keepdims=True))
    across = margin * np.where(is_short, sides, 0.0)
    edges += np.concatenate([across, -across], axis=1)
    corners = np.concatenate([np.floor(edges[:, :2]), np.ceil(edges[:, 2:])], axis=1).astype(int)
    green = np.asarray(page.image.getchannel("G"))
    blank = candidates & (_sampled_contrast(green, corners) <= _LEAST_CONTRAST)
    for i in np.flatnonzero(blank):
        x0, y0, x1, y1 = corners[i].tolist()
        box = page.image.crop((x0, y0, max(x1, x0 + 1), max(y1, y0 + 1)))
        pixels = np.asarray(box, np.int16).reshape(-1, 3)
        blank[i] = np.ptp(pixels, axis=0).max() <= _LEAST_CONTRAST
    return blank


def _sampled_contrast(green: NDArray[np.uint8], corners: NDArray[np.int_]) -> NDArray[np.int_]:
    """Return the contrast (W,) of some pixels of each box: enough for almost every word that is seen."""
    height, width = green.shape
    x = corners[:, :1] + (corners[:, 2:3] - corners[:, :1]) * _SAMPLES[0]
    y = corners[:, 1:2] + (corners[:, 3:] - corners[:, 1:2]) * _SAMPLES[1]
    x, y = np.clip(x.astype(np.int_), 0, width - 1), np.clip(y.astype(np.int_), 0, height - 1)
    pixels = green[y[:, :, None], x[:, None, :]].reshape(len(corners), -1)
    contrast: NDArray[np.int_] = pixels.max(axis=1).astype(np.int_) - pixels.min(axis=1)
    return contrast


def _too_small(page: RenderedPage, readable: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which words (W,) are dust, or belong to a sentence in tiny type."""
    words = page.words
    sides_pt = (words.boxes[:, 2:].astype(np.float64) - words.boxes[:, :2]) / BOX_SCALE
    sides_pt *= (page.width_pt, page.height_pt)
    height_pt = sides_pt.min(axis=1)  # also of a word that stands upright, if it has some letters
    scale = min(1.0, max(page.width_pt, page.height_pt) / _USUAL_SIDE_PT)
    small: NDArray[np.bool_] = readable & (height_pt < _TINY_PT * scale)
    if not small.any():
        return small
    has_letters = np.array([sum(map(str.isalpha, text)) >= _WORD_LETTERS for text in words.texts])
    tiny = small & has_letters
    _, line = np.unique(words.lines, return_inverse=True)
    is_sentence = np.bincount(line, weights=tiny) >= _SENTENCE_WORDS
    too_small: NDArray[np.bool_] = small & is_sentence[line]
    too_small |= tiny & (height_pt < _DUST_PT * scale)
    return too_small
