"""What questions say about where to look, and about the form of the answer: the rules, in tables.

All patterns are for text in any case.
"""

from __future__ import annotations

import re

from indexer.base.language.spellings import NUMBER_WORDS, ORDINAL_WORDS
from indexer.base.page_places import KINDS, NUMBER


def words_of(text: str) -> frozenset[str]:
    """Return the words of a table that is written as running text."""
    return frozenset(text.split())


# -- numbers ---------------------------------------------------------------------------------------

_SPELLED = "|".join(sorted(NUMBER_WORDS, key=len, reverse=True))
_ORDINAL = "|".join(sorted(ORDINAL_WORDS, key=len, reverse=True))
_ROMAN = r"x{0,3}(?:ix|iv|v?i{1,3}|v|x)"
FIGURE = r"(?:[a-z]-?)?\d{1,4}"  # `F-12` is the printed number of some annual reports
# Behind a number that is spelled, or Roman, nothing may follow that makes it an ordinary word:
# "page one of" is a page, "page one design" is none.
_ENDS = (
    r"(?=\s*(?:$|[?.,;:!)\]\"”’']|\b(?:of|in|on|at|to|and|or|is|are|was|were|what|which|who|how|where|when|does|do|did"
    r"|has|have|had|can|say|says|said|show|shows|shown|mention|mentions|list|lists|describe|describes|contain"
    r"|contains|give|gives|for|from|with|that|as|by|if|there|the|through|about|under|it)\b))"
)
_PAGE_NUMBER = rf"(?:{FIGURE}\b(?!\s*(?:%|percent\b))|(?:{_SPELLED}|{_ROMAN})\b{_ENDS})"
_BETWEEN = r"\s*(?:,\s*and|,\s*or|,|and|or|&)\s*"
_THROUGH = r"\s*(?:-|–|—|to|through|until|thru)\s*"
RANGE = re.compile(rf"({FIGURE}){_THROUGH}(?:(?:page|slide)s?\s+)?({FIGURE})", re.IGNORECASE)

# -- pages, slides, sheets -------------------------------------------------------------------------

_PAGE = r"(?:pages?|pgs?\.?|pp?\.|slides?|sheets?)"
_NO = r"(?:\s*(?:numbers?|no\.|nos\.|\#)\s*)?"
# "balance sheet 2019", "data sheet 4" and "home page 2" are things, no places.
_NOT_BEHIND = "".join(rf"(?<!{word})" for word in (
    "balance ", "data ", "data", "fact ", "fact", "spread", "term ", "cheat ", "work", "web ", "web",
    "home ", "home", "landing ", "yellow ", "title ",
))  # fmt: skip
PAGES = re.compile(
    rf"(?<![\w-]){_NOT_BEHIND}{_PAGE}{_NO}\s*\(?(?P<numbers>{_PAGE_NUMBER}"
    rf"(?:(?:{_THROUGH}|{_BETWEEN})(?:(?:and\s+)?{_PAGE}\s*)?{_PAGE_NUMBER})*)",
    re.IGNORECASE,
)
# "the third page", "on the 3rd slide", "the last two pages", "the first page"
ORDINAL_PAGES = re.compile(
    rf"\b(?P<ordinal>{_ORDINAL}|\d{{1,4}}(?:st|nd|rd|th)|last|final|penultimate"
    r"|back cover|cover|front|title|back"
    rf"|(?:second|next)[ -]to[ -](?:the[ -])?last)\s+"
    rf"(?:(?P<count>{_SPELLED}|\d{{1,2}})\s+)?(?:pages?|slides?|sheets?)\b"
    r"(?!\s*(?:design|layout|views?|rank\w*|speed))",
    re.IGNORECASE,
)
NUMBER_IN_PAGES = re.compile(rf"\b(?:{FIGURE}|{_SPELLED}|{_ROMAN})\b", re.IGNORECASE)

# -- figures, tables, sections ---------------------------------------------------------------------

