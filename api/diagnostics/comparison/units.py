"""Units, currencies and words of size, each by the one name that they are compared by."""

from __future__ import annotations

_UNITS = """
% percent pct
eur euro euros €
usd dollar dollars $ us$
gbp pound pounds £
chf franc francs sfr
jpy yen ¥
inr rupee rupees rs ₹
rub ruble rubles rouble roubles ₽ рублей рубля руб
ils shekel shekels nis ₪ שקלים שקל ש"ח
cny yuan rmb 元
mm millimetre millimetres millimeter millimeters
cm centimetre centimetres centimeter centimeters
m metre metres meter meters
km kilometre kilometres kilometer kilometers
mi mile miles
ft foot feet
in inch inches
mg milligram milligrams
g gram grams gramme grammes
kg kilogram kilograms kilo kilos
t tonne tonnes ton tons
ml millilitre millilitres milliliter milliliters
l litre litres liter liters
megalitre megalitres megaliter megaliters
s second seconds sec
min minute minutes mins
h hour hours hr hrs
day days tag tage tagen
week weeks
month months monat monate monaten
year years yr yrs
bar bars
mbar millibar
pa pascal pascals
kpa kilopascal kilopascals
mpa megapascal megapascals
psi
nm
n newton newtons
w watt watts
kw kilowatt kilowatts
mw megawatt megawatts
kwh kilowatt-hour kilowatt-hours
mwh megawatt-hour megawatt-hours
gwh gigawatt-hour gigawatt-hours
v volt volts
mv millivolt millivolts
a amp amps ampere amperes
hz hertz
khz kilohertz
mhz megahertz
ghz gigahertz
rpm
°c celsius
°f fahrenheit
km/h kph kmh
mph
b byte bytes
kb kilobyte kilobytes
mb megabyte megabytes
gb gigabyte gigabytes
tb terabyte terabytes
dpi
"""
UNITS: dict[str, str] = {
    word: words[0] for words in map(str.split, _UNITS.strip().splitlines()) for word in words
}
CURRENCIES = frozenset({"eur", "usd", "gbp", "chf", "jpy", "inr", "rub", "ils", "cny"})

# Powers of ten.
SCALES: dict[str, int] = {
    "k": 3, "thousand": 3, "thousands": 3,
    "lakh": 5, "lakhs": 5, "lac": 5, "lacs": 5,
    "mn": 6, "mio": 6, "million": 6, "millions": 6,
    "crore": 7, "crores": 7,
    "bn": 9, "billion": 9, "billions": 9,
    "tn": 12, "trillion": 12, "trillions": 12,
}  # fmt: skip
# `m` and `b` are millions and billions only where they stand at a sum of money.
MONEY_SCALES: dict[str, int] = {"m": 6, "b": 9}


def unit_of(text: str) -> str:
    """Return the name that a unit is compared by; empty when `text`, in small letters, is none.

    A rate such as t/day is made of two units.
    """
    if text in UNITS:
        return UNITS[text]
    upper, slash, lower = text.partition("/")
    if slash and upper in UNITS and lower in UNITS:
        return f"{UNITS[upper]}/{UNITS[lower]}"
    return ""
