"""Take words and runs out of PyMuPDF's text page, in the child."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from indexer.base.language import scripts
from indexer.inputs.pdf.text.leaders import without_leaders
from indexer.inputs.pdf.text.symbol_fonts import with_symbols
from indexer.layout.placed_words import PlacedWord, Run, axis_of

# Everything str.split() splits at beyond ASCII; MuPDF itself knows ASCII and the no-break space.
_SPACES = "\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
_SPACES += "\u2028\u2029\u202f\u205f\u3000"
_UNKNOWN = "\ufffd"  # a glyph without a Unicode value: a text layer made of them says nothing
_DELIMITERS = _SPACES + _UNKNOWN


RIGHT_TO_LEFT = re.compile(f"[{scripts.RIGHT_TO_LEFT}]")


class LibraryText(NamedTuple):
    """words in the document's order; the lines they stand on, as MuPDF's dictionaries, by run."""

    words: list[PlacedWord]
    runs: dict[Run, dict[str, Any]]


def is_delimiter(character: str) -> bool:
    """Say whether a character stands between words."""
    return character.isspace() or character in _DELIMITERS


def take_text(textpage: Any) -> LibraryText:
    """Return the words and runs of a text page, with each character where a line is read from the right.

    Pictures are not looked at: their bytes would be copied.
    """
    words = [
        PlacedWord(raw, (x0, y0, x1, y1), (block, line))
        for x0, y0, x1, y1, raw, block, line, _ in textpage.extractWORDS(_DELIMITERS)
    ]
    with_characters = RIGHT_TO_LEFT.search(" ".join(word.text for word in words)) is not None
    runs = dict(_runs(textpage, with_characters))
    words = with_symbols(words, runs, _DELIMITERS)
    return LibraryText([part for word in words for part in without_leaders(word)], runs)


def _runs(textpage: Any, with_characters: bool) -> Iterator[tuple[Run, dict[str, Any]]]:
    from pymupdf import JM_make_spanlist, mupdf

    buffer = mupdf.fz_new_buffer(128)
    bounds = mupdf.FzRect(textpage.this.m_internal.mediabox)
    # As the library numbers words: pictures are not counted.
    text_blocks = (b for b in textpage.this if b.m_internal.type == mupdf.FZ_STEXT_BLOCK_TEXT)
    for number, block in enumerate(text_blocks):
        for line_number, line in enumerate(block):
            direction = line.m_internal.dir
            run: dict[str, Any] = {
                "axis": axis_of((direction.x, direction.y)),
                "vertical": bool(line.m_internal.wmode),
            }
            JM_make_spanlist(run, line, with_characters, buffer, bounds)
            if with_characters:
                for span in run["spans"]:
                    span["text"] = "".join(character["c"] for character in span["chars"])
            yield (number, line_number), run
