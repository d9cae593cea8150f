"""Read the characters of fonts of symbols as what they show, in the child: standard library only.

Such a font draws a tick where a text has `4`: who copies the text gets a figure that nobody sees. What a
document itself says in Unicode counts; only plain letters and codes of the private area are replaced.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from indexer.layout.placed_words import Box, PlacedWord, Run

_PRIVATE = 0xF000  # where Windows puts the 256 codes of a font of symbols
_N_CODES = 0x100


def _codes(first: int, characters: str) -> dict[int, str]:
    return {first + i: character for i, character in enumerate(characters)}


# Unicode's ZDINGBAT.TXT: the block of dingbats in order, but for what Unicode had before.
_ZAPF = {code: chr(0x26E0 + code) for code in range(0x21, 0x7F)} | {
    0x25: "☎", 0x2A: "☛", 0x2B: "☞", 0x48: "★", 0x6C: "●", 0x6E: "■", 0x73: "▲", 0x74: "▼",
    0x75: "◆", 0x77: "◗",
}  # fmt: skip
# Of the fonts of Windows what is used as a bullet, a mark, an arrow or a box to tick.
_WINGDINGS = (
    {0x28: "☎", 0x2A: "✉", 0x45: "☜", 0x46: "☞", 0x47: "☝", 0x48: "☟", 0x4A: "☺", 0x4C: "☹"}
    | _codes(0x6C, "●❍■□□❑❒◆◆◆❖◆☒")
    | _codes(0x81, "①②③④⑤⑥⑦⑧⑨⑩")
    | _codes(0x8C, "❶❷❸❹❺❻❼❽❾❿")
    | {0x9E: "·", 0x9F: "•", 0xA1: "○", 0xA7: "▪", 0xA8: "☐", 0xAB: "★", 0xD8: "➢", 0xDC: "➲"}
    | _codes(0xDF, "←→↑↓")
    | {0xE8: "➔", 0xF0: "⇨", 0xFB: "✘", 0xFC: "✔", 0xFD: "☒", 0xFE: "☑"}
)
_WINGDINGS_2 = {0x4F: "✗", 0x50: "✓", 0x51: "☒", 0x52: "☑", 0x53: "☒", 0x54: "☒", 0x97: "●",
                0xA2: "■", 0xA3: "☐"}  # fmt: skip
_WINGDINGS_3 = _codes(0x70, "▲▼△▽◀▶◁▷") | {0x7D: "▶"}
_WEBDINGS = {0x61: "✔", 0x63: "☐", 0x67: "■", 0x6E: "●", 0x72: "✖"}
_SYMBOL = {0xA3: "≤", 0xA8: "♦", 0xAE: "→", 0xB0: "°", 0xB1: "±", 0xB3: "≥", 0xB4: "×", 0xB7: "•"}
# Makers of other fonts of such names (`ZapfDingbats ITC by BT`) have put their signs elsewhere.
_TABLES: tuple[tuple[re.Pattern[str], dict[int, str]], ...] = (
    (re.compile(r"(?:itc)?(?:zapf)?dingbats(?:std|itc|mt)?|zadb|d050000l"), _ZAPF),
    (re.compile(r"wingdings2"), _WINGDINGS_2),
    (re.compile(r"wingdings3"), _WINGDINGS_3),
    (re.compile(r"wingdings"), _WINGDINGS),
    (re.compile(r"webdings"), _WEBDINGS),
    (re.compile(r"symbol(?:mt)?"), {_PRIVATE + code: text for code, text in _SYMBOL.items()}),
)


def with_symbols(
    words: Sequence[PlacedWord], runs: Mapping[Run, dict[str, Any]], delimiters: str
) -> list[PlacedWord]:
    """Return the words of a page, those of fonts of symbols as what is seen, apart from others they touch.

    runs        by their numbers, each with its spans, whose texts then say the same
    delimiters  what stands between words, besides white space
    """
    fonts = {span["font"] for facts in runs.values() for span in facts["spans"]}
    tables = {font: table for font in fonts if (table := _table_of(font))}
    if not tables:
        return list(words)
    read_words: list[PlacedWord] = []
    for run, group in groupby(words, lambda word: word.run):
        members = list(group)
        spans = runs[run]["spans"] if run in runs else []
        if any(span["font"] in tables for span in spans):
            members = list(_words_of_run(members, spans, tables, delimiters))
        read_words += members
    for facts in runs.values():
        for span in facts["spans"]:
            if span["font"] in tables:
                _write(span, tables[span["font"]])
    return read_words


def _table_of(font: str) -> dict[int, str]:
    """Return what the codes of a font show; nothing for a font of letters."""
    name = re.sub(r"[\s_-]|regular|medium", "", font.rpartition("+")[2].lower())
    return next((table for pattern, table in _TABLES if pattern.fullmatch(name)), {})


def _words_of_run(
    words: Sequence[PlacedWord],
    spans: Sequence[dict[str, Any]],
    tables: Mapping[str, dict[int, str]],
    delimiters: str,
) -> Iterator[PlacedWord]:
    """Yield the words of a run; as they are where the spans do not say the same."""
    letters = [
        (character, number)
        for number, span in enumerate(spans)
        for character in span["text"]
        if not (character.isspace() or character in delimiters)
    ]
    if "".join(word.text for word in words) != "".join(character for character, _ in letters):
        yield from words
        return
    start = 0
    for word in words:
        own = letters[start : start + len(word.text)]
        start += len(word.text)
        yield from _parts(word, own, spans, tables)


def _parts(
    word: PlacedWord,
    letters: Sequence[tuple[str, int]],
    spans: Sequence[dict[str, Any]],
    tables: Mapping[str, dict[int, str]],
) -> Iterator[PlacedWord]:
    """Yield a word, or its parts where its font begins or ends to be one of dingbats."""
    parts: list[tuple[str, int, int]] = []  # text, first and last span
    was_symbol = False
    for character, number in letters:
        table = tables.get(spans[number]["font"], {})
        text = _sign_of(character, table)
        is_symbol = bool(table) and table is not _TABLES[-1][1]
        if parts and is_symbol == was_symbol:
            parts[-1] = (parts[-1][0] + text, parts[-1][1], number)
        else:
            parts.append((text, number, number))
        was_symbol = is_symbol
    if len(parts) == 1 or word.axis != (1, 0):
        yield word._replace(text="".join(text for text, *_ in parts))
        return
    x0, y0, x1, y1 = word.box
    for text, first, last in parts:
        left: float = max(x0, min(x1, spans[first]["bbox"][0]))
        right: float = max(left, min(x1, spans[last]["bbox"][2]))
        box: Box = (left, y0, right, y1)
        yield word._replace(text=text, box=box)


def _write(span: dict[str, Any], table: Mapping[int, str]) -> None:
    span["text"] = "".join(_sign_of(character, table) for character in span["text"])
    for character in span.get("chars", ()):
        character["c"] = _sign_of(character["c"], table)


def _sign_of(character: str, table: Mapping[int, str]) -> str:
    code = ord(character)
    is_private = _PRIVATE <= code < _PRIVATE + _N_CODES
    return table.get(code) or table.get(code - _PRIVATE if is_private else code, character)
