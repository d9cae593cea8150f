"""What passages and questions know of English: how questions are put; `english_words.py` has the words.

Questions in another language find none of these patterns: their words still count, the kind of answer
that they ask for does not.
"""

from __future__ import annotations

import re

# Patterns of questions in lower case, by the kind of answer that they ask for.
TIME_WORD = r"(second|minute|hour|day|week|month|quarter|year)s?"
ASKS_MAIL = re.compile(r"\be-?mail\b")
ASKS_PHONE = re.compile(
    r"\b(?:tele)?phone numbers?\b|\b(?:which|what) (?:is the )?(?:tele)?phone\b(?! (?:company|model|line))"
    r"|\bfax\b|\bcall\b.*\bnumber\b|\bnumber\b.*\bcall\b"
)
ASKS_ACCOUNT = re.compile(
    r"\b(?:bank|giro|savings|checking) accounts?\b|\bibans?\b|\baccount numbers?\b|\bsort code\b"
    r"|\bswift\b|\bbic\b|\b(?:which|what) account (?:is|must|should|do|does|are|can)\b.*\b(?:pa(?:y|id)"
    r"|transfer)"
)
ASKS_PLACE = re.compile(
    r"(?<!mail )(?<!web )(?<!ip )\baddress(?:es)? of\b|\bpostal address\b|\bwhat address\b"
)
# Not "number of": that asks for how many.
ASKS_CODE = re.compile(
    r"\b(?:what|which) (?:(?:is|are|was|were) )?(?:the |its |their |your |our )?(?:[\w-]+ ){0,3}"
    r"(?:(?:(?:account|contract|document|fax|identification|licen[cs]e|model|order|part|phone|policy"
    r"|reference"
    r"|registration|room|serial|tax|telephone|vat|version) )numbers?|numbers?(?! of\b)|(?:no\.|ids?"
    r"|code)(?! of\b))(?=\W|$)(?!\s+(?:people|persons))"
)
ASKS_ADDRESS = re.compile(r"\b(url|web ?site|web address|web page)\b")
ASKS_SHARE = re.compile(
    r"percent|\b(interest|tax|vat|discount|commission|growth|inflation|unemployment|occupancy|response|success|error"
    r"|vacancy) rate\b|\bcagr\b|proportion"
    r"|\bwhat (is the )?(rate|share)\b(?! price)"
)
ASKS_FREQUENCY = re.compile(
    r"\bhow (often|frequently|regularly)\b|\bhow many times\b|\bat what intervals?\b"
)
ASKS_CONDITION = re.compile(
    r"(?<!by )(?<!until )(?<!since )(?<!from )\bwhen (can|could|may|might|must|should)\b|\bunder (what"
    r"|which) (conditions?|circumstances?)\b"
    r"|\bin (what|which) cases?\b|\bon what grounds?\b"
)
ASKS_CLOCK = re.compile(r"(?<!within )(?<!in )\b(what|which) time\b|\bat what hour\b")
ASKS_YEAR = re.compile(r"\b(what|which) (fiscal |financial )?year\b")
# "What happens when it trips?" asks for no date: what asks stands before.
_ASKS_WHEN = (
    r"(?:^(?:(?!\b(?:what|which|who|whom|whose|how|where|why|do|does|did|is|are|was|were|can|could"
    r"|may|must|shall|should|will|would|has|have|had)\b)[^?])*|[?.!;:]\s*"
    r"|\b(?:and|or|know|say|says|said|tell me)\s+)\bwhen\b"
)
ASKS_DATE = re.compile(
    _ASKS_WHEN
    + r"(?! (can|could|may|might|must|should)\b)|\bwhen\W*$|\b(by|until|since|from) when\b|\b(what"
    r"|which) (?:is the |was the )?(date|month|day)\b"
    r"|\b(due|expiry|start|end) date\b|^(?:format|give|tell me|name|state|find|extract) (?:me )?the date\b"
)
ASKS_DURATION = re.compile(
    r"\bhow (long|soon|quickly|much time)\b|\b(with)?in (what|which) (time|period)\b|\b(how many"
    r"|what number of|for how many) ([a-z]+ )?"
    + TIME_WORD
    + r"\b|\b(notice|warranty|guarantee|trial|retention|storage) period\b"
)
_MONEY = (
    r"(costs?|prices?|fees?|rent|salary|penalty|fine|deposit|budget|amount|sum|charge|premium|dividend"
    r"|compensation)"
)
ASKS_CHANGE = re.compile(r"\bby how much\b")  # in money or as a share
ASKS_AMOUNT = re.compile(
    r"\bhow much\b.*\b(cost|pay|paid|charge|fee|price|deposit|rent|worth|earn|spen[dt]|owe|invest)"
    r"|\bwhat (is|are|was|were|will be) (the|its|their|our|your)( [^\s,]+){0,4}? " + _MONEY + r"\b"
    r"|\bwhat (is|are|was|were|did|do|does) [^?]{3,40} (paid|earn)\b"
    r"|\b(what|which) " + _MONEY + r"\b|\bwhat (do|does|did|will|would|has|have)\b.* cost\b"
    r"|\bhow much (is|are|was|were|does|do|did)\b"
)
ASKS_NUMBER = re.compile(
    r"\bhow (big|bright|cold|deep|far|fast|heavy|high|hot|large|loud|many|much|old|tall"
    r"|thick|tight|wide)\b|\bwhat (is|was|are|were) the (total|number|amount|value)\b"
    r"|\b(what|which) (capacity|clearance|current|depth|diameter|distance|height|length|output|power"
    r"|pressure"
    r"|speed|temperature|torque|voltage|volume|weight|width)\b"
    r"|\bwhat (is|was|are|were) the [a-z ]*\b(capacity|clearance|current"
    r"|depth|diameter|distance|height|length"
    r"|output|power|pressure|speed|temperature|torque|voltage|volume|weight|width)\b"
    r"|\b(the|what|total) number of\b|\bratio\b|\bdifference\b|\bin total\b"
    r"|\btotals? (assets|liabilities|equity|revenues?)\b"
)
ASKS_NAME = re.compile(
    r"^(to |by |with |from |for )?whom?\b|\bwho (is|are|was|were)\b|\bwhose\b|\bwhich person\b"
)
ASKS_YES_OR_NO = re.compile(
    r"^(is|are|was|were|do|does|did|can|could|may|must|has|have|had|should|will|would|shall)\b(?!.* or )"
)

