"""Tells that a question asks several things, and parts it: "Who chairs it, and how long is the notice?".

By rules of English, and none without doubt: what may as well be one thing ("terms and conditions", "between
A and B") stays one question.
"""

from __future__ import annotations

import re
from itertools import pairwise

from generator.passages.questions import english

_AUX = (
    r"(?:is|are|was|were|do|does|did|can|could|may|might|must|has|have|had|should|will|would|shall)"
)
_DETERMINER = r"(?:the|a|an|any|all|my|our|your|its|his|her|their|this|these)"
_PRONOUN = r"(?:there|it|they|he|she|i|we|you|one)"
_OUT_OF = r"(?:by|until|since|from|at|for|in|to|with|under|within|on)"
# What asks, in the order of a main question: "how long is", "which parts come", "who chaired", "is there".
_WH_WORD = r"(?:who|whom|whose|what|when|where|which|why|how)"
_MAIN = (
    rf"(?:(?:{_OUT_OF} )?{_WH_WORD}(?:['’]s\b|\b(?! (?:{_DETERMINER}|{_PRONOUN})\b))"
    rf"|{_AUX}(?:n['’]t)? (?:{_DETERMINER}|{_PRONOUN})\b"
    r"|(?:are|were|do|did|can|may|must|should|will) (?!always |sometimes )(?:[a-z]{3,}s|people|children) \w)"
)
# In the order of what is told: "how long the notice is".
_TOLD = rf"(?:(?:{_OUT_OF} )?{_WH_WORD}\b)"
_INVERTED = rf"{_AUX} (?:{_DETERMINER}|{_PRONOUN})\b"
# Behind a comma alone "who", "which", "when" and "where" may add to what stands before.
_BEHIND_COMMA = rf"(?=(?:what|how)\b|(?:{_OUT_OF} )?{_WH_WORD}(?: [\w-]+)? {_INVERTED})"
_JOINED = (
    r"(?:\s*[,;]?\s+(?:and|or|as well as)(?: also| then)?,?\s+|\?+\s+(?:and |or )?"
    rf"|\s*[,;]\s+{_BEHIND_COMMA})"
)
_LEAD_TELLS = re.compile(
    r"^\W*(?:(?:please|can you|could you|would you|i(?: want| need|['’]d like| would like) to know"
    r"|do you know|tell me|tell us|let me know|say|state|find out|find|explain|show me|give me)[ ,]+)+"
    rf"(?={_TOLD})",
    re.IGNORECASE,
)
# What both halves are about: "In the lease of 1998, ...", "The pump shows E12: ...".
_LEAD_SETS = re.compile(rf"^(?P<lead>[^?,:;]*(?:, [^?,:;]*)?[,:] )(?={_MAIN})", re.IGNORECASE)
_BEGINS_MAIN = re.compile(rf"^(?:{_MAIN}|{_AUX}\b)", re.IGNORECASE)
_BEGINS_TOLD = re.compile(rf"^{_TOLD}", re.IGNORECASE)
# What may as well belong to a word before it: "the seal that leaks and which is red".
_MAY_HANG = re.compile(
    rf"^(?:which|who|whom|whose) {_AUX} (?!{_DETERMINER}\b|{_PRONOUN}\b)", re.IGNORECASE
)
_HOLDS_RELATIVE = re.compile(r"\w.*\b(?:which|that)\b", re.IGNORECASE)
_SPLIT_MAIN = re.compile(rf"{_JOINED}(?={_MAIN})", re.IGNORECASE)
_SPLIT_TOLD = re.compile(rf"{_JOINED}(?={_TOLD})", re.IGNORECASE)
# A clause that hangs on a word before it is no half: "decide who may enter and what they may carry".
_WITHIN = re.compile(
    r"\w.*\b(?:who|whom|whose|what|whatever|how|why|whether|between)\b", re.IGNORECASE
)
_OPENS = re.compile(rf"^{_OUT_OF} ", re.IGNORECASE)
_ENDS_OPEN = re.compile(
    r"\b(?:of|for|in|on|at|to|from|with|by|under|the|a|an|and|or|than|between|which|that|who)$",
    re.IGNORECASE,
)

