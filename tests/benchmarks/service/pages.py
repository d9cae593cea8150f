"""A document of many pages, each other words: about 130 of the samples' own, the frequent ones often."""

from __future__ import annotations

import random
import re
from functools import cache
from pathlib import Path

import pymupdf

_WORDS_PER_PAGE = 130
_BOX = pymupdf.Rect(60, 60, 535, 780)


def write_pages(path: Path, n_pages: int, words_from: Path, seed: int) -> None:
    """n_pages pages to `path`, of words that the PDF files in `words_from` have."""
    chance = random.Random(seed)
    words = _words_of(words_from)
    with pymupdf.open() as document:
        for _ in range(n_pages):
            topic = chance.sample(words, 120)
            text = [
                chance.choice(topic)
                if chance.random() < 0.5
                else words[min(int(chance.paretovariate(0.6)) - 1, len(words) - 1)]
                for _ in range(_WORDS_PER_PAGE)
            ]
            document.new_page().insert_textbox(_BOX, " ".join(text), fontsize=11)
        document.save(path)


@cache
def _words_of(folder: Path) -> list[str]:
    found: set[str] = set()
    for file in sorted(folder.glob("*.pdf")):
        with pymupdf.open(file) as document:
            for page in document:
                found |= set(re.findall(r"[a-z]{3,12}", page.get_text().lower()))
    return sorted(found)
