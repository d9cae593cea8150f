"""Knows units as questions name them and as pages write them: "how many litres" is answered by `2.5 l`.

Everyday English, metric and customary units; what is missing here is found by its words alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from generator.passages.questions.measures import (
    AREA,
    CURRENT,
    DURATION,
    ENERGY,
    FORCE,
    FREQUENCY,
    LENGTH,
    LIGHT,
    MASS,
    MONEY,
    POWER,
    PRESSURE,
    RESISTANCE,
    SHARE,
    SOUND,
    SPEED,
    STORAGE,
    TEMPERATURE,
    TORQUE,
    VOLTAGE,
    VOLUME,
    Measure,
)

# What is measured; how a question in lower case names the unit; how pages write it beside that, case kept.
_UNITS = (
    (MASS, r"milligram(?:me)?s?|mg", "mg"),
    (MASS, r"gram(?:me)?s?|g", "g|gr|gm"),
    (MASS, r"kilograms?|kilos?|kg", "kg"),
    (MASS, r"(?:metric )?ton(?:ne)?s?|t", "t"),
    (MASS, r"ounces?|oz", r"oz\.?"),
    (MASS, r"lbs?", r"lbs?\.?|pounds?"),
    (LENGTH, r"micromet(?:re|er)s?|microns?|µm", "[µμ]m"),
    (LENGTH, r"millimet(?:re|er)s?|mm", "mm"),
    (LENGTH, r"centimet(?:re|er)s?|cm", "cm"),
    (LENGTH, r"kilomet(?:re|er)s?|km", "km"),
    (LENGTH, r"met(?:re|er)s?|m", "m"),
    (LENGTH, r"inch(?:es)?", r"in\.?|[″”\"]"),
    (LENGTH, r"feet|foot|ft", r"ft\.?|[′’']"),
    (LENGTH, r"yards?", r"yds?\.?"),
    (LENGTH, r"miles?", r"mi\.?"),
    (AREA, r"square millimet(?:re|er)s?|mm2", r"mm[2²]|sq\.? ?mm"),
    (AREA, r"square centimet(?:re|er)s?|cm2", r"cm[2²]|sq\.? ?cm"),
    (AREA, r"square kilomet(?:re|er)s?|km2", r"km[2²]|sq\.? ?km"),
    (AREA, r"square met(?:re|er)s?|m2|sqm", r"m[2²]|sq\.? ?m|sqm"),
    (AREA, r"square (?:feet|foot)|sq\.? ft", r"sq\.? ?ft\.?|ft[2²]"),
    (AREA, r"square miles?", r"sq\.? ?mi\.?|mi[2²]"),
    (AREA, r"hectares?|ha", "ha"),
    (AREA, r"acres?", "ac"),
    (VOLUME, r"millilit(?:re|er)s?|ml", "m[lL]"),
    (VOLUME, r"centilit(?:re|er)s?|cl", "c[lL]"),
    (VOLUME, r"lit(?:re|er)s?|l", "[lLℓ]"),
    (VOLUME, r"cubic met(?:re|er)s?|m3", r"m[3³]|cu\.? ?m"),
    (VOLUME, r"cubic centimet(?:re|er)s?|cm3|cc", r"cm[3³]|cc|ccm"),
    (VOLUME, r"cubic (?:feet|foot)", r"cu\.? ?ft\.?|ft[3³]"),
    (VOLUME, r"gallons?", r"gals?\.?"),
    (VOLUME, r"barrels?", "bbls?"),
    (DURATION, r"milliseconds?|ms", "ms|msec"),
    (DURATION, r"seconds?|secs?", r"s|secs?\.?"),
    (DURATION, r"minutes?|mins?", r"mins?\.?"),
    (DURATION, r"hours?|hrs?", r"h|hrs?\.?"),
    (DURATION, r"days?", "d"),
    (DURATION, r"weeks?", r"wks?\.?"),
    (DURATION, r"months?", r"mo\.?|mths?\.?"),
    (DURATION, r"years?", r"yrs?\.?"),
    (PRESSURE, r"bar", "bar"),
    (PRESSURE, r"millibars?|mbar", "mbar"),
    (PRESSURE, r"kilopascals?|kpa", "kPa"),
    (PRESSURE, r"megapascals?|mpa", "MPa"),
    (PRESSURE, r"hectopascals?|hpa", "hPa"),
    (PRESSURE, r"pascals?|pa", "Pa"),
    (PRESSURE, r"psi|pounds per square inch", r"psi|lbf?/in[2²]"),
    (TEMPERATURE, r"degrees(?: (?:celsius|centigrade|c))?|°c", r"°\s?[CF]?|℃|deg\.?(?: [CF])?"),
    (TEMPERATURE, r"degrees fahrenheit|°f", r"°\s?F|℉"),
    (TEMPERATURE, r"kelvins?", "K"),
    (CURRENT, r"milliamp(?:ere)?s?|ma", "mA"),
    (CURRENT, r"amp(?:ere)?s?", "A"),
    (VOLTAGE, r"kilovolts?|kv", "kV"),
    (VOLTAGE, r"millivolts?|mv", "mV"),
    (VOLTAGE, r"volts?|v", r"V(?:AC|DC)?"),
    (POWER, r"kilowatts?|kw", r"kW(?:el|p)?"),
    (POWER, r"megawatts?|mw", "MW"),
    (POWER, r"gigawatts?|gw", "GW"),
    (POWER, r"watts?|w", "W"),
    (POWER, r"horsepower|hp", "hp|HP|bhp|PS"),
    (ENERGY, r"kilowatt[ -]hours?|kwh", "kWh"),
    (ENERGY, r"megawatt[ -]hours?|mwh", "MWh"),
    (ENERGY, r"gigawatt[ -]hours?|gwh", "GWh"),
    (ENERGY, r"kilojoules?|kj", "kJ"),
    (ENERGY, r"joules?", "J"),
    (ENERGY, r"(?:kilo)?calories?|kcal", "kcal|Cal|cal"),
    (SPEED, r"kilomet(?:re|er)s (?:per|an) hour|km/h|kph", r"km/h|kph|kmh"),
    (SPEED, r"miles (?:per|an) hour|mph", "mph"),
    (SPEED, r"met(?:re|er)s (?:per|a) second|m/s", r"m/s|m s-1"),
    (SPEED, r"(?:revolutions|rotations|turns) (?:per|a) minute|rpm", r"r\.?p\.?m\.?|r/min|1/min|min-1"),
    (SPEED, r"knots?", "kn|kts?"),
    (TORQUE, r"newton[ -]?met(?:re|er)s?|nm", r"N·?\s?m"),
    (TORQUE, r"foot[ -]pounds?", r"lbf?[·-]?ft|ft[·-]?lbf?s?"),
    (FORCE, r"kilonewtons?|kn", "kN"),
    (FORCE, r"newtons?", "N"),
    (FREQUENCY, r"kilohertz|khz", "kHz"),
    (FREQUENCY, r"megahertz|mhz", "MHz"),
    (FREQUENCY, r"gigahertz|ghz", "GHz"),
    (FREQUENCY, r"hertz|hz", "Hz"),
    (SOUND, r"decibels?|db", r"dB(?:\s?\(?A\)?)?"),
    (STORAGE, r"kilobytes?|kb", "[kK]i?B"),
    (STORAGE, r"megabytes?|mb", "Mi?B|MBytes?"),
    (STORAGE, r"gigabytes?|gb", "Gi?B|GBytes?"),
    (STORAGE, r"terabytes?|tb", "Ti?B|TBytes?"),
    (LIGHT, r"lumens?|lm", "lm"),
    (LIGHT, r"lux", "lx"),
    (RESISTANCE, r"kilo-?ohms?", "k[ΩΩ]"),
    (RESISTANCE, r"ohms?", "[ΩΩ]"),
    (SHARE, r"per ?cent|percentage points?", r"%|pp"),
    (MONEY, r"euros?", r"€|EUR"),
    (MONEY, r"(?:us )?dollars?", r"(?:US|C|A|HK)?\$|USD"),
    (MONEY, r"pounds?", r"£|GBP|lbs?\.?"),
    (MONEY, r"francs?", "CHF|Fr\\."),
    (MONEY, r"yen", "¥|JPY"),
    (MONEY, r"rupees?", r"₹|Rs\.?|INR"),
    (MONEY, r"cents?", "ct|cts|¢"),
    (MONEY, r"pence", "p"),
)  # fmt: skip
# A sign of one letter is a unit only where a number of it is asked for: `in m` names none.
_COUNTS = r"\b(?:how many|what number of)(?: more| fewer| additional| extra| full| whole)? "
_EXPRESSES = r"\bin "
_AT_END = r"(?=\s*(?:[?.,;:)]|$))"


@dataclass(frozen=True, slots=True)
class UnitAsked:
    """A unit that a question wants its answer in.

    words         as the question writes it, in lower case
    measure       what is measured, in whichever unit
    in_this_unit  the same in nothing but this unit
    """

    words: str
    measure: Measure
    in_this_unit: Measure


def unit_asked_for(question: str) -> UnitAsked | None:
    """Return the unit that a question counts ("how many grams") or wants its answer in ("in grams").

    question  in lower case
    """
    match = _pattern().search(question)
    if match is None:
        return None
    words = match["counted"] or match["expressed"]
    for measure, names, signs in _UNITS:
        if re.fullmatch(names, words):
            pattern = rf"{signs}|(?i:(?!\w\b)(?:{names}))"
            return UnitAsked(words, measure, measure.in_units(pattern))
    raise AssertionError(words)  # each alternative of the pattern is one of the units


@cache
def _pattern() -> re.Pattern[str]:
    # The longest first: `kilowatt hours` before `kilowatts`.
    names = "|".join(sorted((names for _, names, _ in _UNITS), key=len, reverse=True))
    return re.compile(
        f"{_COUNTS}(?P<counted>{names})\\b|{_EXPRESSES}(?P<expressed>(?!\\w\\b)(?:{names})){_AT_END}"
    )
