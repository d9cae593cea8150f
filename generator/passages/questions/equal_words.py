"""Knows English words that stand for each other: people ask with one, pages say another.

They are of contracts, offices, shops, travel, school and the house. A word with several meanings (`order`,
`run`, `note`) is in none, nor are those that a statement of account keeps apart (`profit`, `income`).
"""

from __future__ import annotations

from functools import lru_cache

from generator.passages.questions.terms import term_of

# Groups of words, in any of their forms; one may be in several.
_EQUAL_WORDS = (
    # what was there first, before the rest was written (docs/experiments.md)
    "cost price fee charge tariff", "end terminate expire cease finish", "begin start commence",
    "buy purchase", "revenue sale turnover", "people person staff employee personnel crew worker",
    "employ work", "rise raise increase grow", "fall drop lower decrease decline reduce down", "age old",
    "ceo executive", "due payable", "cheapest lowest", "biggest largest greatest highest",
    "smallest lowest", "repair fix", "phone telephone", "sign signature", "fit install", "stop halt",
    "car vehicle", "allow permit admit", "need require", "pay payment payable", "total sum amount",
    "born birth", "yearly annual", "firm company business", "breach default violate",
    "wage pay remunerate", "accrue accrual", "renew renewal", "approve approval", "dispose disposal",
    "withdraw withdrawal", "propose proposal", "arrive arrival", "remove removal", "refuse refusal",
    # agreements
    "cancel terminate revoke rescind", "contract agreement", "guarantee warranty", "landlord lessor",
    "tenant lessee renter", "rent lease hire", "flat apartment", "house home dwelling",
    "rule regulation", "law legislation statute", "notify inform", "notify notice",
    "ban forbid prohibit", "forbidden prohibited", "reject refuse decline deny", "agree consent",
    "accept approve", "choose select pick", "resign quit", "dismiss sack", "hire recruit appoint",
    "join enrol register", "exclude except", "change alter amend modify", "replace exchange substitute",
    "complain complaint", "fine penalty", "owner proprietor", "confidential secret", "deadline due",
    "liable responsible", "obligation duty", "insure insurance cover",
    # money
    "bill invoice", "refund reimburse", "refund money", "discount rebate", "tax levy", "loan borrow",
    "expense expenditure spend outlay", "fund finance sponsor", "donate donation gift",
    "customer client buyer", "seller vendor supplier", "shareholder stockholder", "currency money",
    "deduct subtract",
    # things, and what is done with them
    "device apparatus instrument appliance equipment machine", "clean wash rinse",
    "rubbish garbage trash litter waste", "discard dispose throw", "inspect check examine",
    "maintain maintenance service", "damage harm", "injure hurt harm wound", "danger hazard risk",
    "safe safety", "protect guard shield", "fault defect malfunction", "fail failure",
    "error fault mistake", "fire flame", "cold cool", "hot warm", "wet damp moist", "small little tiny",
    "big large", "quick fast rapid", "heavy weight weigh", "length long", "width wide",
    "height high tall", "depth deep", "measure gauge", "store storage keep", "tank reservoir container",
    "lamp bulb light", "engine motor", "shut close", "switch button", "size dimension", "lid cap",
    "glue adhesive", "fuel petrol gasoline", "leak leakage",
    # people, health, school
    "doctor physician", "medicine medication drug", "ill sick disease illness", "child kid",
    "parent guardian", "teacher instructor tutor trainer", "student pupil learner",
    "exam test examination", "course class", "teach train instruct", "die death dead decease",
    "marry marriage wedding", "author writer", "food meal", "drink beverage", "pet animal",
    "wear clothes clothing", "shoe boot footwear", "baby infant", "pain ache", "dose dosage",
    # ways and places
    "travel journey trip", "trip excursion outing", "bus coach", "train rail railway",
    "plane flight aircraft", "ticket fare", "depart departure leave", "delay late",
    "route way path trail", "abroad foreign overseas", "site venue location", "reserve book reservation",
    "holiday vacation", "break pause rest", "bag luggage baggage", "elevator lift", "cellar basement",
    "toilet bathroom lavatory", "garden yard", "street road", "noon midday", "meet gather assemble",
    "bring carry", "town city", "entrance entry", "exit leave", "shop store", "mail post", "mail email",
    "internet wifi", "signal reception coverage", "mobile cellular", "photo photograph",
    # what papers say of themselves and their findings
    "find finding result outcome", "cause reason", "effect impact consequence",
    "goal aim objective purpose", "method approach technique procedure", "limit restriction",
    "advantage benefit", "drawback disadvantage", "problem issue difficulty", "help assist aid",
    "meeting session", "happen occur", "measurement reading", "participant subject volunteer respondent",
    "survey poll questionnaire", "prevent avoid", "detect discover", "delete erase remove",
    "creator founder", "establish create found", "boss manager supervisor", "quantity amount",
    # as people say it, and as papers write it
    "bike bicycle cycle", "fridge refrigerator", "telly television tv", "cab taxi", "puppy dog", "kitten cat",
    "mum mom mother", "dad father", "laptop notebook computer", "advert advertisement", "lorry truck",
    "movie film", "loo toilet", "sofa couch settee", "cooker stove oven", "pram pushchair stroller",
    "nappy diaper", "candy confectionery", "trousers pants", "sweater jumper pullover", "power electricity",
    "thief theft burglar burglary robbery", "crash collision accident", "broken defective faulty",
    "cash money", "lend loan borrow", "girlfriend boyfriend partner spouse", "husband wife spouse",
    "visitor guest", "smartphone mobile telephone phone", "parcel package packet", "pill tablet medicine",
    "granny grandmother grandparent", "grandpa grandfather grandparent", "pal friend",
    "stuff belongings property", "spectacles glasses",
    # one word, spelled in two ways
    "colour color", "programme program", "licence license", "organise organize",
    "organisation organization", "centre center", "labour labor", "metre meter", "litre liter",
    "tyre tire", "cheque check", "grey gray", "aluminium aluminum", "catalogue catalog",
    "analyse analyze", "fibre fiber", "favourite favorite",
)  # fmt: skip


@lru_cache(maxsize=1)
def equals() -> dict[str, frozenset[str]]:
    """Return, for each word as it is compared, those that stand for it, itself among them."""
    by_term: dict[str, frozenset[str]] = {}
    for group in _EQUAL_WORDS:
        terms = frozenset(map(term_of, group.split()))
        for term in terms:
            by_term[term] = by_term.get(term, frozenset()) | terms
    return by_term
