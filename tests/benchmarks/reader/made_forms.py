"""Makes parts of pages that no set of questions has: contacts, labelled lines, numbered headings, lists, captions.

The words are drawn from short lists, so that what is learnt is the form and not the words.
"""

from __future__ import annotations

import random
from collections.abc import Callable

_FIRST = "Anna Omar Lucy Jonas Priya Wei Carlos Fatima Peter Ingrid Tomas Grace Yusuf Helen Marco Aiko".split()
_LAST = "Berg Novak Silva Okafor Tanaka Meyer Haddad Costa Lindqvist Brown Petrov Rossi Khan Dubois".split()
_PLACES = "Leeds Porto Graz Nairobi Halifax Osaka Bergen Lyon Austin Pune Turin Malmö Cork Perth".split()
_STREETS = "Mill Harbour Station Church Park River Market Queen Forest Bridge".split()
_THINGS = (
    "water pump, bearing housing, fuel filter, annual leave, boat trailer, fish farming, soil testing, staff training, "
    "library service, waste collection, data protection, travel costs, building permit, drinking water, crop rotation, "
    "risk assessment, customer survey, power supply, school meals, road safety, brand identity, mobile payments, "
    "public health, solar panels, heat treatment, event planning, patient records, machine learning, wage index"
).split(", ")
_OFFICES = (
    "Head of Finance, Project Manager, Director, Course Leader, Press Officer, Chief Engineer, Registrar, Treasurer, "
    "Chair of the Board, Secretary, Supervisor, Admissions Officer"
).split(", ")
_UNITS = ["kg", "mm", "%", "hours", "days", "kW", "litres", "bar", "USD", "EUR", "people", "miles"]
_MONTHS = "January February March April May June July August September October November December".split()

_Passage = tuple[str, str, str]
Form = tuple[str, list[_Passage], int, tuple[int, int]]  # question, passages, right one, characters


def made_form(dice: random.Random) -> Form:
    """Return a question, the passages of a made part of a page, which of them answers, and where in it."""
    makers: list[Callable[[random.Random], Form]] = [
        _contact, _labelled, _unit, _list, _caption, _figure_row, _signature, _contents, _sentence_list,
    ]  # fmt: skip
    return dice.choice(makers)(dice)


def _name(dice: random.Random) -> str:
    title = dice.choice(["", "", "", "Dr. ", "Prof. ", "Ms. "])
    return f"{title}{dice.choice(_FIRST)} {dice.choice(_LAST)}"


def _date(dice: random.Random) -> str:
    day, month, year = dice.randint(1, 28), dice.choice(_MONTHS), dice.randint(1990, 2026)
    return dice.choice([f"{day} {month} {year}", f"{month} {day}, {year}", f"{month} {year}"])


def _amount(dice: random.Random) -> str:
    sign = dice.choice(["$", "€", "£", ""])
    return f"{sign}{dice.randint(1, 999)},{dice.randint(0, 999):03d}{dice.choice(['', '.00', '.50'])}"


def _phone(dice: random.Random) -> str:
    return f"{dice.randint(200, 999)}-{dice.randint(100, 999)}-{dice.randint(1000, 9999)}"


def _answered(
    question: str, lines: list[tuple[str, str]], right: int, dice: random.Random, heading: str = ""
) -> Form:
    """Return lines of label and value as passages; the value of one is the answer."""
    link = dice.choice([": ", " ", " – ", ": "])
    texts = [f"{label}{link}{value}" if label else value for label, value in lines]
    start = len(texts[right]) - len(lines[right][1])
    return question, [(heading, "", text) for text in texts], right, (start, len(texts[right]))


