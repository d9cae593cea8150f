"""Give pages the numbers printed on them, where the file itself gives them none.

A number in the upper or lower margin may be anything. It is a page number where it runs in step with the
pages: one more on each. A document may have several runs, such as i to iv and 1 to 80.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

_MIN_PAGES = 3  # of a run show their number,
_MIN_SHARE = 0.6  # and so many of those from its first to its last
_MIN_OF_DOCUMENT = 0.5  # of the pages are in runs
_MAX_ROMAN = 100
_ROMAN_DIGITS = (
    (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip


class _Run(NamedTuple):
    """Pages on which their number and `shift` is printed."""

    is_roman: bool
    shift: int
    pages: tuple[int, ...]


def printed_labels(
    labels: Mapping[int, str], numbers: Mapping[int, Sequence[str]], n_pages: int
) -> dict[int, str]:
    """Return the label of each page: the number that is printed on it, "" for one without.

    labels   what the file says, by page number; the page number itself where it says nothing
    numbers  what stands where page numbers do, by page number

    They stay as they are where the file has labels of its own, where too few numbers run in step, and where
    they are the page numbers of the file anyway.
    """
    if any(label != str(number) for number, label in labels.items()):
        return dict(labels)
    runs = sorted(_runs(numbers), key=lambda run: len(run.pages))
    printed_texts = {
        page: (_roman if run.is_roman else str)(page + run.shift)
        for run in runs
        for page in run.pages
    }
    n_in_runs = len({page for run in runs for page in range(run.pages[0], run.pages[-1] + 1)})
    is_other = any(label != str(page) for page, label in printed_texts.items())
    if not is_other or n_in_runs < _MIN_OF_DOCUMENT * n_pages:
        return dict(labels)
    return {page: printed_texts.get(page, "") for page in labels}


def _runs(numbers: Mapping[int, Sequence[str]]) -> list[_Run]:
    pages: dict[tuple[bool, int], list[int]] = defaultdict(list)
    for page in sorted(numbers):
        for is_roman, number in {_value(text) for text in numbers[page]} - {(False, 0)}:
            pages[is_roman, number - page].append(page)
    runs = [_Run(*key, part) for key, own in pages.items() for part in _parts(own)]
    return [run for run in runs if len(run.pages) >= _MIN_PAGES]


def _parts(pages: Sequence[int]) -> list[tuple[int, ...]]:
    """Return pages as they follow each other, parted where too many between two show no such number."""
    parts: list[list[int]] = []
    for page in pages:
        last = parts[-1] if parts else None
        if last is not None and len(last) + 1 >= _MIN_SHARE * (page - last[0] + 1):
            last.append(page)
        else:
            parts.append([page])
    return [tuple(part) for part in parts]


def _value(text: str) -> tuple[bool, int]:
    """Return whether a number is Roman, and the number; 0 for what is none."""
    if text.isascii() and text.isdigit():
        return False, int(text)
    value = next((n for n in range(1, _MAX_ROMAN) if _roman(n) == text), 0)
    return value > 0, value


def _roman(number: int) -> str:
    text = ""
    for value, digits in _ROMAN_DIGITS:
        while number >= value:
            text, number = text + digits, number - value
    return text
