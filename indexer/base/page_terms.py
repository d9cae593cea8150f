"""The terms by which a page is found, by what they are on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from indexer.base.language.search_terms import search_terms
from indexer.base.layout import BlockKind
from indexer.base.page_places import place, places_of, printed_numbers
from indexer.base.pages import BOX_SCALE, PageWords

_HEADINGS = {BlockKind.TITLE, BlockKind.HEADING}
_RUNNING = {BlockKind.PAGE_HEADER, BlockKind.PAGE_FOOTER}
_MARGIN = 0.1  # of the height, above and below
_MAX_TITLE_WORDS = 24
_MIN_LETTERS_TO_LIE = 4  # a word of so many is wider than high, unless it stands
_TITLE_HEIGHT = 0.75  # of the highest line on the first page: title and subtitle


@dataclass(frozen=True, slots=True)
class PageTerms:
    """Terms of a page, in order, each as often as it stands there.

    words     of its text
    headings  of titles and headings, where the layout is known
    cells     of tables, where the layout is known
    names     of the title and of the file name of its document: they count for all its pages
    places    `page:iv`, and the figures, tables and sections that begin on it
    """

    words: tuple[str, ...]
    headings: tuple[str, ...]
    cells: tuple[str, ...]
    names: tuple[str, ...]
    places: tuple[str, ...]


def page_terms(words: PageWords, label: str, document_names: tuple[str, ...]) -> PageTerms:
    """Return the terms of a page.

    label           the number printed on it
    document_names  terms of its document's name and title, as `name_terms` gives them
    """
    read_words = words.searched_words()
    kinds = _kinds(words)
    texts: dict[str, list[str]] = {"words": [], "headings": [], "cells": []}
    for word in read_words:
        texts[kinds[word.position] if kinds else "words"].append(word.text)
    places = places_of(words.text().split("\n"))
    places += [place("page", number) for number in margin_numbers(words)]
    if label:
        places.append(place("page", label))
    terms = {kind: tuple(search_terms(" ".join(parts))) for kind, parts in texts.items()}
    return PageTerms(
        terms["words"],
        terms["headings"],
        terms["cells"],
        document_names,
        tuple(dict.fromkeys(places)),
    )


def margin_numbers(words: PageWords) -> list[str]:
    """Return what may be the number of a page: numbers in its upper and lower margin."""
    return printed_numbers(_margin_lines(words))


def name_terms(file_name: str, first_page: PageWords | None) -> tuple[str, ...]:
    """Return the terms of a document's file name, and of the title on its first page, each once."""
    stem = file_name.rsplit(".", 1)[0] if "." in file_name else file_name
    stem_in_words = "".join(character if character.isalnum() else " " for character in stem)
    texts = [stem, stem_in_words, title_of(first_page) if first_page is not None else ""]
    return tuple(dict.fromkeys(term for text in texts for term in search_terms(text)))


def title_of(first_page: PageWords) -> str:
    """Return the title of a document: what its layout calls so, else the highest lines of its first page."""
    titles = [block for block in first_page.layout.blocks if block.kind is BlockKind.TITLE]
    if titles:
        parts = [first_page.quote(block.start, block.stop) for block in titles]
        return " ".join(" ".join(parts).split()[:_MAX_TITLE_WORDS])
    if not len(first_page):
        return ""
    heights = _line_heights(first_page)
    floor = max(height for _, _, height in heights) * _TITLE_HEIGHT
    high_lines = [first_page.quote(a, b) for a, b, height in heights if height >= floor]
    return " ".join(" ".join(high_lines).split()[:_MAX_TITLE_WORDS])


def _line_heights(words: PageWords) -> list[tuple[int, int, float]]:
    """Return start, stop and height of each line; words that are typeset sideways have none."""
    sizes = words.boxes[:, 2:].astype(np.int32) - words.boxes[:, :2]
    long_words = np.array([len(text) >= _MIN_LETTERS_TO_LIE for text in words.texts])
    heights = np.where(long_words & (sizes[:, 1] > sizes[:, 0]), 0, sizes[:, 1])
    starts = np.flatnonzero(np.diff(words.lines, prepend=words.lines[0] - 1)).tolist()
    stops = [*starts[1:], len(words)]
    return [(a, b, float(np.median(heights[a:b]))) for a, b in zip(starts, stops, strict=True)]


def _kinds(words: PageWords) -> list[str]:
    """Return for each word the field that it belongs to; nothing where the layout is not known."""
    kinds: list[str] = []
    for block in words.layout.blocks:
        kind = "cells" if block.kind is BlockKind.TABLE else "words"
        kind = "headings" if block.kind in _HEADINGS else kind
        kinds += [kind] * (block.stop - block.start)
    return kinds


def _margin_lines(words: PageWords) -> list[str]:
    """Return the lines that stand wholly in the upper or the lower margin, or are a running head or foot."""
    in_margin = (words.boxes[:, 3] < _MARGIN * BOX_SCALE) | (
        words.boxes[:, 1] > (1 - _MARGIN) * BOX_SCALE
    )
    for block in words.layout.blocks:
        if block.kind in _RUNNING:
            in_margin[block.start : block.stop] = True
    return words.select(in_margin).text().split("\n") if in_margin.any() else []
