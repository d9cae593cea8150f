"""Put lines of Hebrew and Arabic into the order in which they are read, in the child: standard library only.

Producers draw such a line in either order, and figures in it as runs of their own. Where the glyphs stand is
sure: a line is read from the right; figures, Latin words and the dates among them from the left, as Unicode's
bidirectional algorithm (UAX 9) lays them out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from indexer.base.language.scripts import ARABIC
from indexer.inputs.pdf.text.library_text import is_delimiter
from indexer.layout.placed_words import Box, PlacedWord, Run, enclosing

_ARABIC = re.compile(f"[{ARABIC}]")
_ARABIC_FORMS = re.compile("[\ufb50-\ufdfb\ufe70-\ufefc]")
_GAP = 0.22  # of a glyph's height: wider ones stand between words
_TOUCHING = 0.05  # points
_BETWEEN_FIGURES = frozenset(".,:/-−–'٫٬")
_MIRRORED = str.maketrans("()[]{}<>«»", ")(][}{><»«")
_OPENING, _CLOSING = "([{<«", ")]}>»"


class _Glyph(NamedTuple):
    text: str
    box: Box
    kind: str  # the bidirectional class


def is_right_to_left(words: Sequence[PlacedWord]) -> bool:
    """Say whether most letters of some words are read from the right."""
    kinds = [unicodedata.bidirectional(c) for word in words for c in word.text]
    return sum(kind in ("R", "AL") for kind in kinds) > kinds.count("L")


def read_right_to_left(runs: Sequence[dict[str, Any]], run: Run, line: int) -> list[PlacedWord]:
    """Return the words of one line, which has `runs` with the characters of each, in reading order."""
    glyphs = sorted(_glyphs(runs), key=lambda glyph: -(glyph.box[0] + glyph.box[2]))
    words = [list(group) for group in _words(_with_marks_behind(glyphs))]
    is_arabic = any(_ARABIC.search(glyph.text) for glyph in glyphs)
    words_in_order = _latin_turned(words)
    return [
        PlacedWord(
            _with_brackets_turned(_spelt(word, is_arabic)),
            enclosing([g.box for g in word]),
            run,
            line,
        )
        for word in words_in_order
    ]


def _glyphs(runs: Sequence[dict[str, Any]]) -> Iterator[_Glyph]:
    """Yield what each glyph stands for, in reading order within it."""
    for run in runs:
        characters = [c for span in run["spans"] for c in span["chars"]]
        texts = [character["c"] for character in characters]
        for i, character in enumerate(characters):
            if _is_rest(character):
                glyph = _glyph_of_rest(characters, i)
                if glyph is not None:
                    texts[glyph], texts[i] = texts[glyph] + texts[i], ""
        for text, character in zip(texts, characters, strict=True):
            if _ARABIC_FORMS.search(text):
                text = unicodedata.normalize("NFKC", text).replace(" ", "")
            if text:
                yield _Glyph(text, character["bbox"], unicodedata.bidirectional(text[0]))


def _is_rest(character: dict[str, Any]) -> bool:
    """Say whether a letter has no width: it is of a ligature, such as that of lam and alef."""
    x0, _, x1, _ = character["bbox"]
    return x1 - x0 < _TOUCHING and unicodedata.bidirectional(character["c"]) in ("R", "AL")


def _glyph_of_rest(characters: Sequence[dict[str, Any]], i: int) -> int | None:
    """Return the position of the ligature whose end a letter without width stands at."""
    x = characters[i]["bbox"][0]
    for j in (i + 1, i - 1):
        beside = characters[j] if 0 <= j < len(characters) else None
        if beside is None or _is_rest(beside) or beside["c"].isspace():
            continue
        if abs(beside["bbox"][2] - x) < _TOUCHING:
            return j
    return None


def _with_marks_behind(glyphs: Sequence[_Glyph]) -> list[_Glyph]:
    """Return glyphs from the right, a vowel sign behind the letter that it stands at."""
    letters = [glyph for glyph in glyphs if glyph.kind != "NSM"]
    if not letters:
        return list(glyphs)
    signs: dict[int, list[str]] = {}
    for sign in (glyph for glyph in glyphs if glyph.kind == "NSM"):
        x = (sign.box[0] + sign.box[2]) / 2
        nearest = min(
            range(len(letters)), key=lambda i: abs(x - (letters[i].box[0] + letters[i].box[2]) / 2)
        )
        signs.setdefault(nearest, []).append(sign.text)
    return [
        letter._replace(text=letter.text + "".join(signs.get(i, ())))
        for i, letter in enumerate(letters)
    ]


def _words(glyphs: Sequence[_Glyph]) -> Iterator[list[_Glyph]]:
    word: list[_Glyph] = []
    for glyph in glyphs:
        is_space = all(is_delimiter(character) for character in glyph.text)
        if word:
            gap = word[-1].box[0] - glyph.box[2]
            if is_space or gap > _GAP * (glyph.box[3] - glyph.box[1]):
                yield word
                word = []
        if not is_space:
            word.append(glyph)
    if word:
        yield word


def _latin_turned(words: Sequence[list[_Glyph]]) -> list[list[_Glyph]]:
    """Return the words from the right, phrases of a script from the left turned."""
    words_in_order: list[list[_Glyph]] = []
    phrase: list[list[_Glyph]] = []
    for word in [*words, []]:
        is_latin = any(glyph.kind == "L" for glyph in word)
        is_neutral = word and not any(glyph.kind in ("R", "AL", "L") for glyph in word)
        if is_latin or (phrase and is_neutral):
            phrase.append(word)
            continue
        tail: list[list[_Glyph]] = []
        while phrase and not any(glyph.kind == "L" for glyph in phrase[-1]):
            tail.insert(0, phrase.pop())  # figures behind a phrase are of the line
        words_in_order += _from_the_left(phrase) + tail
        phrase = []
        if word:
            words_in_order.append(word)
    return words_in_order


def _from_the_left(phrase: list[list[_Glyph]]) -> list[list[_Glyph]]:
    """Return a phrase from the left; brackets around it are of the line and keep their places."""
    if len(phrase) > 1:
        first, last = phrase[0], phrase[-1]
        if len(first) > 1 and first[0].text in _OPENING + _CLOSING:
            last.insert(0, first.pop(0))
        if len(last) > 1 and last[-1].text in _OPENING + _CLOSING:
            first.append(last.pop())
    return phrase[::-1]


def _spelt(word: Sequence[_Glyph], is_arabic: bool) -> str:
    """Return a word, given from the right, with the figures and Latin letters in it from the left."""
    kept_together = _BETWEEN_FIGURES - ({"-", "−", "–"} if is_arabic else set())
    parts: list[str] = []
    figures: list[str] = []
    for i, glyph in enumerate(word):
        is_figure = glyph.kind in ("EN", "AN", "L", "ET")
        is_between = (
            bool(figures)
            and glyph.text in kept_together
            and i + 1 < len(word)
            and word[i + 1].kind in ("EN", "AN", "L")
        )
        if is_figure or is_between:
            figures.append(glyph.text)
            continue
        parts += figures[::-1]
        figures = []
        parts.append(glyph.text)
    return "".join(parts + figures[::-1])


def _with_brackets_turned(text: str) -> str:
    """Return a word whose brackets open at its beginning; producers store them either way."""
    start, end = text[:1], text.rstrip(".,;:!?")[-1:]
    if (start in _CLOSING and start) or (end in _OPENING and end):
        return text.translate(_MIRRORED)
    return text
