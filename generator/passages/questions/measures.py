"""Knows what is measured: words that ask for a quantity, words that name it, the units it comes in.

"How tight" asks for a torque, a torque is named `torque` in the head of a column and comes in Nm. The list is
of everyday English, metric and customary units; a quantity that is missing here is found by its words alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

CURRENCY = (
    r"[$€£¥₹¢]|(?:US|C|A|HK)\$|\b(?:EUR|USD|CHF|GBP|JPY|CAD|AUD|SEK|NOK|DKK|PLN|INR|Rs\.?)(?![^\W\d_])"
    r"|\b(?:euros?|dollars?|pounds?|francs?|cents?|ct|pence|yen|rupees|kroner|krona|shekels|rubles|zloty)\b"
)
TIME = r"(?:seconds?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?|quarters?|years?)"
_LENGTH = (
    r"(?:mm|cm|dm|km|m|miles?|met(?:er|re)s?|kilomet(?:er|re)s?|inch(?:es)?|feet|foot|ft|yards?)"
)


@dataclass(frozen=True, slots=True)
class Measure:
    """A quantity.

    asks   pattern of questions in lower case that ask for it
    names  stems of the words that name it on a page
    units  pattern of its units, case kept
    """

    asks: re.Pattern[str]
    names: frozenset[str]
    units: re.Pattern[str]

    def has_unit(self, text: str) -> bool:
        return self.units.search(text) is not None

    def in_units(self, units: str) -> Measure:
        """Return the same quantity in nothing but some units, a pattern with their case kept."""
        return replace(self, units=_alone(units))


def _measure(asks: str, names: str, units: str) -> Measure:
    return Measure(re.compile(asks), frozenset(names.split()), _alone(units))


def _alone(units: str) -> re.Pattern[str]:
    """Return the pattern of units that stand alone or behind a figure: `5 m`, `5m`, `Torque, Nm`, `(kg)`."""
    return re.compile(rf"(?<![^\W\d_])(?:{units})(?![^\W_])")


MONEY = _measure(
    r"\b(costs?|prices?|priced|fees?|paid|pays?|payment|charged?|charges|worth|rent|salary|deposit"
    r"|amount|expensive|cheap|money|fine|penalty|budget|wages?|premium|compensation|bonus(?:es)?|dividends?|earns?"
    r"|spen[dt]s?|owes?)\b",
    "cost price fee pay charge rate rent salary deposit amount total tariff premium",
    CURRENCY,
)
TORQUE = _measure(
    r"\b(how tight|tighten(ed)?|torques?)\b", "torque tighten", r"k?N·?\s?m|lbf?[·-]?ft"
)
LENGTH = _measure(
    r"\bhow (deep|far( apart)?|high|long|tall|thick|wide)\b|\b(length|width|height|depth|diameter|distance"
    r"|thickness|clearance|range)\b",
    "length width height depth diameter distance thickness range size",
    _LENGTH,
)
DURATION = _measure(
    r"\bhow (long|soon|quickly|old)\b|\bhow (many|much) "
    + TIME
    + r"\b|\b(period|duration|deadline|time limit)\b",
    "period duration term time age",
    TIME,
)
MASS = _measure(
    r"\bhow heavy\b|\b(weights?|weighs?|mass)\b",
    "weight mass load",
    r"kg|g|mg|t|lbs?|oz|tonnes?|tons?|kilograms?|grams?|kilos?",
)
PRESSURE = _measure(r"\bpressures?\b", "pressure", r"m?bar|[kMh]?Pa|psi|pascals?|atm")
TEMPERATURE = _measure(
    r"\bhow (cold|hot|warm)\b|\btemperatures?\b", "temperature temp", r"°\s?[CF]|K|degrees?"
)
CURRENT = _measure(r"\bcurrents?\b|\bamps?\b|\bamperes?\b", "current", r"m?A|amps?|amperes?")
VOLTAGE = _measure(r"\bvoltages?\b|\bvolts?\b", "voltage", r"m?k?V|volts?")
POWER = _measure(
    r"\bpowers?\b|\bwatts?\b|\boutput\b", "power output rate", r"[mkMG]?W|hp|kVA|watts?"
)
ENERGY = _measure(r"\benergy\b|\belectricity\b", "energy consumption", r"[kMGT]Wh|[kM]?J|kcal")
SPEED = _measure(
    r"\bhow (fast|quick)\b|\bspeeds?\b",
    "speed velocity",
    r"km/h|m/s|mph|knots?|kn|rpm|r/min|min-1|1/min",
)
VOLUME = _measure(
    r"\bhow much (water|oil|coolant|fuel|liquid|fluid|air|gas|milk)\b|\b(capacity|volume|flow)\b",
    "capacity volume flow fill content",
    r"[mcdµ]?[lL]|lit(?:er|re)s?|gal(?:lons?)?|m[3³](?:/[hsd])?|l/(?:s|min|h)|t/d(?:ay)?|megalit(?:er|re)s?",
)
AREA = _measure(
    r"\b(area|surface)\b|\bhow (big|large)\b",
    "area surface size",
    r"[cmk]?m[2²]|ha|hectares?|acres?",
)
SHARE = _measure(
    r"\bpercent(age)?\b|\bproportion\b|\bwhat (is the )?(rate|share)\b|\bhow likely\b",
    "percent percentage share rate proportion margin",
    r"%|percent|per cent",
)
FORCE = _measure(r"\b(what|which|how much|pulling|breaking) force\b", "force", r"[kM]N|newtons?")
FREQUENCY = _measure(r"\bfrequenc(y|ies)\b", "frequency", r"[kMGT]?Hz|hertz")
SOUND = _measure(
    r"\bhow (loud|noisy|quiet)\b|\b(noise|sound) (level|pressure|power)\b",
    "noise sound loud level",
    r"dB(?:\s?\(?A\)?)?|decibels?",
)
STORAGE = _measure(
    r"\bhow much (memory|storage|ram|disk|data)\b|\bfile size\b",
    "memory storage ram disk size",
    r"[kKMGTP]i?B|(?:kilo|mega|giga|tera)?bytes?",
)
LIGHT = _measure(
    r"\bhow bright\b|\b(brightness|luminous flux)\b", "brightness light flux", r"lm|lx|lumens?|lux"
)
RESISTANCE = _measure(r"\bresistances?\b", "resistance", r"[kM]?[ΩΩ]|ohms?")

MEASURES = (
    SHARE, MONEY, TORQUE, DURATION, LENGTH, MASS, PRESSURE, TEMPERATURE, CURRENT, VOLTAGE, POWER, ENERGY,
    SPEED, VOLUME, AREA, FORCE, FREQUENCY, SOUND, STORAGE, LIGHT, RESISTANCE,
)  # fmt: skip
ANY_UNIT = "|".join(measure.units.pattern for measure in MEASURES)
# What lasts or takes so long is no length.
_ASKS_TIME = re.compile(
    r"\bhow long\b.*\b(?:lasts?|takes?|took|stays?|keeps?|kept|waits?|remains?|valid|runs?|continues?)\b"
)
_HEAD_UNIT = re.compile(
    rf"(?:[,;]\s*|[(\[]\s*)(?:in\s+)?(?P<unit>(?:{ANY_UNIT})[^\s,;()\[\]]*)\s*[)\]]?\s*$"
    rf"|(?<!\ba)(?<!\ban)(?<!\bper)(?<!\beach)(?<!\bevery)\s(?P<last>{ANY_UNIT})\s*$"
)


def asking_words(question: str, measures: Iterable[Measure]) -> str:
    """Return the words of a question that only say what is to be measured: `voltage`, `loud`.

    question  in lower case

    A page that gives a figure in volts need not say "voltage", but has to name the oil of "how much oil", and
    what is paid or lasts ("salary", "deadline") is more than its measure.
    """
    matches = (m.asks.search(question) for m in measures if m not in (MONEY, DURATION))
    phrases = (match[0].removeprefix("how ") for match in matches if match is not None)
    return " ".join(phrase for phrase in phrases if not phrase.startswith(("much ", "many ")))


def measures_in(question: str) -> tuple[Measure, ...]:
    """Return what a question asks for; a length of time and a length may both be meant by "how long"."""
    lower_case = question.lower()
    measures = tuple(measure for measure in MEASURES if measure.asks.search(lower_case))
    if _ASKS_TIME.search(lower_case):
        return tuple(measure for measure in measures if measure is not LENGTH)
    return measures


def unit_of_head(head: str) -> str:
    """Return the unit that the head of a column ends with (`Torque, Nm`, `Price (EUR)`); empty without."""
    match = _HEAD_UNIT.search(head)
    if match is None:
        return ""
    if match["unit"]:
        return match["unit"]
    last = match["last"]
    is_letter = len(last) == 1 and last.isupper()  # `Team A` is no current
    return "" if is_letter else last
