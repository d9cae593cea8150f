"""Complete the words of one page: read what has ink and no word that is trusted, and only that.

Dimension key: L lines, W words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from indexer.base.page_parts import PagePart, PartRenderer
from indexer.base.pages import BOX_SCALE, Boxes, FractionBox, PageWords, RenderedPage
from indexer.base.regions import TextDirection
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
    page_dpi,
    with_replacements,
)
from indexer.ocr.covered_lines import LOOSE_GAP, boxes_of, on_words, touching_words
from indexer.ocr.engine import Engine, Pixels
from indexer.ocr.ink import ink_outside
from indexer.ocr.layer_doubts import INVISIBLE_SHARE, alike, confirmed_words, doubtful_words
from indexer.ocr.marks import without_marks
from indexer.ocr.merge import merge_words
from indexer.ocr.photographs import is_photograph
from indexer.ocr.printed_lines import PrintedLine, words_of
from indexer.ocr.quads import Quads
from indexer.ocr.readable import readable_words
from indexer.ocr.unread_scripts import OtherScripts, unread_lines

WHOLE: FractionBox = (0.0, 0.0, 1.0, 1.0)
_SURE = 0.8
_MIN_COMPARED = 3
_N_PROBES = 3
# Share of pixels that are ink: a line of 20 letters on an otherwise empty page has about .001.
_MUCH_INK = 0.005
_TESSERACT_DPI = 300.0
_SHARP_PX = 9_000_000
_UNREAD = "its script is not one that this OCR reads"
_NO_TESSERACT = "`pagesight doctor` says how to install Tesseract, which may"
_NO_LANGUAGE = "nor does a language of Tesseract that is installed"
_LIMITS = "PAGESIGHT_OCR_PAGE_PX, PAGESIGHT_OCR_PAGE_CPU_S"
# By the quarters of a line that was read.
_DIRECTIONS = (
    TextDirection.UPRIGHT,
    TextDirection.DOWN,
    TextDirection.UPSIDE_DOWN,
    TextDirection.UP,
)


class Reading(NamedTuple):
    """What was read of a page: the lines, and those that were found but could not be read."""

    lines: list[PrintedLine]
    illegible: list[PrintedLine]


class PageCompleter:
    """Reads what one page lacks, for one thread.

    load_engine  called when there is something to read, on the thread that reads
    part_renderer  renders parts of the page with more pixels
    max_px       pixels that are searched for print
    cpu_s        CPU seconds after which no further line is read
    other_scripts  reads what the engine does not know
    """

    def __init__(
        self,
        load_engine: Callable[[], Engine],
        page: RenderedPage,
        part_renderer: PartRenderer | None,
        max_px: int,
        cpu_s: float,
        other_scripts: OtherScripts | None = None,
    ) -> None:
        self._load_engine = load_engine
        self._page = page
        self._part_renderer = part_renderer
        self._limits = (max_px, cpu_s)
        self._other_scripts = other_scripts

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
        trust = readable_words(words)
        if self._layer_is_wrong():
            reading = self._read_areas([WHOLE], np.zeros((0, 4), np.uint16))
            ocr = words_of(reading.lines, self._page.image.size)
            return self._with(reading, trust & confirmed_words(words, ocr))
        ink = ink_outside(self._page.image, words.boxes[trust])
        areas = [area.box for area in ink.areas]
        if whole or (areas and not trust.any()):
            areas = [WHOLE]
        if not areas:
            return self._page
        reading = self._read_areas(areas, words.boxes[trust])
        page = self._with(reading, trust)
        is_empty = not len(page.words) and not page.warnings
        if is_empty and ink.share >= _MUCH_INK and not is_photograph(page, reading.illegible):
            return replace(page, warnings=("much ink, 0 words read",))
        return page

    def _with(self, reading: Reading, trust: NDArray[np.bool_]) -> RenderedPage:
        """Return the page with the words of its layer that are trusted, and those that were read."""
        page = self._page
        all_lines = [*reading.lines, *reading.illegible]
        on_layer = touching_words(all_lines, page, page.words.boxes[trust])
        unread = unread_lines([all_lines[i] for i in np.flatnonzero(~on_layer)])
        lines, warnings = reading.lines, []
        other_words = PageWords()
        if unread and self._other_scripts is not None:
            other_words = self._other_scripts.read(self._sharp_image(), unread, page.image.size)
        if len(other_words):
            lines = [line for line in lines if line not in unread]
        ocr = merge_words(words_of(lines, page.image.size), other_words)
        words = merge_words(page.words, ocr, trust)
        if unread and not len(other_words):
            how = _NO_LANGUAGE if self._other_scripts is not None else _NO_TESSERACT
            warnings.append(f"much ink, {len(words)} words read; {_UNREAD} ({how})")
        if self._budget.exceeded:
            warnings.append(
                f"only {len(words)} words were read within the limits of OCR ({_LIMITS})"
            )
        return replace(
            page,
            words=words,
            warnings=(*page.warnings, *warnings),
            regions=replace(page.regions, direction=self._direction(reading.lines, words)),
        )

    def _direction(self, lines: Sequence[PrintedLine], words: PageWords) -> TextDirection:
        """Return where most of the page's text runs: as its layer says, unless most of it was read here."""
        n_read: Counter[int] = Counter()
        for line in lines:
            n_read[line.quarters] += len(line.text)
        if 2 * n_read.total() <= words.n_characters:
            return self._page.regions.direction
        return _DIRECTIONS[n_read.most_common(1)[0][0]]

    def _sharp_image(self) -> Image.Image:
        """Return the page at the resolution that Tesseract is made for, or as sharp as it is there."""
        page = self._page
        scale = min(_TESSERACT_DPI / page_dpi(page), (_SHARP_PX / np.prod(page.image.size)) ** 0.5)
        size = (round(page.image.width * scale), round(page.image.height * scale))
        if self._part_renderer is not None and scale > 1:
            image = self._part_renderer.render(page.page_number, [PagePart(WHOLE, size)])[0]
            if image is not None:
                return image
        return page.image.resize(size) if scale > 1 else page.image

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

    def _read_areas(self, areas: Sequence[FractionBox], word_boxes: Boxes) -> Reading:
        page = self._page
        scale = searched_scale(page.image.size)
        lines: list[PrintedLine] = []
        n_lines = 0
        for area in areas:
            quads = find_lines(self._engine, page.image, area, scale, self._budget)
            n_lines += len(quads)
            quads = quads[~self._on_words(quads, word_boxes)]
            lines += read_lines(self._engine, self._pixels, quads, self._budget)
        lines = self._looked_at_closer(lines, n_lines, word_boxes)
        lines_read = legible(lines)
        illegible = [line for line in lines if line not in lines_read]
        return Reading(without_marks(lines_read, page, word_boxes), illegible)

    def _on_words(self, quads: Quads, word_boxes: Boxes) -> NDArray[np.bool_]:
        gap = LOOSE_GAP if self._page.invisible_text >= INVISIBLE_SHARE else 0.0
        return on_words(quads, word_boxes, self._page.image.size, gap)

    def _looked_at_closer(
        self, lines: list[PrintedLine], n_lines: int, word_boxes: Boxes
    ) -> list[PrintedLine]:
        """Return the lines with those in small print read anew from parts of the page with more pixels.

        n_lines  that were found, those on words among them
        """
        page, search_scale = self._page, searched_scale(self._page.image.size)
        if self._part_renderer is None:
            return lines
        unread = self._unread_boxes(lines, word_boxes)
        look = look_at_small_print(page, lines, n_lines, unread, search_scale, self._budget.left_px)
        if look is not None:
            lines = with_replacements(lines, self._read_parts(look.parts, word_boxes), search_scale)
        if not is_large_sheet(page, search_scale):
            return lines
        unread = self._unread_boxes(lines, word_boxes)
        look = look_at_unread(page, unread, search_scale, self._budget.left_px)
        if look is not None:
            lines = with_replacements(
                lines, self._read_print_in(look.parts, word_boxes), search_scale
            )
        return lines

    def _unread_boxes(self, lines: Sequence[PrintedLine], word_boxes: Boxes) -> list[FractionBox]:
        boxes = boxes_of(lines, self._page, word_boxes)
        return [area.box for area in ink_outside(self._page.image, boxes).areas]

    def _read_print_in(self, parts: Sequence[PagePart], word_boxes: Boxes) -> list[PrintedLine]:
        """Read some of the parts, and the rest if those hold print: a photograph has none."""
        step = max(1, len(parts) // _N_PROBES)
        lines = self._read_parts(parts[step // 2 :: step], word_boxes)
        if len(legible(lines)) < _N_PROBES:
            return lines
        rest = [part for i, part in enumerate(parts) if i % step != step // 2]
        return lines + self._read_parts(rest, word_boxes)

    def _read_parts(self, parts: Sequence[PagePart], word_boxes: Boxes) -> list[PrintedLine]:
        page, lines = self._page, list[PrintedLine]()
        assert self._part_renderer is not None
        images = self._part_renderer.render(page.page_number, parts) if parts else []
        for part, image in zip(parts, images, strict=True):
            if image is None:
                continue
            quads = find_lines(self._engine, image, WHOLE, 1.0, self._budget)
            origin = np.array(part.box[:2]) * page.image.size
            shrink = (np.array(part.box[2:]) - part.box[:2]) * page.image.size / image.size
            quads = quads[~self._on_words(quads * shrink + origin, word_boxes)]
            pixels = np.asarray(image.convert("RGB"))
            for line in read_lines(self._engine, pixels, quads, self._budget):
                lines.append(replace(line, quad=line.quad * shrink + origin))
        return lines