ASKS_LIST = re.compile(
    r"^(list|name|enumerate)\b|\b(what|which) (are|were)\b|\b(?:what"
    r"|which) (?:[a-z]+ ){0,2}[a-z]{3,}s are\b"
    r"|\bwhich ([a-z]+ )?(parts|items|things"
    r"|steps|reasons|conditions|cases|documents|products|services|people|members|types|kinds)\b"
    r"|\b(includ|contain|consist|compris|cover)(es|e|s|ed|ing)?\b|\bwhat must\b|\bunder what\b"
)

# What is not quoted but calculated, unless the page says so in these words.
DERIVED = re.compile(
    r"\b(ratio|difference|gap|combined|collectively|average|shortfall|turnover|growth rate|coverage"
    r"|altogether|sum of|what multiple"
    r"|change(?= (?:from|in|of|between))|how (?:many|much) (?:more|less|fewer)"
    r"|return on (?:average )?[a-z]+(?: [a-z]+)?|invested capital|capitali[sz]ation|compared (?:to|with))\b"
)

# Which of two is more: no quotation says it.
ASKS_TO_COMPARE = re.compile(
    r"\b(?:which|who|what)\b.*\b(?:greater|higher|larger|bigger|lower|smaller|more|less|fewer|older|younger"
    r"|longer|shorter)\b.*\bor\b"
)
# Which of all is the most: a page says so in that word, or they have to be compared. In small letters: `Best
# Buy` is a name.
EXTREMES = re.compile(
    r"\b(?:most|least|fewest|best|worst|(?:high|low|larg|small|bigg|great|long|short|tall|old"
    r"|young|near|clos|cheap|heavi|light|fast|slow|deep|wid|strong|weak|earli|lat)est)\b"
)
ASKS_FOR_EXTREME = re.compile(rf"(?:^\W*[Ww]ho|\b(?:[Ww]hich|[Ww]hat))\b.*{EXTREMES.pattern}")
# How the answer is to look, where only a figure can look so.
WANTS_FIGURE = re.compile(
    r"\b(?:thousands?|millions?|billions?|percent|percentage|integer|int|decimals?|float|round|numeric|digits?"
    r"|whole number)\b|%",
    re.IGNORECASE,
)
ASKS_WHICH_PART = re.compile(r"\b(?:which|what) (?:page|slide|figure|table|section|chapter)\b")
ASKS_EXAMPLE = re.compile(r"\bexamples? (?:of|for)\b|\bfor (?:example|instance)\b", re.IGNORECASE)
GIVES_EXAMPLE = re.compile(
    r"\be\. ?g\b|\bsuch as\b|\bfor (?:example|instance)\b|\bincluding\b|\bexamples?\b",
    re.IGNORECASE,
)

