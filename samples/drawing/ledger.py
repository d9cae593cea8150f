"""The figures of Brightwell Orchards, Inc., in thousands of dollars.

Single amounts are given; every sum, and whatever must agree between two statements, is computed.
Pairs are (fiscal 2024, fiscal 2023).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

Pair = tuple[int, int]
Lines = tuple[tuple[str, Pair], ...]


def add(pairs: Iterable[Pair]) -> Pair:
    """Year by year sums."""
    years = list(zip(*pairs, strict=True))
    return sum(years[0]), sum(years[1])


def total(lines: Lines) -> Pair:
    """The sum of the named lines."""
    return add(pair for _, pair in lines)


def less(first: Pair, second: Pair) -> Pair:
    """Year by year differences."""
    return first[0] - second[0], first[1] - second[1]


# -- income ---------------------------------------------------------------------------------------

SEGMENTS: Lines = (
    ("Fresh fruit", (148_320, 141_905)),
    ("Juices and ciders", (112_745, 98_630)),
    ("Dried fruit and snacks", (64_210, 57_480)),
)
SEGMENT_PROFIT: Lines = (
    ("Fresh fruit", (19_870, 19_442)),
    ("Juices and ciders", (21_035, 17_260)),
    ("Dried fruit and snacks", (10_118, 8_935)),
)
REGIONS: Lines = (
    ("United States", (241_860, 224_315)),
    ("Canada", (52_430, 46_180)),
    ("Mexico", (19_215, 16_940)),
    ("Other countries", (11_770, 10_580)),
)
REVENUE = total(SEGMENTS)
COST_OF_SALES: Pair = (214_682, 199_370)
GROSS_PROFIT = less(REVENUE, COST_OF_SALES)
OPERATING: Lines = (
    ("Selling, marketing and distribution", (38_914, 35_260)),
    ("General and administrative", (21_476, 20_118)),
    ("Research and variety development", (4_205, 3_640)),
    ("Orchard impairment, spring frost", (2_850, 0)),
)
OPERATING_INCOME = less(GROSS_PROFIT, total(OPERATING))
OTHER: Lines = (
    ("Interest expense", (-5_312, -5_940)),
    ("Interest income", (684, 402)),
    ("Other, net", (-215, 138)),
)
BEFORE_TAX = add((OPERATING_INCOME, total(OTHER)))
TAX: Pair = (9_193, 8_385)
NET_INCOME = less(BEFORE_TAX, TAX)
SHARES: Pair = (18_200, 18_150)  # weighted average, thousands
DIVIDENDS: Pair = (7_280, 6_534)
UNALLOCATED = less(OPERATING_INCOME, total(SEGMENT_PROFIT))

# -- notes ----------------------------------------------------------------------------------------

INVENTORY: Lines = (
    ("Packed fruit and finished goods", (28_140, 25_870)),
    ("Juice and concentrate in tank", (14_265, 13_110)),
    ("Packaging materials", (6_388, 5_690)),
    ("Spare parts and supplies", (3_525, 3_235)),
)
DEBT: Lines = (
    ("Term loan, 5.85%, secured on land", (52_500, 59_000)),
    ("Equipment notes, 4.90% to 6.20%", (25_000, 27_000)),
)
DEBT_CURRENT: Pair = (9_000, 8_500)
MATURITIES = (
    ("2025", 9_000),
    ("2026", 9_500),
    ("2027", 11_000),
    ("2028", 12_500),
    ("2029", 35_500),
)


@dataclass(frozen=True)
class Plant:
    """One class of property over fiscal 2024; reductions are negative."""

    name: str
    opening: int
    additions: int
    transfers: int
    depreciation: int
    impairment: int
    disposals: int

    @property
    def row(self) -> tuple[int, ...]:
        """Opening balance, the five movements and the closing balance."""
        moves = (self.additions, self.transfers, self.depreciation, self.impairment, self.disposals)
        return (self.opening, *moves, self.opening + sum(moves))


PLANT = (
    Plant("Land", 31_200, 1_150, 0, 0, 0, 0),
    Plant("Orchards and trellis", 38_450, 6_480, 0, -4_310, -2_850, 0),
    Plant("Buildings and cold storage", 34_120, 5_230, 2_400, -3_890, 0, -120),
    Plant("Machinery and vehicles", 21_390, 9_060, 1_500, -6_660, 0, -520),
    Plant("Under construction", 4_320, 3_190, -3_900, 0, 0, 0),
)
PLANT_TOTAL = tuple(sum(column) for column in zip(*(item.row for item in PLANT), strict=True))

# -- cash flow and balance sheet ------------------------------------------------------------------

_CASH_2023 = 18_640
_PROCEEDS: Pair = (785, 410)
CURRENT_BUT_CASH: Lines = (
    ("Accounts receivable, net", (38_450, 35_120)),
    ("Inventories (Note 3)", total(INVENTORY)),
    ("Growing crops", (9_640, 8_815)),
    ("Prepaid expenses and other", (4_115, 3_870)),
)
INTANGIBLES = "Water rights and other intangibles, net"
LONG_ASSETS: Lines = (
    ("Property, plant and equipment, net (Note 4)", (PLANT_TOTAL[-1], PLANT_TOTAL[0])),
    ("Right-of-use assets", (11_325, 12_480)),
    ("Goodwill", (27_600, 27_600)),
    (INTANGIBLES, (8_910, 10_050)),
    ("Other assets", (3_205, 2_960)),
)
CURRENT_LIABILITIES: Lines = (
    ("Accounts payable", (29_470, 27_340)),
    ("Accrued wages and grower payments", (16_285, 15_102)),
    ("Current part of long-term debt (Note 5)", DEBT_CURRENT),
    ("Current lease liabilities", (2_140, 2_085)),
    ("Income taxes payable", (3_312, 2_906)),
)
LONG_LIABILITIES: Lines = (
    ("Long-term debt, less current part (Note 5)", less(total(DEBT), DEBT_CURRENT)),
    ("Lease liabilities, less current part", (9_620, 10_760)),
    ("Deferred income taxes", (12_480, 11_935)),
    ("Other long-term liabilities", (3_150, 3_420)),
)


def _change(lines: Lines, name: str) -> int:
    """How much a balance sheet line grew in fiscal 2024."""
    now, before = dict(lines)[name]
    return now - before


OPERATIONS: Lines = (
    ("Net income", NET_INCOME),
    ("Depreciation", (-PLANT_TOTAL[3], 13_975)),
    ("Amortization of intangibles", (-_change(LONG_ASSETS, INTANGIBLES), 1_140)),
    ("Orchard impairment", (-PLANT_TOTAL[4], 0)),
    ("Stock compensation", (1_720, 1_515)),
    ("Deferred income taxes", (_change(LONG_LIABILITIES, "Deferred income taxes"), 388)),
    ("Gain on sale of equipment", (-PLANT_TOTAL[5] - _PROCEEDS[0], -96)),
)
WORKING_CAPITAL: Lines = (
    ("Accounts receivable", (-_change(CURRENT_BUT_CASH, "Accounts receivable, net"), -2_745)),
    ("Inventories", (-_change(CURRENT_BUT_CASH, "Inventories (Note 3)"), -5_118)),
    ("Growing crops", (-_change(CURRENT_BUT_CASH, "Growing crops"), -640)),
    ("Accounts payable", (_change(CURRENT_LIABILITIES, "Accounts payable"), 1_876)),
    (
        "Accrued wages and grower payments",
        (_change(CURRENT_LIABILITIES, "Accrued wages and grower payments"), 922),
    ),
    (
        "Taxes, leases and other, net",
        (
            _change(CURRENT_LIABILITIES, "Income taxes payable")
            + _change(CURRENT_LIABILITIES, "Current lease liabilities")
            + _change(LONG_LIABILITIES, "Lease liabilities, less current part")
            + _change(LONG_LIABILITIES, "Other long-term liabilities")
            - _change(CURRENT_BUT_CASH, "Prepaid expenses and other")
            - _change(LONG_ASSETS, "Right-of-use assets")
            - _change(LONG_ASSETS, "Other assets"),
            -311,
        ),
    ),
)
FROM_OPERATIONS = add((total(OPERATIONS), total(WORKING_CAPITAL)))
INVESTING: Lines = (
    ("Purchases of property, plant and equipment", (-PLANT_TOTAL[1], -21_640)),
    ("Proceeds from sale of equipment", _PROCEEDS),
)
FINANCING: Lines = (
    ("Repayment of long-term debt", (total(DEBT)[0] - total(DEBT)[1], -8_500)),
    ("Dividends paid", (-DIVIDENDS[0], -DIVIDENDS[1])),
)
EXCHANGE: Pair = (335, -210)
CASH_CHANGE = add((FROM_OPERATIONS, total(INVESTING), total(FINANCING), EXCHANGE))
CASH_CLOSING: Pair = (_CASH_2023 + CASH_CHANGE[0], _CASH_2023)
CASH_OPENING = less(CASH_CLOSING, CASH_CHANGE)

CURRENT_ASSETS: Lines = (("Cash and cash equivalents", CASH_CLOSING), *CURRENT_BUT_CASH)
ASSETS = add((total(CURRENT_ASSETS), total(LONG_ASSETS)))
LIABILITIES = add((total(CURRENT_LIABILITIES), total(LONG_LIABILITIES)))
_PAID_IN: Lines = (
    ("Common stock, $0.01 par value", (182, 182)),
    ("Additional paid-in capital", (48_650, 46_930)),
)
_CURRENCY: Lines = (("Accumulated currency translation", (-1_120, -1_455)),)
# Only the opening balance is found by difference; fiscal 2024 then has to balance by itself.
_RETAINED_2023 = less(less(ASSETS, LIABILITIES), add((total(_PAID_IN), total(_CURRENCY))))[1]
RETAINED: Pair = (_RETAINED_2023 + NET_INCOME[0] - DIVIDENDS[0], _RETAINED_2023)
EQUITY: Lines = (*_PAID_IN, ("Retained earnings", RETAINED), *_CURRENCY)
