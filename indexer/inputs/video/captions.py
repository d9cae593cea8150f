"""What the subtitles of a video say, and at which of its pages."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

_MOST_CUES = 50_000
_MOST_CHARACTERS = 10_000  # of one page
_STYLES = re.compile(r"\{[^}]*\}|<[^>]*>")  # of ASS, and what is left of HTML
_N_FIELDS = 8  # of an event before its text, as decoders write it: see the specification of ASS


class Cue(NamedTuple):
    """Words that are shown from one second to another."""

    start_s: float
    end_s: float
    text: str


def cue_text(event: str) -> str:
    """Return the words of an event of ASS, on one line."""
    text = event.split(",", _N_FIELDS)[-1]
    return " ".join(_STYLES.sub("", text.replace("\\N", " ").replace("\\h", " ")).split())


def page_captions(cues: Sequence[Cue], times_s: Sequence[float]) -> list[str]:
    """Return what is said at each page: a cue belongs to the picture over which it lies longest.

    times_s  when each page begins to be shown, in order
    """
    captions = ["" for _ in times_s]
    last_cue = ""
    for cue in sorted(cues[:_MOST_CUES]):
        if not cue.text or cue.text == last_cue:  # a cue that goes on is written again
            continue
        last_cue = cue.text
        page = max(bisect_right(times_s, (cue.start_s + cue.end_s) / 2) - 1, 0)
        if len(captions[page]) + len(cue.text) < _MOST_CHARACTERS:
            captions[page] = f"{captions[page]} {cue.text}".strip()
    return captions