# What can only be counted by looking at the pages: parts of the document, things in a picture.
_PARTS_OF_DOCUMENT = (
    r"(?:pages|slides|charts|graphs|figures|tables|diagrams|pictures|photos|photographs|images|maps|logos"
    r"|icons|illustrations|screenshots|plots|bars|lines|arrows|columns|rows|sections|chapters|references)"
)
_PICTURE = (
    r"(?:picture|photo|photograph|image|figure|chart|graph|plot|diagram|map|logo|illustration|screenshot"
    r"|table)s?"
)
ASKS_TO_COUNT = re.compile(
    rf"\bhow many (?:(?!of\b)[\w-]+ ){{0,3}}{_PARTS_OF_DOCUMENT}\b"
    rf"|\bhow many\b.*\b(?:shown|visible|depicted|seen|drawn|displayed|presented|given|contained|listed"
    r"|mentioned|plotted|cited|present)\b|\bhow many [\w' -]+ are there\b"
    r"|\bhow many [\w' -]+ are in (?:this|the) (?:report|document|paper|guide|manual|presentation|brochure)\b"
    rf"|\bhow many\b.* in (?:the|this|that|each) (?:[\w-]+ ){{0,2}}{_PICTURE}\b"
    rf"|\b(?:number|count) of (?:[\w-]+ ){{0,2}}{_PARTS_OF_DOCUMENT}\b"
)
_COLOURS = (
    r"red|green|blue|yellow|orange|purple|violet|pink|brown|beige|turquoise|silver|gold|gr[ae]y|black"
    r"|white"
)
ASKS_COLOUR = re.compile(r"\b(?:what|which) (?:is the |are the |was the )?colou?rs?\b")
COLOUR = re.compile(rf"\b(?:{_COLOURS})\b", re.IGNORECASE)
LOOKS = re.compile(
    rf"\b(?:{_COLOURS}|circles?|squares?|rectangles?|triangles?|ellips[ei]s?|stars?)\b"
)
# What is only seen: colours and shapes.
ASKS_TO_SEE = re.compile(
    r"\b(?:what|which) (?:is the |are the |was the )?(?:colou?rs?|shapes?)\b"
    rf"|\b(?:{_COLOURS})\b.* {_PICTURE}\b|\b{_PICTURE}\b.*\b(?:{_COLOURS})\b"
)

_MONTH = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december"
    r"|jan\.?|feb\.?|mar\.?|apr\.?|jun\.?|jul\.?|aug\.?|sept?\.?|oct\.?|nov\.?|dec\.?)"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
PERIOD = re.compile(
    r"(?:\b(?:fiscal |financial |quarter )?(?:year|period|quarter|months?)\s+(?:end(?:ed|ing)?|to)\s+)?"
    rf"(?:\bon\s+)?\b(?:{_MONTH}\s+{_DAY}(?:,?\s*\d{{4}})?|{_DAY}\s+{_MONTH}(?:,?\s+\d{{4}})?)\b",
    re.IGNORECASE,
)
# How much there is on a day stands in a balance sheet, what comes and goes in a time elsewhere.
ASKS_BALANCE = re.compile(
    rf"\b(?:at|as of|as at|on)\s+(?:the\s+)?(?:year[- ]end|end of|{_MONTH}\s+{_DAY}|{_DAY}\s+{_MONTH})\b",
    re.IGNORECASE,
)
FLOW = re.compile(
    r"\b(?:cash flows?|operating activities|investing activities|financing activities|changes? in"
    r"|(?:in|de)creases?|purchases?|proceeds|payments?)\b",
    re.IGNORECASE,
)

