"""Knows what people say in a chat that no page answers: a greeting, thanks, "ok", "summarise it".

Only whole messages of such words: "Thanks, and when does it end?" is a question.
"""

from __future__ import annotations

import re

_GREETING = r"(?:hi|hello|hey|hallo|good (?:morning|afternoon|evening|day))(?: there| again| all| everyone)?"
_THANKS = (
    r"(?:(?:ok(?:ay)?|great|perfect|super|cool|good)[ ,.!]+)?(?:many )?"
    r"(?:thanks|thank you|thx|cheers|ta|merci|danke)"
    r"(?: (?:a lot|so much|very much|again|for (?:your|the) (?:help|answer|info|information)|all))*"
)
_ASSENT = (
    r"(?:ok(?:ay)?|all right|alright|fine|great|good|perfect|super|cool|nice|i see|got it|understood|right"
    r"|wow|sure|yes|no|yep|nope|hm+|aha|very good|well done|that helps"
    r"|that(?:'s| is) (?:all|it|great|good|fine))"
)
_FAREWELL = (
    r"(?:good ?bye|bye(?: bye)?|see you(?: later)?|good night"
    r"|have a (?:nice|good|great) (?:day|evening|weekend))"
)
_ABILITIES = (
    r"(?:what can you do|who are you|what are you|how can you help(?: me)?|how do(?:es)? (?:you|this) work"
    r"|can you help(?: me)?|help)"
)
_REPLIES = (
    (_GREETING, "Hello. Ask about the documents: each answer comes with the page that proves it."),
    (_THANKS, "You are welcome."),
    (_FAREWELL, "Goodbye."),
    (_ASSENT, "Good. Ask on when something else is of interest."),
    (
        _ABILITIES,
        "I answer questions from the pages of your documents and show where each answer stands. "
        "Ask, for example, for an amount, a date, a name or a clause.",
    ),
)  # fmt: skip
_POLITE = r"[\s,.!?:;)(-]*"
_PATTERNS = tuple(
    (re.compile(rf"{_POLITE}(?:{pattern}){_POLITE}", re.IGNORECASE), reply)
    for pattern, reply in _REPLIES
)
_MAX_PARTS = 3
# What nobody can do who only quotes.
_WRITING = re.compile(
    rf"{_POLITE}(?:(?:please|can you|could you|would you|kindly)[\s,]+)*"
    r"(?:summari[sz]e|sum up|translate|rewrite|rephrase|paraphrase|tl;?dr|fasse\b.*\bzusammen|übersetze"
    r"|résume[rz]?|(?:give|write|make|draft|send)(?: me| us)? (?:an? |the )?(?:short |brief |quick )?"
    r"(?:summary|translation))\b.*",
    re.IGNORECASE | re.DOTALL,
)
NO_WRITER = (
    "I quote pages word for word, and this has to be written by a language model, which is not set up here. "
    "Ask for something that a page says: an amount, a date, a name or a clause."
)
_PARTS = re.compile(r"[.!,]+\s+")


def small_talk_reply(message: str) -> str:
    """Return a short reply to a message that asks nothing; empty where it is a question."""
    parts = [part for part in _PARTS.split(message.strip()) if part.strip()]
    if not 1 <= len(parts) <= _MAX_PARTS:
        return ""
    replies = [_reply(part) for part in parts]
    if not all(replies):
        return _reply(message.strip())
    return replies[0]


def asks_for_writing(message: str) -> bool:
    """Say whether a message asks for a text that no page holds, such as a summary."""
    return _WRITING.fullmatch(message) is not None


def _reply(part: str) -> str:
    return next((reply for pattern, reply in _PATTERNS if pattern.fullmatch(part)), "")
