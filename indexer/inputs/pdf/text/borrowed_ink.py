"""Finds words that stand on ink of something else, in the child: below a picture, or unseen over other words.

The page image shows something where they stand, so that it cannot tell them. MuPDF is asked how they are
painted, but only on pages where words meet pictures or each other. A picture that covers half of the page is
a scan, and the words in or below it are its OCR; so are words on something printed in a smaller picture.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from indexer.inputs.pdf.text.text_layer import Words

SCAN_COVERAGE = 0.5  # from this share of the page on, pictures are a scan
_MAX_PICTURES = 64
_ACROSS, _DOWN = 8, 128  # cells of the grid in which words that meet are looked for
_MIN_LETTERS = 3
_INNER = 0.2  # of a box's height: lines set close touch no more than this
_SAME_COLOUR = 16  # of 255, as far as half a step of _COARSE goes
_COARSE = 0xF0
_GROUND = (
    0.5  # share of a box's pixels that are its ground, if letters of another colour stand on it
)
_PRINTED = 0.35  # the same on a scanned or drawn picture; a photograph has no such colour
_INVISIBLE = 3  # rendering mode of PDF

Box = tuple[float, float, float, float]


class _Span(NamedTuple):
    """Text that was painted at once; `order` counts what is painted on the page. Box in points."""

    text: str
    box: Box
    order: int
    invisible: bool
    colour: tuple[int, ...]


class _Picture(NamedTuple):
    box: Box
    order: int


class _Painting(NamedTuple):
    """What is painted on a page."""

    spans: list[_Span]
    pictures: list[_Picture]

    def spans_of(self, text: str, point: tuple[float, float]) -> list[_Span]:
        """Return the spans that hold a word at a point, in points."""
        return [span for span in self.spans if _holds(span.box, *point) and text in span.text]

    def is_below_picture(self, spans: Sequence[_Span], point: tuple[float, float]) -> bool:
        """Say whether a picture was painted over all of the spans at a point."""
        above = [picture.order for picture in self.pictures if _holds(picture.box, *point)]
        return max(above, default=-1) > max(span.order for span in spans)


def words_on_borrowed_ink(
    display: Any, words: Words, image: Any, picture_boxes: Sequence[Box], coverage: float
) -> list[int]:
    """Return the positions of such words; `picture_boxes` in points, `image` has `size` and RGB `pixels`."""
    if coverage >= SCAN_COVERAGE:
        return []
    sides = (display.rect.width, display.rect.height)
    meetings = set(_meetings(words))
    meeting = {i for pair in meetings for i in pair}
    over_pictures = set(_in_boxes(words, picture_boxes[:_MAX_PICTURES], sides))
    if not meeting and not over_pictures:
        return []
    painting = _painting_of(display)
    unseen: set[int] = set()
    below: set[int] = set()
    for i in sorted(meeting | over_pictures):
        x, y = _centre(words, i)
        point = (x * sides[0], y * sides[1])
        own = painting.spans_of(words.texts[i], point)
        if not own:
            continue
        ground, share = _ground(image, words.boxes[4 * i : 4 * i + 4])
        no_ink = all(span.invisible for span in own)
        if no_ink or (share >= _GROUND and all(_is_like(span.colour, ground) for span in own)):
            unseen.add(i)
        if share < _PRINTED and (no_ink or painting.is_below_picture(own, point)):
            below.add(i)
    over_words = {i for pair in meetings for i, j in (pair, pair[::-1]) if j not in unseen}
    return sorted((unseen & over_words) | (below & over_pictures))


def _in_boxes(words: Words, boxes: Sequence[Box], sides: tuple[float, float]) -> Iterator[int]:
    for i in range(len(words.texts) if boxes else 0):
        x, y = _centre(words, i)
        if any(_holds(box, x * sides[0], y * sides[1]) for box in boxes):
            yield i


def _meetings(words: Words) -> Iterator[tuple[int, int]]:
    """Yield pairs of words: the second stands in the middle of the first and says something else."""
    centres_in_cell: dict[tuple[int, int], list[tuple[int, float, float]]] = {}
    letters = [i for i, text in enumerate(words.texts) if len(text) >= _MIN_LETTERS]
    for i in letters:
        x, y = _centre(words, i)
        centres_in_cell.setdefault((int(x * _ACROSS), int(y * _DOWN)), []).append((i, x, y))
    for i in letters:
        x0, y0, x1, y1 = words.boxes[4 * i : 4 * i + 4]
        stands = y1 - y0 > x1 - x0
        across, along = (0.0, _INNER * (y1 - y0)) if not stands else (_INNER * (x1 - x0), 0.0)
        inner = (x0 + across, y0 + along, x1 - across, y1 - along)
        rows = range(int(y0 * _DOWN), int(y1 * _DOWN) + 1)
        for column in range(int(x0 * _ACROSS), int(x1 * _ACROSS) + 1):
            for row in rows:
                for j, x, y in centres_in_cell.get((column, row), ()):
                    if i != j and _holds(inner, x, y) and words.texts[i] != words.texts[j]:
                        yield i, j


def _centre(words: Words, i: int) -> tuple[float, float]:
    x0, y0, x1, y1 = words.boxes[4 * i : 4 * i + 4]
    return (x0 + x1) / 2, (y0 + y1) / 2


def _holds(box: Box, x: float, y: float) -> bool:
    return box[0] < x < box[2] and box[1] < y < box[3]


def _painting_of(display: Any) -> _Painting:
    """Run the page once more, for its text and for the order of what is painted."""
    from pymupdf import JM_new_bbox_device, extra, mupdf

    log: list[tuple[str, Box]] = []
    trace: list[dict[str, Any]] = []
    text_device = extra.JM_new_texttrace_device(trace)
    text_device.ptm = mupdf.FzMatrix(1, 0, 0, -1, 0, display.rect.y1)
    everywhere = mupdf.FzRect(mupdf.FzRect.Fixed_INFINITE)
    for device in (text_device, JM_new_bbox_device(log, False)):
        cookie = mupdf.FzCookie()
        mupdf.fz_run_display_list(display.this, device, mupdf.FzMatrix(), everywhere, cookie)
        mupdf.fz_close_device(device)
    spans = [
        _Span(
            text="".join(chr(character[0]) for character in span["chars"]),
            box=span["bbox"],
            order=span["seqno"],
            invisible=span["type"] == _INVISIBLE or span["opacity"] == 0,
            colour=_rgb(span["color"]),
        )
        for span in trace
    ]
    pictures = [
        _Picture(box, order) for order, (kind, box) in enumerate(log) if kind == "fill-image"
    ]
    return _Painting(spans, pictures)


def _rgb(colour: Sequence[float] | float) -> tuple[int, ...]:
    """Return a grey or RGB colour in levels of 255; nothing for one of another space."""
    parts = colour if isinstance(colour, (list, tuple)) else (colour,)
    levels = tuple(round(255 * part) for part in parts)
    return levels * 3 if len(levels) == 1 else levels if len(levels) == 3 else ()


def _ground(image: Any, box: Sequence[float]) -> tuple[tuple[int, ...], float]:
    """Return the commonest colour in a box of the page image, and its share of the box."""
    width, height = image.size
    x0, x1 = int(box[0] * width), max(int(box[2] * width), int(box[0] * width) + 1)
    y0, y1 = int(box[1] * height), max(int(box[3] * height), int(box[1] * height) + 1)
    counts: Counter[tuple[int, ...]] = Counter()
    for y in range(y0, min(y1, height)):
        row = image.pixels[3 * (y * width + x0) : 3 * (y * width + min(x1, width))]
        counts.update(
            (r & _COARSE, g & _COARSE, b & _COARSE)
            for r, g, b in zip(row[::3], row[1::3], row[2::3], strict=True)
        )
    if not counts:
        return (), 1.0
    ground, n = counts.most_common(1)[0]
    return tuple(level + 8 for level in ground), n / counts.total()


def _is_like(colour: tuple[int, ...], ground: tuple[int, ...]) -> bool:
    return len(colour) == len(ground) and all(
        abs(a - b) <= _SAME_COLOUR for a, b in zip(colour, ground, strict=True)
    )
