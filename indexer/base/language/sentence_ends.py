"""Where sentences end, in any script."""

from __future__ import annotations

import re

QUESTION_MARKS = ("?", "？", "؟", "⁇")
CLOSERS = "\"'”’)]»*」』）】》"
OPENERS = "\"'“‘([«「『（【《"
CLAUSE_ENDS = (",", ";", ":", "、", "，", "；", "：", "،", "؛")

# They end a sentence whatever comes next; Chinese and Japanese put no space behind them.
_FULL_STOPS = "。！？｡؟۔।"
_ENDS = (".", "?", "!", *_FULL_STOPS)

# Between two sentences of a text, where a space, a new line or nothing stands.
BETWEEN = re.compile(
    rf"(?<=[.!?])\s+|(?<=[{_FULL_STOPS}])\s*(?=[^{_FULL_STOPS}{re.escape(CLOSERS)}\s])|\n+"
)

# A full stop behind one of these ends no sentence: English, German, French.
ABBREVIATIONS = frozenset(
    """
    al approx apr art aug ave cf ch co corp dec dept dr e.g ed eds eq eqs feb fig figs i.e inc jan jul
    jun ltd mar max min mr mrs ms no nos nov oct p pp prof ref refs rev sec sect sep sept st tel u.k u.s vol
    vs
    abb abs bzgl bzw ca d.h dez etc evtl ggf hr inkl mio mrd mwst nr okt str u.a usw vgl z.b zzgl
    av env janv m.a.w mme mlle p.ex tél
    """.split()  # noqa: SIM905 - a list would be sixty lines
)


def ends_with_stop(word: str) -> bool:
    """Say whether a word has the mark of an end; what stands next must allow it (`ends_before`)."""
    bare = word.rstrip(CLOSERS)
    if not bare.endswith(_ENDS) or bare.endswith(".."):  # a leader, or an omission
        return False
    stem = bare[:-1].lstrip(OPENERS).lower()
    is_short = stem in ABBREVIATIONS or (len(stem) == 1 and stem.isalpha())
    return not (bare.endswith(".") and is_short)


def ends_before(word: str, following: str) -> bool:
    """Say whether the end at which `word` stands fits the word that follows."""
    if word.rstrip(CLOSERS).endswith(tuple(_FULL_STOPS)):
        return True
    opening = following.lstrip(OPENERS)
    if not opening:
        return True
    return opening[0].isdigit() or (opening[0].isalpha() and not opening[0].islower())
