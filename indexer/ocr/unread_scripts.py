"""Notice print in a script that the engine does not know, and read it with Tesseract where that is installed.

The engine knows Latin letters, Chinese and Japanese. Of a line in another script it reads a few signs on a
long stretch (Cyrillic), or much of which it is not sure (Hebrew, Greek, Hangul): 16 languages in 12 points
at 120 dpi gave 1.9 to 2.9 letters to a line's height, and scores of .97 and more, where it knows the script.

Dimension key: L lines, W words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
from PIL import Image

from indexer.base.pages import FractionBox, PageWords, boxes_from_fractions
from indexer.ocr.area_reading import is_ideograph
from indexer.ocr.layout import rows_in_reading_order
from indexer.ocr.printed_lines import PrintedLine
from indexer.ocr.quads import Quads, frames
from indexer.ocr.tesseract import Tesseract, TesseractWord

_LONG = 5.0  # length over height of the lines that tell
_LEAST_LETTERS = 1.1  # to a line's height
_LEAST_SCORE = 0.88
_WORD_LETTERS = 4
_LEADERS = ("..", "…", "··")
_LEAST_HEIGHT_PX = 10.0  # what is smaller on the page image is a pattern
_WIDE = 1.8  # a Chinese or Japanese character counts as so many letters
_MIN_LINES = 3
_MIN_LINES_ALONE = 2  # where nothing at all was read
_GREEK_LETTERS = 4
# Of Latin print or hand that is hard to read, the engine makes many small letters, if not the right ones:
# 1.1 to 2 to a line's height, 9 to 17 of the alphabet; of Thai 0.6 and 5 of it, of Hebrew capitals.
_LATIN_LETTERS = 1.0
_LATIN_ALPHABET = 8
_UNREAD_SHARE = 0.5  # of the length of long lines
_VIETNAMESE = "ươƯƠ"  # its other letters the engine leaves out
_VIETNAMESE_SHARE = 0.01

_N_TRIED = 2  # lines that languages are tried on
_SURE = 80.0
_LEAST_CONFIDENCE = 50.0
_TOUCHING = 0.1  # of the letter before
_RIGHT_TO_LEFT = {"ara", "fas", "heb", "syr", "uig", "urd", "yid"}


def unread_lines(lines: Sequence[PrintedLine]) -> list[PrintedLine]:
    """Return the lines in a script that the engine does not know, if they are a good part; else none.

    Lines that are merely hard to read (handwriting, a map's names, faint print) are none of them.
    """
    long_lines = [
        line
        for line in lines
        if line.height_px >= _LEAST_HEIGHT_PX and line.length_px >= _LONG * line.height_px
    ]
    text = "".join(line.text for line in long_lines)
    n_vietnamese = sum(map(_VIETNAMESE.count, text))
    if n_vietnamese > max(_MIN_LINES_ALONE, _VIETNAMESE_SHARE * len(text)):
        return long_lines
    unread = [line for line in long_lines if _is_unread(line) and not _looks_latin(line)]
    is_alone = not any(map(str.isalpha, "".join(line.text for line in lines)))
    length = sum(line.length_px for line in long_lines)
    if len(unread) < (_MIN_LINES_ALONE if is_alone else _MIN_LINES):
        return []
    return unread if sum(line.length_px for line in unread) >= _UNREAD_SHARE * length else []


def _is_unread(line: PrintedLine) -> bool:
    if any(leader in line.text for leader in _LEADERS):
        return False
    if line.score < _LEAST_SCORE or _is_greek(line.text):
        return True
    letters = sum(
        (_WIDE if is_ideograph(character) or "\u3040" <= character <= "\u30ff" else 1.0)
        for character in line.text
        if not character.isspace()
    )
    is_word = (
        sum(map(str.isalpha, line.text)) >= _WORD_LETTERS
    )  # and white, or dots, to a page number
    return not is_word and letters * line.height_px < _LEAST_LETTERS * line.length_px


def _is_greek(text: str) -> bool:
    """Whether a line has more Greek letters than others: the engine knows those of formulas."""
    n_letters = sum(map(str.isalpha, text))
    n_greek = sum("\u0370" <= character <= "\u03ff" for character in text)
    return n_greek >= _GREEK_LETTERS and 2 * n_greek > n_letters


def _looks_latin(line: PrintedLine) -> bool:
    letters = [letter for letter in line.text if letter.isascii() and letter.islower()]
    many = len(letters) * line.height_px >= _LATIN_LETTERS * line.length_px
    return many and len(set(letters)) >= _LATIN_ALPHABET


class OtherScripts:
    """Reads pages with the language of Tesseract that fits; for name thread at a time."""

    def __init__(self, tesseract: Tesseract) -> None:
        self._tesseract = tesseract
        self._language: str | None = None

    def read(
        self, page: Image.Image, unread: Sequence[PrintedLine], size: tuple[int, int]
    ) -> PageWords:
        """Return the words of a page image; none when no installed language fits its unread lines.

        size  (width, height) px in which the lines are given
        """
        language = self._fitting_language(page, unread, size)
        if language is None:
            return PageWords()
        self._language = language
        words = [
            word
            for word in self._tesseract.read(page, language)
            if word.confidence >= _LEAST_CONFIDENCE
        ]
        quads = np.stack([line.quad for line in unread]) / size
        return _in_lines(list(_whole_words(words)), quads, language in _RIGHT_TO_LEFT)

    def _fitting_language(
        self, page: Image.Image, unread: Sequence[PrintedLine], size: tuple[int, int]
    ) -> str | None:
        samples = [
            _crop(page, line, size)
            for line in sorted(unread, key=lambda line: -line.length_px)[:_N_TRIED]
        ]
        best: tuple[float, str | None] = (_LEAST_CONFIDENCE, None)
        favourites = [self._language] if self._language else []
        languages = [name for name in self._tesseract.languages if name not in favourites]
        for language in [*favourites, *languages]:
            confidence = float(np.mean([self._confidence(sample, language) for sample in samples]))
            best = max(best, (confidence, language), key=lambda pair: pair[0])
            if confidence >= _SURE and language == self._language:
                break
        return best[1]

    def _confidence(self, sample: Image.Image, language: str) -> float:
        words = self._tesseract.read(sample, language, block=True)
        n_letters = sum(len(word.text) for word in words)
        if not n_letters:
            return 0.0
        return sum(word.confidence * len(word.text) for word in words) / n_letters


def _crop(page: Image.Image, line: PrintedLine, size: tuple[int, int]) -> Image.Image:
    scale = np.array(page.size) / size
    low = line.quad.min(axis=0) * scale
    high = line.quad.max(axis=0) * scale
    margin = 0.3 * (high - low).min()
    x0, y0 = np.maximum(low - margin, 0).astype(int).tolist()
    x1, y1 = np.minimum(high + margin, page.size).astype(int).tolist()
    return page.crop((x0, y0, max(x1, x0 + 1), max(y1, y0 + 1)))


def _whole_words(words: Sequence[TesseractWord]) -> Iterator[TesseractWord]:
    """Join what touches on a line: scripts without spaces come letter by letter."""
    last: TesseractWord | None = None
    for word in words:
        if last is not None and word.line == last.line and _touches(last.box, word.box):
            last = last._replace(text=last.text + word.text, box=_around(last.box, word.box))
            continue
        if last is not None:
            yield last
        last = word
    if last is not None:
        yield last


def _touches(first: FractionBox, second: FractionBox) -> bool:
    gap = second[0] - first[2]
    return -_TOUCHING < gap / max(first[2] - first[0], 1e-9) < _TOUCHING


def _around(first: FractionBox, second: FractionBox) -> FractionBox:
    return (
        min(first[0], second[0]),
        min(first[1], second[1]),
        max(first[2], second[2]),
        max(first[3], second[3]),
    )


def _in_lines(words: Sequence[TesseractWord], quads: Quads, from_right: bool) -> PageWords:
    """Return the words on the lines (L, 4, 2) that the engine found, in reading order; others come last."""
    boxes = frames(quads)
    members: dict[int, list[TesseractWord]] = defaultdict(list)
    for word in words:
        x, y = (word.box[0] + word.box[2]) / 2, (word.box[1] + word.box[3]) / 2
        inside = (boxes[:, 0] < x) & (x < boxes[:, 2]) & (boxes[:, 1] < y) & (y < boxes[:, 3])
        members[int(np.argmax(inside)) if inside.any() else len(quads)].append(word)
    texts: list[str] = []
    numbers: list[int] = []
    places: list[FractionBox] = []
    rows = [row[::-1] if from_right else row for row in rows_in_reading_order(quads)]
    for number, row in enumerate([*rows, [len(quads)]]):
        for word in (word for line in row for word in members[line]):
            texts.append(word.text)
            numbers.append(number)
            places.append(word.box)
    if not texts:
        return PageWords()
    boxes_of_words = boxes_from_fractions(np.array(places))
    return PageWords(tuple(texts), boxes_of_words, np.array(numbers, np.int32), "ocr")