# Things that a page gives one word or figure for: two of them are two values.
_ATTRIBUTE = (
    r"(?:(?:e-?mail|postal|web|street|billing|delivery) address|(?:tele)?phone number|fax number"
    r"|(?:account|customer|invoice|order|serial|model|policy|reference|registration|tax|vat) number"
    r"|(?:notice|guarantee|warranty|trial|cooling-off) period|e-?mail|telephone|phone|fax|address|website"
    r"|width|height|length|depth|diameter|thickness|size|weight|mass|volume|capacity|power|voltage|current"
    r"|pressure|temperature|speed|torque|price|cost|fee|rent|deposit|salary|bonus|fine|discount|premium"
    r"|(?:interest )?rate|term|amount|balance|budget|penalty|population|area|author|publisher|version"
    r"|name|title|iban|date|time|place|venue|age|duration|colou?r|deadline"
    r"|chair(?:man|woman|person)?|secretary|treasurer|director|manager|owner|tenant|landlord|buyer|seller)"
)
_QUALIFIED = r"(?:(?!of |for )[\w'’-]+ ){0,2}?"
_BE = r"(?:is|are|was|were)"
_PAIR = re.compile(
    rf"^(?P<asks>(?:what|who)(?:['’]s| {_BE})) (?P<det>the|its|his|her|their|our|your|my) "
    rf"(?P<first>{_QUALIFIED}{_ATTRIBUTE})(?P<of>(?: (?:of|for) (?:(?! and )[^?,])+?)?)"
    rf",? (?:and|as well as) (?P<own>(?:the |its |his |her |their |our |your |my )?)"
    rf"(?P<second>{_QUALIFIED}{_ATTRIBUTE})\b(?P<rest>[^?]*)\?*\s*$",
    re.IGNORECASE,
)
_ONE_THING = re.compile(r"\btime and materials?\b", re.IGNORECASE)
_BY_NUMBER = re.compile(
    r"phone|telephone|fax|account|serial|order", re.IGNORECASE
)  # "phone and fax number"
_TWO_HOWS = re.compile(
    r"^how (?P<first>big|deep|far|fast|heavy|high|hot|large|long|many|much|often|old|tall|thick|wide)"
    r" and (?:how )?(?P<second>deep|far|fast|heavy|high|hot|long|often|old|tall|thick|wide)\b(?P<rest> .+)$",
    re.IGNORECASE,
)
_TWO_WORDS = re.compile(
    rf"^(?P<first>when|where|who) and (?P<second>when|where|by whom|how often)\b(?P<rest> {_AUX}\b.+)$",
    re.IGNORECASE,
)
_OPPOSITE_DATES = re.compile(
    r"^(?P<asks>(?:what|when)(?:['’]s| is| are| was| were) the )(?P<first>start|starting|opening|arrival"
    r"|check-in|departure|earliest|first|minimum) and (?P<second>end|ending|closing|departure|check-out"
    r"|arrival|latest|last|maximum) (?P<rest>\w.*)$",
    re.IGNORECASE,
)
_BOTH_COST = re.compile(
    rf"^(?P<asks>how much (?:do|does|did) )(?P<first>{_DETERMINER} (?:[\w'’-]+ ){{1,4}}?)and "
    rf"(?P<second>{_DETERMINER} (?:[\w'’-]+ ){{1,4}}?)(?P<rest>cost\b.*)$",
    re.IGNORECASE,
)
_PAIR_FIRST = re.compile(
    rf"^(?P<asks>what|which) (?P<first>{_QUALIFIED}{_ATTRIBUTE}) and (?P<second>{_QUALIFIED}{_ATTRIBUTE})"
    rf"(?P<rest> {_AUX} .+)$",
    re.IGNORECASE,
)
# "What the rent is", "when it is due", as they are asked.
_TURNED = re.compile(
    rf"^(?P<asks>(?:{_OUT_OF} )?(?:how \w+|what \w+|which \w+|{_WH_WORD})) "
    rf"(?P<thing>(?:{_DETERMINER} .+|{_PRONOUN})) (?P<verb>{_BE})(?P<rest>(?: \w+)?)$",
    re.IGNORECASE,
)
_SPACE = re.compile(r"\s+")
_BOTH = ("first", "second")
_MIN_WORDS = 2
_MAX_PARTS = 4
_MAX_CHARACTERS = 400  # what is longer tells a story


