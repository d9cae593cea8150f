"""Finds the title of a numbered part: "What is section 12 called?" is answered by its heading."""

from __future__ import annotations

import re
from dataclasses import dataclass

from generator.passages.questions import english_words
from generator.passages.splitting.block_passages import HEADINGS
from generator.passages.splitting.passage import Passage
from indexer.base.language.stop_words import STOP_WORDS
from indexer.base.layout import BlockKind
from indexer.base.page_places import KINDS
from indexer.base.pages import PageWords

_PART = (
    r"(?P<kind>figure|fig\.?|table|chart|unit|chapter|section|clause|article|part|lesson|module|appendix"
    r"|exhibit|annex|schedule)\s+(?P<number>\d+(?:\.\d+)*|[ivx]+|[a-z])\b"
)
_ASKS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b(?:title|topic|name|heading|caption|subject|theme)s? of (?:the |of )*{_PART}",
        rf"\b(?:is|does|['’]s)\s+(?:the )?{_PART}\s+(?:called|titled|entitled|headed|named|about|deal with"
        r"|cover|(?:be )?about)\b",
    )
)
_NUMBERED_ALONE = frozenset({"section", "chapter"})  # `12. Term` is one, as `Section 12. Term` is
TITLES = HEADINGS | {BlockKind.CAPTION}
_MAX_MARK_WORDS = 3  # `Section 12 –`
_WORD = re.compile(r"[^\W_]+")
_SAYS_NOTHING = STOP_WORDS.union(english_words.ABOUT_THE_DOCUMENT.split())


@dataclass(frozen=True, slots=True)
class NumberedPart:
    """A part of a document whose title a question asks for."""

    kind: str
    number: str
    is_all: bool  # the question asks for nothing else

    def begins(self, quote: str) -> bool:
        """Say whether a text begins with the part: `Figure 2. Breccia`."""
        return re.match(rf"\W*{self._mark}(?![\w.]\w|\w)", quote, re.IGNORECASE) is not None

    def is_mark(self, text: str) -> bool:
        """Say whether a text is the mark that stands before a title, and no more."""
        return re.fullmatch(rf"\W*{self._mark}\W*", text, re.IGNORECASE) is not None

    def doubt(self, passage: Passage) -> int:
        """Return 0 where a mark parts it from its title, `Unit 14: Accounting`, 1 in a heading, else 2."""
        mark = rf"\W*{self._mark}\s*[.:)|–—-]\s*\w"
        if re.match(mark, passage.quote, re.IGNORECASE):
            return 0
        return 1 if passage.kind in TITLES else 2

    @property
    def _mark(self) -> str:
        words = [word for word, kind in KINDS.items() if kind == self.kind]
        before = rf"(?:{'|'.join(words)})\.?\s*"
        may_lack = "?" if self.kind in _NUMBERED_ALONE else ""
        return rf"(?:{before}){may_lack}{re.escape(self.number)}"


def part_asked_for(text: str) -> NumberedPart | None:
    """Return the part whose title, topic or caption a question asks for."""
    for asks in _ASKS:
        match = asks.search(text)
        if match is not None:
            rest = _WORD.findall(f"{text[: match.start()]} {text[match.end() :]}".lower())
            kind = KINDS[match["kind"].lower().removesuffix(".")]
            return NumberedPart(kind, match["number"], all(word in _SAYS_NOTHING for word in rest))
    return None


def title_in(part: NumberedPart, words: PageWords, passage: Passage) -> tuple[int, int] | None:
    """Return the words start..stop of a page that are the title of a part; None where no passage begins so.

    A heading and a caption are titles to their ends, elsewhere it is the rest of the line.
    """
    if passage.table is not None or not part.begins(passage.quote):
        return None
    stop = passage.stop
    block = words.layout.block_of(passage.start)
    if (
        block is not None and passage.kind in TITLES
    ):  # a bare heading is quoted with what follows it
        stop = min(block.stop, stop)
    else:
        line = words.lines[passage.start]
        stop = next((i for i in range(passage.start, stop) if words.lines[i] != line), stop)
    marks = range(passage.start + 1, min(passage.start + _MAX_MARK_WORDS, stop) + 1)
    ends = [end for end in marks if part.is_mark(words.quote(passage.start, end))]
    return (ends[-1], stop) if ends and ends[-1] < stop else None