def _contact(dice: random.Random) -> Form:
    place, office, name = dice.choice(_PLACES), dice.choice(_OFFICES), _name(dice)
    mail = f"{name.split()[-1].lower()}@{place.lower()}.org"
    street = f"{dice.randint(1, 300)} {dice.choice(_STREETS)} Street, {place}"
    lines = [
        (office, name), (dice.choice(["Tel", "Phone", "Telephone"]), _phone(dice)),
        (dice.choice(["Fax", "Fax No."]), _phone(dice)), (dice.choice(["E-mail", "Email"]), mail),
        ("Address", street), ("Website", f"www.{place.lower()}.org"), ("Opening hours", f"{dice.randint(7, 10)}:00 to {dice.randint(15, 19)}:30"),
    ]  # fmt: skip
    questions = [
        [f"Who is the {office}?", f"What is the name of the {office.lower()}?"],
        [f"What is the phone number of {place}?", "What number should one call?", "What is the telephone number?"],
        ["What is the fax number?", f"What is the fax no. of the {place} office?"],
        ["What is the e-mail address?", f"Which email can be used to contact {name}?"],
        [f"Where is the {place} office?", "What is the address?", "Where should letters be sent?"],
        ["What is the website?", "Which web site has more information?"],
        ["When is it open?", "What are the opening hours?"],
    ]  # fmt: skip
    right = dice.randrange(len(lines))
    return _answered(dice.choice(questions[right]), lines, right, dice, dice.choice(["", "Contact", place]))


def _labelled(dice: random.Random) -> Form:
    pairs = [
        ("Invoice number", f"{dice.choice('ABKR')}-{dice.randint(1000, 99999)}"), ("Date of issue", _date(dice)),
        ("Due date", _date(dice)), ("Total amount", _amount(dice)), ("Customer", _name(dice)),
        ("Department", dice.choice(_THINGS).title()), ("Prepared by", _name(dice)), ("Approved by", _name(dice)),
        ("Project title", dice.choice(_THINGS).capitalize()), ("Location", dice.choice(_PLACES)),
        ("Version", f"{dice.randint(1, 9)}.{dice.randint(0, 9)}"), ("Registration fee", _amount(dice)),
        ("Max. capacity", f"{dice.randint(2, 500)} {dice.choice(_UNITS)}"), ("Reference", f"{dice.randint(10, 99)}/{dice.randint(1000, 9999)}"),
    ]  # fmt: skip
    lines = dice.sample(pairs, 7)
    right = dice.randrange(len(lines))
    label = lines[right][0].lower()
    question = dice.choice([f"What is the {label}?", f"What is the {label} of this document?", f"Tell me the {label}.", f"What {label} is given?"])
    if label.endswith(" by"):
        question = dice.choice([f"Who {label.split()[0]} the document?", f"Who was it {label}?"])
    elif "date" in label:
        question = dice.choice([question, f"When is the {label}?", f"What is the {label}?"])
    elif label == "total amount":
        question = dice.choice([question, "How much is to be paid?", "What is the total?"])
    return _answered(question, lines, right, dice)


def _unit(dice: random.Random) -> Form:
    word = dice.choice(["Unit", "Chapter", "Section", "Module", "Lesson", "Part", "Article", "Annex", "Step"])
    first = dice.randint(1, 15)
    things = dice.sample(_THINGS, 7)
    lines = [(f"{word.upper() if dice.random() < 0.5 else word} {first + i}", things[i].capitalize()) for i in range(7)]
    right = dice.randrange(7)
    n = first + right
    question = dice.choice([f"What is the topic of {word} {n}?", f"What is {word.lower()} {n} about?", f"What is the title of {word.lower()} {n}?"])
    return _answered(question, lines, right, dice)


def _contents(dice: random.Random) -> Form:
    things = dice.sample(_THINGS, 7)
    page = dice.randint(2, 9)
    lines = []
    for thing in things:
        lines.append((thing.capitalize(), str(page)))
        page += dice.randint(1, 9)
    right = dice.randrange(7)
    question = dice.choice([f"On which page does {things[right]} begin?", f"What page is {things[right]} on?"])
    return _answered(question, lines, right, dice, dice.choice(["Contents", "Table of contents", ""]))