def questions_in(text: str) -> list[str]:
    """Return the questions that a text asks, each as it is asked by itself; the text alone where it asks one.

    What a question begins with and both halves are about ("In the lease, ...") stands before each.
    """
    question = _SPACE.sub(" ", text).strip()
    if len(question) > _MAX_CHARACTERS or english.ASKS_TO_COMPARE.search(question.lower()):
        return [text]
    tells = _LEAD_TELLS.match(question)
    bare = question[tells.end() :] if tells else question
    setting = None if tells or _BEGINS_MAIN.match(bare) else _LEAD_SETS.match(bare)
    lead = setting["lead"] if setting else ""
    clauses = _clauses(bare[len(lead) :], is_told=tells is not None)
    parts = [part for clause in clauses for part in _of_one_verb(clause)]
    if not 1 < len(parts) <= _MAX_PARTS:
        return [text]
    return [_as_question(lead, part) for part in parts]


def _clauses(question: str, *, is_told: bool) -> list[str]:
    """Return the halves that each have a verb of their own, or the whole."""
    begins, splits = (_BEGINS_TOLD, _SPLIT_TOLD) if is_told else (_BEGINS_MAIN, _SPLIT_MAIN)
    if begins.match(question) is None:
        return [question]
    clauses = [part.strip(" ,;") for part in splits.split(question)]
    hangs = any(
        _WITHIN.match(before) or (_HOLDS_RELATIVE.match(before) and _MAY_HANG.match(behind))
        for before, behind in pairwise(clauses)
    )
    return [question] if hangs or not all(map(_is_whole, clauses)) else clauses


def _is_whole(clause: str) -> bool:
    """Say whether a clause asks by itself: `when` behind `and` does not."""
    bare = _OPENS.sub("", clause.rstrip("?!. "))
    return len(bare.split()) > _MIN_WORDS and _ENDS_OPEN.search(bare) is None


def _of_one_verb(clause: str) -> list[str]:
    """Return what is asked of one verb twice: "What are the width and the height?"."""
    if english.DERIVED.search(clause.lower()):
        return [clause]
    if match := _PAIR.match(clause):
        return _of_pair(match) or [clause]
    if match := _OPPOSITE_DATES.match(clause):
        asks = _singular(match["asks"])
        return [f"{asks}{match[name]} {match['rest']}" for name in _BOTH]
    if match := _TWO_HOWS.match(clause):
        return [f"how {match[name]}{match['rest']}" for name in _BOTH]
    if match := _TWO_WORDS.match(clause):
        return [f"{match[name]}{match['rest']}" for name in _BOTH]
    if match := _PAIR_FIRST.match(clause):
        return [f"{match['asks']} {match[name]}{match['rest']}" for name in _BOTH]
    if match := _BOTH_COST.match(clause):
        return [f"{match['asks']}{match[name]}{match['rest']}" for name in _BOTH]
    return [clause]


def _of_pair(match: re.Match[str]) -> list[str]:
    """Return "what is the width of it" and "what is the height of it"; nothing for what may be one thing."""
    asks = _singular(match["asks"])
    if match["of"] and not match["own"]:  # "the name of the owner and manager"
        return []
    if _ONE_THING.search(match[0]):
        return []
    is_number = _BY_NUMBER.fullmatch(match["first"]) and match["second"].endswith(" number")
    first_rest = match["of"] or match["rest"]
    second_owner = match["own"] or f"{match['det']} "
    first = f"{asks} {match['det']} {match['first']}{' number' if is_number else ''}{first_rest}"
    return [first, f"{asks} {second_owner}{match['second']}{match['rest']}"]


def _singular(asks: str) -> str:
    """Return `what is` for `what are`: what is one of two is asked for by itself."""
    return re.sub(r"\bare\b", "is", re.sub(r"\bwere\b", "was", asks))


def _as_question(lead: str, part: str) -> str:
    part = part.strip().rstrip("?!.,; ")
    if not lead and (match := _TURNED.match(part)):
        part = f"{match['asks']} {match['verb']} {match['thing']}{match['rest']}"
    text = f"{lead}{part}"
    return f"{text[:1].upper()}{text[1:]}?"