# How a question is put; no passage has to say it.
ASKING = re.compile(
    r"\b(?:at|by|as of) (?:the )?(?:year[- ]end|end of (?:the |this )?(?:fiscal )?"
    r"(?:year|quarter|period))\b"
    r"|\bhow (big|cold|deep|far|fast|frequently|heavy|high|hot|large|long|many|much|often|old|quickly"
    r"|soon|tall|thick|tight|wide)\b",
    re.IGNORECASE,
)

# "I'm", "there's", "can't": two words in one that say nothing of their own.
CONTRACTION = re.compile(
    r"\b(?:i|you|he|she|it|we|they|who|what|where|when|why|how|that|this|there|here|let)['’](?:s|re|ve|ll|d|m)\b"
    r"|\b(?:ca|could|did|does|do|had|has|have|is|are|was|were|might|must|need|sha|should|wo|would)n['’]t\b",
    re.IGNORECASE,
)
# What is counted so may be counted without a word.
COUNTED_SO = frozenset(["pieces", "items", "units", "copies", "times", "things"])
ASKS_HOW_MUCH_TIME = re.compile(r"\bhow much (?:of the |of their |of his |of her )?time\b")
ASKS_HOW_HIGH = re.compile(r"\bhow (?:big|great|high|large|low|small)\b")
ASKS_HOW_MUCH_IT_IS = re.compile(r"^\W*how much (?:is|are)\b")
ASKS_PAST = re.compile(r"\b(?:was|were|did)\b")
KIND_OF_CODE = re.compile(
    r"\b(?:what|which) (?:(?:is|are|was|were) )?(?:the |its |their |your |our )?((?:[\w-]+ ){1,3})"
    r"(?:numbers?|no\.|ids?|code)(?=\W|$)"
)
# What may be told as a share of another amount.
PRICED_BY_SHARE = re.compile(
    r"\b(?:fee|fine|penalty|premium|discount|charge|commission|deposit|bonus|compensation|rate|interest"
    r"|tax)s?\b"
)

# What turns a sentence into its opposite, where it stands just before what is denied.
DENIAL = re.compile(r"\b(not|no|never|nor|without|neither|cannot)\b|n['’]t\b", re.IGNORECASE)
EXCLUSION = re.compile(r"\b(exclud\w+|except\w*|exempt\w*)\b", re.IGNORECASE)

# Where in the document the question says that the answer stands: retrieval looks there.
PAGE_PLACE = re.compile(
    r"(?:\b(?:on|in|at|of|from|according to|see)\s+)?(?:\bthe\s+)?\b(?:(?:cover|front|title|first|second"
    r"|third|last|back) (?:page|slide)\b|(?:pages?|slides?|pp?\.)\s*"
    r"(?:number\s+)?\(?(?:\d+(?:\s*(?:-|–|to|and)\s*\d+)?|[ivxlc]+\b|[A-Z]{1,2}-?\d+\b"
    r"|(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen)\b))",
    re.IGNORECASE,
)
NUMBERED_PART = re.compile(
    r"\b(?:figures?|fig\.?|tables?|charts?|units?|sections?|chapters?|parts?|clauses?|appendix|exhibit"
    r"|steps?)\s+"
    r"(\d+(?:\.\d+)*[a-z]?|[A-Z]\b)",
    re.IGNORECASE,
)
JOINED_PART = re.compile(
    r"\b(figure|fig|table|chart|section|page|slide|chapter|appendix|exhibit)(?=\d)", re.IGNORECASE
)
NUMBERED_PICTURE = re.compile(
    r"\b(?P<kind>figure|fig\.?|table|chart|exhibit) (?P<number>\d+(?:\.\d+)*)(?![\w-])",
    re.IGNORECASE,
)
# A number behind one of these names something and counts nothing.
IDENTIFIED = re.compile(
    r"\b(?:account|iban|phone|telephone|tel|fax|invoice|order|customer|receipt|policy|reference|ref"
    r"|code|id)"
    r"\b\.?(?:\s+(?:no\.?|nr\.?|number))?[\s:]*[+\d][\d /-]*",
    re.IGNORECASE,
)
FISCAL_YEAR = re.compile(r"\b(?:FY|CY)\s?['’]?(?:(?=\d{4}\b)|(?=\d\d\b)(?P<short>))", re.IGNORECASE)
