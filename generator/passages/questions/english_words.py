"""Knows English words: those that ask, opposites, their forms and endings."""

from __future__ import annotations

import re

from indexer.base.language.spellings import NUMBER_WORDS, ORDINAL_WORDS

# What a question says of the document and of its own answer; no passage has to say it.
ABOUT_THE_DOCUMENT = f"""
    {" ".join(NUMBER_WORDS)} {" ".join(ORDINAL_WORDS)}
    most least longest shortest largest smallest biggest highest lowest greatest maximum minimum
    left right top bottom upper lower corner side middle centre center cover title front last
    among introduce note plot specify mark label highlight indicate refer format mention discuss explain
    category item example instance sum count whose
    paper work document slide chart graph figure table diagram report article study guidebook brochure page
    section picture image photo presentation deck book manual contain use represent show tell define propose
    implement according number illustrate mention give list repeat describe name many state present depict
    display find say appear written provide include percentage percent share type kind take allow get make
    need happen go must may might shall come see put color shape new different following based value total
    answer person people thing word part
    """

# Capital words that pages may well write in another way; they are no names that an answer must have.
OTHER_FORMS = frozenset(
    """
    january february march april may june july august september october november december monday tuesday
    wednesday thursday friday saturday sunday ceo cfo coo cto us usa uk eu un u.s. fy ytd qoq yoy id tv
    pdf ok mr mrs ms dr inc ltd co corp plc llc figure table chart page slide section chapter i january's
    """.split()  # noqa: SIM905 - a list would be forty lines
)
# What pages say in one word where people ask in several; it counts as asked for.
SAID_OTHERWISE = (
    (re.compile(r"\bfor (?:good |just )?cause\b", re.IGNORECASE), "breach"),
    (re.compile(r"\bmoney back\b", re.IGNORECASE), "refund"),
)
# Two that one thing cannot be at once: what is said of the one is not said of the other.
OPPOSITES = (
    "north south", "northern southern", "east west", "eastern western", "inner outer", "inside outside",
    "internal external", "indoor outdoor", "minimum maximum", "min max", "gross net", "opening closing",
    "input output", "import export", "male female", "arrival departure", "winter summer",
    "suction discharge", "inlet outlet", "first last", "earliest latest",
)  # fmt: skip

# Past forms that are no other word, by the form that they are compared as.
IRREGULAR = {
    past: verb
    for verb, pasts in {
        "take": "took taken taker takes", "give": "gave given giver", "pay": "paid payer",
        "buy": "bought buyer", "sell": "sold seller", "begin": "began begun", "write": "wrote written writer",
        "know": "knew known", "grow": "grew grown", "rise": "risen", "fall": "fell fallen",
        "hold": "held holder", "lose": "lost", "make": "made maker", "meet": "met", "send": "sent sender",
        "spend": "spent", "win": "won winner", "build": "built builder", "choose": "chose chosen",
        "drive": "drove driven driver", "speak": "spoke spoken speaker", "teach": "taught teacher",
        "think": "thought", "bring": "brought", "keep": "kept keeper", "run": "ran", "break": "broke broken",
        "say": "said says saying", "use": "used uses using",
        "eat": "ate eaten", "lend": "lent lender", "fly": "flew flown",
        "shelf": "shelves", "knife": "knives", "half": "halves", "wife": "wives", "wolf": "wolves",
        "loaf": "loaves", "thief": "thieves", "foot": "feet", "tooth": "teeth", "mouse": "mice",
        "goose": "geese", "man": "men", "woman": "women", "child": "children", "criterion": "criteria",
        "index": "indices", "matrix": "matrices", "axis": "axes", "analysis": "analyses",
        "show": "showed shown", "steal": "stole stolen", "lead": "led leader", "sing": "sang sung",
    }.items()
    for past in pasts.split()
}  # fmt: skip

# Words are compared by their stems: the first ending that fits is replaced, if so many letters stay.
# A word that ends in `e` is compared without it: `terminate`, `terminated` and `termination` are one.
ENDINGS = (
    ("ies", "y", 2), ("ied", "y", 2),
    ("sses", "ss", 3), ("ations", "at", 4), ("ation", "at", 4), ("ions", "", 5),
    ("ion", "", 5), ("ments", "", 3), ("ment", "", 3), ("ing", "", 3), ("ed", "", 3), ("es", "e", 3),
    ("ly", "", 4), ("s", "", 3),
)  # fmt: skip

# Capital words that are days and months, and no names.
NAMES_OF_TIMES = frozenset(
    """
    monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december
    """.split()  # noqa: SIM905 - a list would be forty lines
)

# Words that end as people's parts do (`owner`, `inspector`, `artist`) and are none.
NO_PERSONS = frozenset(
    """
    after another answer assist better border center chapter charter color computer consider consist
    container corner cover cylinder danger december deliver diameter differ door earlier either enter
    error ever exist exterior factor fewer filter floor for former further german greater higher however
    human indoor inferior inner interior larger later latter layer letter lever list longer lower major
    manner matter median meridian meter minor mirror mist motor neither never newer nor november number
    october offer older or order other outdoor outer over paper perimeter power printer prior quarter
    rather register remember resist river rotor sensor september shorter shower silver smaller summer
    superior timer together tower trailer transfer twist under upper vector water weather whatever
    whenever wherever whether whichever winter wrist
    """.split()  # noqa: SIM905 - a list would be ninety lines
)
