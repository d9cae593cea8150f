"""Makes parts of pages that no set of questions has: contacts, labelled lines, titles, rows of figures.

The words are drawn from short lists, so that what is learnt is the form and not the words.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import NamedTuple

_FIRST = [
    "Anna", "Omar", "Lucy", "Jonas", "Priya", "Wei", "Carlos", "Fatima", "Peter", "Ingrid", "Tomas",
    "Grace", "Yusuf", "Helen",
]  # fmt: skip
_LAST = [
    "Berg", "Novak", "Silva", "Okafor", "Tanaka", "Meyer", "Haddad", "Costa", "Lindqvist", "Brown",
    "Petrov", "Rossi",
]  # fmt: skip
_PLACES = [
    "Leeds", "Porto", "Graz", "Nairobi", "Halifax", "Osaka", "Bergen", "Lyon", "Austin", "Pune",
    "Turin", "Cork", "Perth",
]  # fmt: skip
_MONTHS = [
    "January", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
]  # fmt: skip
_THINGS = [
    "water pump", "fuel filter", "annual leave", "fish farming", "soil testing", "staff training",
    "library service", "waste collection", "data protection", "travel costs", "drinking water",
    "crop rotation", "risk assessment", "power supply", "school meals", "road safety",
    "brand identity", "mobile payments", "public health", "heat treatment",
]  # fmt: skip
# Label, kind of value and question of lines that stand together.
_GROUPS = (
    (
        ("Director", "name", "Who is the director?"),
        ("Tel", "phone", "What is the telephone number?"),
        ("Fax", "phone", "What is the fax number?"),
        ("Press officer", "name", "Who is the press officer?"),
        ("Office", "place", "Where is the office?"),
        ("Founded", "date", "When was it founded?"),
    ),
    (
        ("Date of issue", "date", "When was it issued?"),
        ("Due date", "date", "What is the due date?"),
        ("Total amount", "amount", "How much is to be paid?"),
        ("Registration fee", "amount", "What is the registration fee?"),
        ("Prepared by", "name", "Who prepared the document?"),
        ("Project title", "thing", "What is the title of the project?"),
    ),
)


class MadeForm(NamedTuple):
    """lines with a heading; `right` is the one that answers, `span` the characters of the answer in it."""

    question: str
    heading: str
    lines: list[str]
    right: int
    span: tuple[int, int]


def made_form(dice: random.Random) -> MadeForm:
    makers: list[Callable[[random.Random], MadeForm]] = [_labelled, _numbered, _figures]
    return dice.choice(makers)(dice)


def _value(kind: str, dice: random.Random) -> str:
    return {
        "name": f"{dice.choice(_FIRST)} {dice.choice(_LAST)}",
        "place": dice.choice(_PLACES),
        "thing": dice.choice(_THINGS).capitalize(),
        "phone": f"{dice.randint(200, 999)}-{dice.randint(100, 999)}-{dice.randint(1000, 9999)}",
        "date": f"{dice.randint(1, 28)} {dice.choice(_MONTHS)} {dice.randint(1990, 2026)}",
        "amount": f"${dice.randint(1, 999)},{dice.randint(0, 999):03d}",
    }[kind]


def _labelled(dice: random.Random) -> MadeForm:
    group = list(dice.choice(_GROUPS))
    dice.shuffle(group)
    right = dice.randrange(len(group))
    values = [_value(kind, dice) for _, kind, _ in group]
    link = dice.choice([": ", " ", " – "])
    lines = [f"{label}{link}{value}" for (label, _, _), value in zip(group, values, strict=True)]
    span = len(lines[right]) - len(values[right]), len(lines[right])
    return MadeForm(group[right][2], dice.choice(["", *_PLACES]), lines, right, span)


def _numbered(dice: random.Random) -> MadeForm:
    word = dice.choice(["Unit", "Chapter", "Section", "Module", "Figure", "Table", "Step"])
    first, things = dice.randint(1, 15), dice.sample(_THINGS, 6)
    link = dice.choice([": ", ". ", " "])
    lines = [f"{word} {first + i}{link}{thing.capitalize()}" for i, thing in enumerate(things)]
    right = dice.randrange(len(lines))
    span = len(lines[right]) - len(things[right]), len(lines[right])
    asks = dice.choice(["What is the topic of", "What is the title of", "What is the subject of"])
    return MadeForm(f"{asks} {word.lower()} {first + right}?", "", lines, right, span)


def _figures(dice: random.Random) -> MadeForm:
    """Make rows as a table reads: the label, then each figure behind the year over it."""
    years = sorted(dice.sample(range(2005, 2026), 3), reverse=True)
    things = dice.sample(_THINGS, 6)
    right, column = dice.randrange(len(things)), dice.randrange(len(years))
    lines, span = [], (0, 0)
    for i, thing in enumerate(things):
        line = thing.capitalize()
        for j, year in enumerate(years):
            figure = f"{dice.randint(1, 9999):,}"
            line += f"; {year}: {figure}"
            if (i, j) == (right, column):
                span = len(line) - len(figure), len(line)
        lines.append(line)
    question = f"How much was {things[right]} in {years[column]}?"
    return MadeForm(question, dice.choice(["", "Key figures"]), lines, right, span)
