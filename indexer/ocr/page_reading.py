"""Complete the words of one page: read what has ink and no believed word, and only that.

Dimension key: L lines, W words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.base.page_regions import PageRegion, PageRegions
from indexer.base.pages import BOX_SCALE, Boxes, FractionBox, PageWords, RenderedPage
from indexer.ocr.area_reading import (
    Budget,
    find_lines,
    legible,
    read_lines,
    searched_scale,
)
from indexer.ocr.closer_look import (
    is_large_sheet,
    look_at_small_print,
    look_at_unread,
    replaced,
)
from indexer.ocr.engine import Engine, Pixels
from indexer.ocr.ink import ink_outside
from indexer.ocr.layer_doubts import alike, confirmed_words, doubtful_words
from indexer.ocr.merge import merge_words
from indexer.ocr.printed_lines import PrintedLine, words_of
from indexer.ocr.quads import Quads, frames
from indexer.ocr.readable import readable_characters

WHOLE: FractionBox = (0.0, 0.0, 1.0, 1.0)
_ON_WORDS = 0.8  # share of a line's width over which the layer has words: nothing new stands there
_SURE = 0.8
_MIN_COMPARED = 3
_N_PROBES = 3
_MOSTLY_READABLE = 0.8  # share of characters


class Reading(NamedTuple):
    """What was read of a page: the lines, and those that were found but could not be read."""

    lines: list[PrintedLine]
    illegible: list[PrintedLine]


class PageCompleter:
    """Reads what one page lacks, for one thread.

    load_engine  called when there is something to read, on the thread that reads
    regions      renders parts of the page with more pixels
    max_px       pixels that are searched for print
    cpu_s        CPU seconds after which no further line is read
    """

    def __init__(
        self,
        load_engine: Callable[[], Engine],
        page: RenderedPage,
        regions: PageRegions | None,
        max_px: int,
        cpu_s: float,
    ) -> None:
        self._load_engine = load_engine
        self._page = page
        self._regions = regions
        self._limits = (max_px, cpu_s)

    @cached_property
    def _engine(self) -> Engine:
        return self._load_engine()

    @cached_property
    def _budget(self) -> Budget:
        return Budget(*self._limits)

    @cached_property
    def _pixels(self) -> Pixels:
        return np.asarray(self._page.image.convert("RGB"))

    def complete(self, *, whole: bool = False) -> RenderedPage:
        """Return the page with all words that could be read; `whole`: wherever its layer has words, too."""
        words = self._page.words
        believed = readable_words(words)
        if self._layer_is_wrong():
            reading = self._read([WHOLE], np.zeros((0, 4), np.uint16))
            ocr = words_of(reading.lines, self._page.image.size)
            return self._with_words(merge_words(words, ocr, believed & confirmed_words(words, ocr)))
        areas = [WHOLE]
        if not whole:
            areas = [
                area.box for area in ink_outside(self._page.image, words.boxes[believed]).areas
            ]
        if not areas:
            return self._page
        if not believed.any():
            areas = [WHOLE]
        reading = self._read(areas, words.boxes[believed])
        ocr = words_of(reading.lines, self._page.image.size)
        return self._with_words(merge_words(words, ocr, believed))

    def _with_words(self, words: PageWords) -> RenderedPage:
        return replace(self._page, words=words)

    def _layer_is_wrong(self) -> bool:
        """Whether most of some doubtful words are printed otherwise than the layer has them."""
        positions = doubtful_words(self._page)
        if not positions:
            return False
        size = np.array([*self._page.image.size, *self._page.image.size])
        boxes = self._page.words.boxes[positions] / BOX_SCALE * size
        x0, y0, x1, y1 = boxes.T
        quads = np.stack([(x0, y0), (x1, y0), (x1, y1), (x0, y1)]).transpose(2, 0, 1)
        readings = [self._engine.recognize(crop) for crop in self._engine.cut(self._pixels, quads)]
        agreements = [
            alike(self._page.words.texts[position], reading.text)
            for position, reading in zip(positions, readings, strict=True)
            if reading.score >= _SURE
        ]
        return len(agreements) >= _MIN_COMPARED and 2 * sum(agreements) < len(agreements)

    def _read(self, areas: Sequence[FractionBox], word_boxes: Boxes) -> Reading:
        page = self._page
        scale = searched_scale(page.image.size)
        lines: list[PrintedLine] = []
        for area in areas:
            quads = find_lines(self._engine, page.image, area, scale, self._budget)
            quads = quads[~_on_words(quads, word_boxes, page.image.size)]
            lines += read_lines(self._engine, self._pixels, quads, self._budget)
        lines = self._looked_at_closer(lines, word_boxes)
        read = legible(lines)
        return Reading(read, [line for line in lines if line not in read])

    def _looked_at_closer(self, lines: list[PrintedLine], word_boxes: Boxes) -> list[PrintedLine]:
        """Return the lines with those in small print read anew from parts of the page with more pixels."""
        page, searched = self._page, searched_scale(self._page.image.size)
        if self._regions is None:
            return lines
        look = look_at_small_print(page, lines, searched, self._budget.left_px)
        if look is not None:
            lines = replaced(lines, self._read_regions(look.regions, word_boxes), searched)
        if not is_large_sheet(page, searched):
            return lines
        unread = ink_outside(page.image, _boxes_of(lines, page, word_boxes)).areas
        look = look_at_unread(page, [area.box for area in unread], searched, self._budget.left_px)
        if look is not None:
            lines = replaced(lines, self._read_print_in(look.regions, word_boxes), searched)
        return lines

    def _read_print_in(self, regions: Sequence[PageRegion], word_boxes: Boxes) -> list[PrintedLine]:
        """Read some of the parts, and the others if those hold print: a photograph has none."""
        step = max(1, len(regions) // _N_PROBES)
        lines = self._read_regions(regions[step // 2 :: step], word_boxes)
        if len(legible(lines)) < _N_PROBES:
            return lines
        others = [region for i, region in enumerate(regions) if i % step != step // 2]
        return lines + self._read_regions(others, word_boxes)

    def _read_regions(self, regions: Sequence[PageRegion], word_boxes: Boxes) -> list[PrintedLine]:
        page, lines = self._page, list[PrintedLine]()
        assert self._regions is not None
        images = self._regions.render(page.page_number, regions) if regions else []
        for region, image in zip(regions, images, strict=True):
            if image is None:
                continue
            quads = find_lines(self._engine, image, WHOLE, 1.0, self._budget)
            origin = np.array(region.box[:2]) * page.image.size
            shrink = (np.array(region.box[2:]) - region.box[:2]) * page.image.size / image.size
            quads = quads[~_on_words(quads * shrink + origin, word_boxes, page.image.size)]
            pixels = np.asarray(image.convert("RGB"))
            for line in read_lines(self._engine, pixels, quads, self._budget):
                lines.append(replace(line, quad=line.quad * shrink + origin))
        return lines


def readable_words(words: PageWords) -> NDArray[np.bool_]:
    """Return the words (W,) that are not noise of a font without a character map.

    Where few are, those of signs alone belong to the others: `(6%).`, a bullet.
    """
    lengths = np.array([len(word) for word in words.texts])
    readable = np.array([readable_characters(word) > 0 for word in words.texts], np.bool_)
    if lengths[readable].sum() >= _MOSTLY_READABLE * lengths.sum():
        return np.ones(len(words), np.bool_)
    return readable


def _boxes_of(lines: Sequence[PrintedLine], page: RenderedPage, word_boxes: Boxes) -> Boxes:
    if not lines:
        return word_boxes
    scale = BOX_SCALE / np.array([*page.image.size, *page.image.size])
    boxes = frames(np.stack([line.quad for line in lines])) * scale
    return np.concatenate([word_boxes, np.clip(boxes, 0, BOX_SCALE).astype(np.uint16)])


def _on_words(quads: Quads, word_boxes: Boxes, size: tuple[int, int]) -> NDArray[np.bool_]:
    """Return which lines (L,) are covered by words along most of their longer side."""
    covered = np.zeros(len(quads), np.bool_)
    if not len(word_boxes):
        return covered
    words = word_boxes / BOX_SCALE * np.array([*size, *size])
    middles = (words[:, :2] + words[:, 2:]) / 2
    for i, (x0, y0, x1, y1) in enumerate(frames(quads).tolist()):
        along = 0 if x1 - x0 >= y1 - y0 else 1
        low, high = ((x0, x1), (y0, y1))[along]
        across = middles[:, 1 - along]
        inside = (across > (y0, x0)[along]) & (across < (y1, x1)[along])
        begins = np.maximum(words[inside, along], low)
        ends = np.minimum(words[inside, 2 + along], high)
        covered[i] = _union(begins, ends) >= _ON_WORDS * (high - low)
    return covered


def _union(begins: NDArray[np.float64], ends: NDArray[np.float64]) -> float:
    """Return the length under intervals that may overlap; an interval that ends before it begins has none."""
    total, reach = 0.0, -np.inf
    for i in np.argsort(begins):
        begin = max(begins[i], reach)
        total += max(float(ends[i] - begin), 0.0)
        reach = max(reach, float(ends[i]))
    return total
