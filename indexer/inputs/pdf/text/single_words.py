"""Make one word of what is drawn as several, in the child: standard library only.

Imitated bold draws a word two or three times with a small shift. Headings and totals are set with spaces
between their letters. Both read as one word.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from statistics import median

from indexer.layout.placed_words import Box, PlacedWord, along, enclosing

_SHIFT = 0.15  # of a word's height: imitated bold moves it less, a neighbour stands further away
_CELL = 32.0  # points: side of the squares in which repeated words are looked for
_LETTER = re.compile(r"[^\W_][.,:;!?]?")
_MIN_LETTERS = 4  # of a spaced line; fewer are labels of axes, initials, variables
_MIN_WORD = 3
_WIDEST = 0.5  # between two letters, in heights
_WORD_GAP = 1.7  # in usual gaps of the line
_VOWELS = frozenset("aeiouyæøœıаеёиоуыэюяєіїαεηιουω")


def drawn_once(words: Sequence[PlacedWord]) -> list[PlacedWord]:
    """Return the words without those that repeat one at the same place."""
    boxes_in_cell: dict[tuple[str, int, int], list[Box]] = defaultdict(list)
    kept_words: list[PlacedWord] = []
    counts = Counter(word.text for word in words)
    for word in words:
        x0, y0, x1, y1 = word.box
        if counts[word.text] == 1 or not math.isfinite(x0 + y0 + x1 + y1):
            kept_words.append(word)
            continue
        shift = _SHIFT * max(0.0, min(x1 - x0, y1 - y0))
        columns = {int((x0 - shift) // _CELL), int((x0 + shift) // _CELL)}
        rows = {int((y0 - shift) // _CELL), int((y0 + shift) // _CELL)}
        cells = [(word.text, column, row) for column in columns for row in rows]
        if any(_is_near(word.box, b, shift) for cell in cells for b in boxes_in_cell.get(cell, ())):
            continue
        boxes_in_cell[word.text, int(x0 // _CELL), int(y0 // _CELL)].append(word.box)
        kept_words.append(word)
    return kept_words


def _is_near(a: Box, b: Box, shift: float) -> bool:
    return max(abs(p - q) for p, q in zip(a, b, strict=True)) <= shift


def join_letters(words: Sequence[PlacedWord]) -> Iterator[PlacedWord]:
    """Yield the words of a page, those whose letters stand apart as one."""
    for _, line in groupby(words, lambda word: word.line):
        letters: list[PlacedWord] = []
        for word in line:
            if _LETTER.fullmatch(word.text) and not word.marks:
                letters.append(word)
                continue
            yield from _words_of(letters)
            letters = []
            yield word
        yield from _words_of(letters)


def _words_of(letters: Sequence[PlacedWord]) -> Sequence[PlacedWord]:
    """Return single letters of a line as the words that they spell, or as they are."""
    if len(letters) < _MIN_LETTERS:
        return letters
    boxes = [along(letter.box, letter.axis) for letter in letters]
    gaps = [b[0] - a[2] for a, b in pairwise(boxes)]
    usual_gap = median(gaps)
    if not 0 < usual_gap <= _WIDEST * (boxes[0][3] - boxes[0][1]):
        return letters
    groups = [[letters[0]]]
    for gap, letter in zip(gaps, letters[1:], strict=True):
        if gap > _WORD_GAP * usual_gap or gap < 0:
            groups.append([])
        groups[-1].append(letter)
    texts = ["".join(letter.text for letter in group) for group in groups]
    if not any(_is_spelt(text) for text in texts):
        return letters
    return [
        group[0]._replace(text=text, box=enclosing([letter.box for letter in group]))
        for group, text in zip(groups, texts, strict=True)
    ]


def _is_spelt(text: str) -> bool:
    """Say whether letters spell a word: they have a vowel and are no series such as `a b c d`."""
    letters = [character for character in text.lower() if character.isalpha()]
    if len(letters) < _MIN_WORD:
        return False
    steps = {ord(b) - ord(a) for a, b in pairwise(letters)}
    is_cased = letters[0].upper() != letters[0]
    vowels = {unicodedata.normalize("NFD", letter)[0] for letter in letters} & _VOWELS
    is_mixed = not text.isupper() and any(letter.isupper() for letter in text[1:])
    return len(steps) > 1 and (bool(vowels) or not is_cased) and not is_mixed