def _list(dice: random.Random) -> Form:
    subject = dice.choice(_THINGS)
    lead = dice.choice([f"The following are required for {subject}:", f"The aims of {subject} are:", f"Steps of {subject}:"])
    items = dice.sample(_THINGS, 6)
    order = ["first", "second", "third", "fourth", "fifth", "last"]
    right = dice.randrange(6)
    lines = [(f"{i + 1}.", item) for i, item in enumerate(items)]
    question = dice.choice([f"What is the {order[right]} item listed for {subject}?", f"What is number {right + 1} in the list of {subject}?"])
    return _answered(question, lines, right, dice, lead)


def _caption(dice: random.Random) -> Form:
    word = dice.choice(["Figure", "Table", "Chart", "Exhibit"])
    first = dice.randint(1, 12)
    things = dice.sample(_THINGS, 6)
    lines = [(f"{word} {first + i}.", f"{dice.choice(['Results of', 'Share of', 'Overview of', 'Change in'])} {things[i]}") for i in range(6)]
    right = dice.randrange(6)
    n = first + right
    question = dice.choice([f"What does {word.lower()} {n} show?", f"What is {word} {n} about?", f"What is the title of {word} {n}?"])
    return _answered(question, lines, right, dice)


def _figure_row(dice: random.Random) -> Form:
    """Rows of a table whose heads are years or groups."""
    years = sorted(dice.sample(range(2005, 2026), dice.randint(2, 4)), reverse=dice.random() < 0.5)
    things = dice.sample(_THINGS, 7)
    unit = dice.choice(_UNITS)
    values = [[f"{dice.randint(1, 9999):,}" for _ in years] for _ in things]
    right, column = dice.randrange(7), dice.randrange(len(years))
    caption = dice.choice(["", f"Costs in {unit}", f"Annual figures, {unit}", "Key figures"])
    texts, span = [], (0, 0)
    for i, thing in enumerate(things):
        text = thing.capitalize()
        for j, year in enumerate(years):
            text += f"; {year}: "
            if (i, j) == (right, column):
                span = (len(text), len(text) + len(values[i][j]))
            text += values[i][j]
        texts.append(text)
    year, thing = years[column], things[right]
    question = dice.choice([f"What was {thing} in {year}?", f"How much was {thing} in {year}?", f"What is the {year} figure for {thing}?", f"{thing} {year}"])
    return question, [(caption, "", text) for text in texts], right, span


def _signature(dice: random.Random) -> Form:
    names, offices = [_name(dice) for _ in range(6)], dice.sample(_OFFICES, 6)
    right = dice.randrange(6)
    if dice.random() < 0.5:
        texts = [f"{name}, {office}" for name, office in zip(names, offices, strict=True)]
        return f"Who is the {offices[right].lower()}?", [("", "", t) for t in texts], right, (0, len(names[right]))
    lines = list(zip(names, offices, strict=True))
    question = dice.choice([f"What is the position of {names[right]}?", f"What does {names[right]} do?"])
    return _answered(question, lines, right, dice)


def _sentence_list(dice: random.Random) -> Form:
    """Sentences of one make about several things."""
    things, places = dice.sample(_THINGS, 6), dice.sample(_PLACES, 6)
    verbs = dice.choice([("was introduced in", "When was {} introduced?"), ("has been available since", "Since when has {} been available?")])
    dates = [_date(dice) for _ in things]
    by_place = dice.random() < 0.5
    texts, right = [], dice.randrange(6)
    for thing, place, date in zip(things, places, dates, strict=True):
        texts.append(f"{thing.capitalize()} is done in {place}." if by_place else f"{thing.capitalize()} {verbs[0]} {date}.")
    value = places[right] if by_place else dates[right]
    question = f"Where is {things[right]} done?" if by_place else verbs[1].format(things[right])
    start = texts[right].rindex(value)
    passages = [("", texts[i - 1] if i else "", text) for i, text in enumerate(texts)]
    return question, passages, right, (start, start + len(value))
