"""The places of a document that people name by number: figures, tables, sections, printed page numbers.

A place is a term such as `figure:3`, `section:4.2.1` or `page:iv`. A page has those that *begin* on it: the
caption "Figure 3: Pumps", the heading "4.2.1 Torque"; not those that its sentences mention.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

# Kinds of numbered places, by the words that stand before the number, in lower case.
KINDS = {
    "figure": "figure", "figures": "figure", "fig": "figure", "figs": "figure",
    "table": "table", "tables": "table", "tab": "table",
    "chart": "chart", "charts": "chart", "graph": "graph", "exhibit": "exhibit", "exhibits": "exhibit",
    "box": "box", "diagram": "diagram", "map": "map", "plate": "plate",
    "section": "section", "sections": "section", "sec": "section", "clause": "section",
    "clauses": "section", "article": "section", "articles": "section",
    "chapter": "chapter", "chapters": "chapter", "part": "part", "parts": "part",
    "appendix": "appendix", "appendices": "appendix", "appendixes": "appendix", "annex": "appendix",
    "annexes": "appendix", "schedule": "schedule", "attachment": "attachment",
    "algorithm": "algorithm", "equation": "equation", "listing": "listing", "step": "step",
    "note": "note", "question": "question", "lesson": "lesson", "unit": "unit", "module": "module",
}  # fmt: skip

# 3, 2.1, A1, P-10, B, IV
NUMBER = r"(?:(?:[a-z][.\-]?)?\d{1,3}(?:[.\-]\d{1,3}){0,3}|[a-z]|[ivx]{2,5})"
_CAPTION = re.compile(
    rf"(?P<kind>{'|'.join(sorted(KINDS, key=len, reverse=True))})\.?\s+(?:no\.?\s*)?"
    rf"(?P<number>{NUMBER})(?![\w])(?P<letter>\s?\([a-z]\))?(?P<rest>.*)",
    re.IGNORECASE,
)
# "Figure 3: Pumps", "Figure 3 Pumps", "FIGURE 3"; not "Figure 3 shows", which goes on with a sentence.
_GOES_ON_AS_CAPTION = re.compile(r"\s*(?:$|[:.|–—-](?!\d)|\(?[A-Z]|\s\d)")
_HEADING = re.compile(r"(?P<number>\d{1,2}(?:\.\d{1,3}){0,3})\.?\s+(?P<rest>[^\W\d_].*)")
_MAX_HEADING_WORDS = 12
_MAX_HEADING_NUMBER = 40  # of its first part: `2019 Annual report` is no section
_CONTENTS_LINE = re.compile(r"(?:\.\s?){3,}|\s\d{1,4}$")
_PRINTED = re.compile(
    r"(?:page\s+|p\.\s*|[-–—|]\s*)?(?P<number>\d{1,4}|[ivxl]{1,7})(?:\s*[-–—|]|\s+of\s+\d+|\s*/\s*\d+)?",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_CONTENTS_LINES = (
    4  # so many on a page that end with a page number, and they list what is elsewhere
)


def places_of(lines: Iterable[str]) -> list[str]:
    """Return the places that begin on a page with these lines, each once, in order."""
    places: dict[str, None] = {}
    n_of_contents = 0
    for line in lines:
        for place in _places_of_line(line):
            if _CONTENTS_LINE.search(line):
                n_of_contents += 1
            places[place] = None
    return [] if n_of_contents >= _CONTENTS_LINES else list(places)


def printed_numbers(margin_lines: Iterable[str]) -> list[str]:
    """Return the page numbers that lines of the upper and the lower margin show, each once, in order.

    A number stands by itself, or at an end of a running head; there it is no year.
    """
    numbers: dict[str, None] = {}
    for line in margin_lines:
        words = line.split()
        ends = (words[0], words[-1]) if len(words) > 1 else ()
        alone = _PRINTED.fullmatch(line.strip())
        if alone is not None:
            numbers[alone["number"].lower()] = None
        for word in ends if alone is None else ():
            if word.isascii() and word.isdigit() and len(word) <= 4 and not _YEAR.fullmatch(word):
                numbers[str(int(word))] = None
    return list(numbers)


def place(kind: str, number: str) -> str:
    """Return the term of a place; `kind` is a value of KINDS, or `page`."""
    return f"{kind}:{number.lower().strip('.')}"


def _places_of_line(line: str) -> Iterator[str]:
    caption = _CAPTION.match(line)
    if caption is not None and _GOES_ON_AS_CAPTION.match(caption["rest"]):
        number = caption["number"]
        if not (len(number) == 1 and number.islower()):  # "part a", "note i"
            yield place(KINDS[caption["kind"].lower()], number)
        return
    heading = _HEADING.match(line)
    if heading is None or len(line.split()) > _MAX_HEADING_WORDS:
        return
    number, rest = heading["number"], heading["rest"]
    is_sentence = rest.endswith((".", ",", ";")) and "." not in number
    if int(number.split(".")[0]) <= _MAX_HEADING_NUMBER and rest[0].isupper() and not is_sentence:
        yield place("section", number)