_KIND = "|".join(sorted(KINDS, key=len, reverse=True))
# A figure with a unit behind it is an amount: "a table 4 metres long".
_NO_AMOUNT = (
    r"(?!\s*(?:%|(?:percent|metres?|meters?|m|cm|mm|km|feet|foot|ft|inch(?:es)?|kg|g|years?|days?|hours?|people"
    r"|persons?|times|seats?|million|billion|thousand|dollars?|euros?)\b))"
)
PLACES = re.compile(
    rf"(?<![\w-])(?P<kind>{_KIND})\.?(?:\s+(?:(?:number|no\.?|\#)\s*)?|(?=[\d#])\#?)"
    rf"(?P<numbers>{NUMBER}(?:(?<=\d)[a-z])?(?!\w){_NO_AMOUNT}"
    rf"(?:\s?\([a-z]\))?(?:{_BETWEEN}{NUMBER}(?:(?<=\d)[a-z])?(?!\w)(?:\s?\([a-z]\))?)*)",
    re.IGNORECASE,
)
WITH_LETTER = re.compile(r"(\d)[a-z]$|\s?\([a-z]\)$", re.IGNORECASE)  # Figure 3a, Figure 3(b)
NUMBER_OF_PLACE = re.compile(rf"(?<![\w.]){NUMBER}(?:(?<=\d)[a-z])?(?!\w)", re.IGNORECASE)

# Words that stand before a number and are one slip away from these are meant to be them.
OFTEN_MISTYPED = (
    "page",
    "pages",
    "slide",
    "slides",
    "figure",
    "table",
    "section",
    "appendix",
    "chapter",
)
BEFORE_NUMBER = re.compile(r"\b([a-z]{4,9})(?=\s+(?:no\.?\s*|number\s*)?\d)", re.IGNORECASE)
# Words of their own that are one slip away.
REAL_WORDS = words_of("able cable gape pace sliced slid side sides tale tables figured age ages")

# -- the form of the answer ------------------------------------------------------------------------

_COUNT = rf"(?:{_SPELLED}|a|an|the|\d{{1,3}})"
# At the end or the beginning of a question, whatever it asks.
_ROUNDED_TO = (
    rf"(?:the\s+)?(?:nearest\s+)?(?:{_COUNT}\s+)?(?:decimals?(?:\s+(?:places?|points?|digits?))?|integer"
    r"|whole(?: number)?|percent|percentage point|tenth|hundredth|thousandth|cent|dollar|million|billion"
    r"|thousand|significant (?:digits?|figures?)|digits?|places?)"
)
_ORDER = (
    r"(?:alphabetical|alphabetic|ascending|descending|chronological|numerical|increasing|decreasing"
    r"|reverse(?:\s+\w+)?)\s+order"
)
_LIST = (
    r"(?:list|bullet points?|bullets|integer|int|float|string|whole number|json|decimal(?: number)?)"
    r"(?:\s+form(?:at)?)?"
)
_UNIT = (
    r"%|percent(?:ages?)?|hundreds?|thousands?|millions?|billions?|lakhs?|crores?|units?|dollars?|cents?|euros?"
    r"|pounds?|rupees?|yen|yuan|francs?|us|usd|eur|gbp|inr|jpy|cny|chf|seconds?|minutes?|hours?|days?|weeks?"
    r"|months?|years?|mm|cm|km|kg|tons?|tonnes?|met(?:er|re)s?|grams?|lit(?:er|re)s?"
)
FORM_PHRASES = tuple(
    re.compile(rf"[,;(\s]*\b(?:{pattern})\b[)\s]*", re.IGNORECASE)
    for pattern in (
        r"(?:and\s+)?(?:please\s+)?round(?:ed|ing)?"
        rf"(?:\s+(?:it|them|up|down|off|the|your|answer|result|number|value)){{0,4}}\s+to\s+{_ROUNDED_TO}",
        rf"(?:correct\s+)?to\s+{_COUNT}\s+"
        r"(?:decimal (?:places?|points?|digits?)|decimals|significant (?:digits?|figures?))",
        rf"in\s+(?:exactly\s+|at most\s+|no more than\s+|about\s+|under\s+)?{_COUNT}\s+"
        r"(?:short\s+|single\s+|brief\s+|complete\s+|full\s+)?(?:sentences?|words?|paragraphs?"
        r"|bullet points?)(?:\s+or\s+(?:less|fewer))?",
        rf"in\s+(?:an?\s+)?{_ORDER}",
        r"(?:as|in|in the form of|using)\s+(?:an?\s+)?(?:python\s+|json\s+|numbered\s+|ordered\s+|bulleted\s+"
        rf"|markdown\s+|comma[- ]separated\s+)*{_LIST}",
        r"in\s+(?:a\s+)?(?:percentage|tabular|table)\s+form(?:at)?",
        rf"(?<=\()in\s+(?:{_UNIT})(?:\s+(?:of\s+)?(?:{_UNIT}))*(?=\s*\))",  # `(in million USD)`
        # `as YYYY-MM-DD`, `in the format DD/MM/YYYY`
        r"(?:formatted\s+)?(?:as|in|using)\s+(?:the\s+)?(?:form(?:at)?\s+(?:of\s+)?)?"
        r"[ymdhs]{1,4}(?:[-/.: ][ymdhs]{1,4}){1,5}(?:\s+form(?:at)?)?",
    )
)

