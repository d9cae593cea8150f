"""What passages and questions know of English: how questions are put, numbers in words, word endings.

Questions in another language find none of these patterns: their words still count, the kind of answer
that they ask for does not.
"""

from __future__ import annotations

import re

# Patterns of questions in lower case, by the kind of answer that they ask for.
ASKS_SHARE = re.compile(r"percent|proportion|\bwhat (is the )?(rate|share)\b")
ASKS_DATE = re.compile(r"\bwhen\b|\b(what|which) (year|date|month|day|time)\b")
ASKS_NUMBER = re.compile(
    r"\bhow (big|cold|deep|far|fast|heavy|high|hot|large|long|many|much|often|old|soon|tall"
    r"|thick|tight|wide)\b|\bwhat (is|was|are|were) the (total|number|amount|value)\b"
    r"|\b(what|which) (current|power|pressure|speed|temperature|torque|voltage|weight)\b"
    r"|\bwhat\b.*\b(cost|price)\b|\bnumber of\b|\bratio\b|\bdifference\b"
)
ASKS_NAME = re.compile(r"^who\b|\bwho (is|are|was|were)\b|\bwhose\b|\bwhich person\b")

# Patterns of passages that hold an answer of a kind.
SHARE = re.compile(r"%|percent")
DATE = re.compile(
    r"\b(19|20)\d\d\b|\d:\d\d|\b(January|February|March|April|May|June|July|August|September"
    r"|October|November|December)\b"
)
NUMBER_WORD = re.compile(
    r"\b(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty"
    r"|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million|billion)\b",
    re.IGNORECASE,
)

# Words are compared by their stems: the first ending that fits is replaced, if so many letters stay.
ENDINGS = (("ies", "y"), ("sses", "ss"), ("ing", ""), ("ed", ""), ("es", "e"), ("s", ""))
MIN_STEM = 3

# A full stop behind one of these ends no sentence.
ABBREVIATIONS = frozenset(
    """
    al approx apr art aug ave cf ch co corp dec dept dr e.g ed eds eq eqs feb fig figs i.e inc jan jul
    jun ltd mar max min mr mrs ms no nos nov oct p pp prof ref refs sec sect sep sept st tel u.k u.s vol vs
    """.split()  # noqa: SIM905 - a list would be sixty lines
)