# A sentence that tells how to write the answer, whatever form it names: `Write the answer in floqt format.`
INSTRUCTS = re.compile(
    r"(?:(?:and|please)\s+)*(?:format\b|(?:write|give|return|provide|present|output|express|put|state)(?:\s+down)?"
    r"(?:\s+me)?\s+(?:the|your)\s+(?:final\s+)?(?:answers?|results?)\b)",
    re.IGNORECASE,
)

# A sentence all of whose words are of these, with one of the first kind at least, is about the form.
FORM_MARKS = words_of("""
    answer answers round rounded rounding decimal decimals integer integers int float string format formatted
    sentence sentences word words list alphabetical alphabetically alphabetic ascending descending
    chronological bullet bullets concise concisely brief briefly json comma commas digits digit percentage
    order sorted sort nearest significant respond reply return output explain explanation explanations
""")
# A sentence that begins so asks something, whatever its words are.
ASKS = words_of(
    "what which who whose whom how when where why is are was were does did has have had can if"
)
LEAD = re.compile(r"(?P<lead>[^:?]{3,80}):\s+(?P<rest>\S.*)", re.DOTALL)
FORM_WORDS = FORM_MARKS | words_of("""
    return give write present provide express report respond reply output state use show keep make put include
    directly enumerate indicate term terms example limit please just only simply also final result results
    response value values number numbers numeric numerical whole place places point points percent percentages
    form type style separated single short one-word full complete exact exactly yes no up down hundredth
    hundredths tenth tenths thousandth unit units symbol sign dollars dollar usd cents million millions
    billion billions thousand thousands least most must should shall need needs want like enclosed quotes
    date dates yyyy-mm-dd dd-mm-yyyy mm-dd-yyyy yyyy mm dd
    brackets explanation explanations explain further extra additional text any me him us your following
    question questions followed e.g eg example without them it its
""")
SENTENCE_END = re.compile(
    r"(?<=[?!。！？؟])\s*(?=[^?!。！？؟\s])|(?<=[^\d\W]\.)\s+(?=[A-Z(])|(?<=\d\.)\s+(?=[A-Z])|(?<=\))\.?\s+(?=[A-Z])|\n+"
)
WORD = re.compile(r"[^\W_]+(?:[-'’.][^\W_]+)*")
EXAMPLE = re.compile(r"\[[^\]]*\]|\"[^\"]*\"|“[^”]*”|'[^']*'")  # of a form, in an instruction
