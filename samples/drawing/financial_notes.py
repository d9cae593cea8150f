"""The notes to the Brightwell Orchards statements, and the words around the figures."""

from __future__ import annotations

from drawing import ledger
from drawing.canvas import Canvas
from drawing.ledger import Lines
from drawing.tables import Look, Row, Table
from drawing.typeset import Type

MOSS, RUSSET, CREAM = "#33502e", "#a8432a", "#f6f1e3"
MARGIN = 64.0
WIDTH = 612.0 - 2 * MARGIN
BODY = Type("serif", 10, "#222222", 1.34)
NOTE_HEAD = Type("serif-bold", 12, MOSS)
LOOK = Look(
    body=Type("serif", 9.8, "#222222", 1.22),
    head_ink=MOSS,
    rule="#e2dfd2",
    pad_y=2.6,
    pad_x=5,
)

REVIEW_REPORT = (
    "To the directors and shareholders. We have reviewed the accompanying consolidated statements "
    "of Brightwell Orchards, Inc. A review consists mainly of analytical procedures applied to "
    "management's figures and of inquiries of company management; it is substantially less in "
    "scope than an audit, and we express no audit opinion.",
    "We visited the packing house at Tolliver Flats and observed the count of concentrate held in "
    "tank at June 30. We are not aware of any material modification that should be made to the "
    "statements for them to be in accordance with generally accepted accounting principles.",
)
FROST = (
    "**Spring frost.** On April 21 and 22, 2024 temperatures fell to 23 °F in the Upper Sennet "
    "blocks. About 310 acres of young cherry and apricot trees did not recover and were written "
    "off. The loss was not insured, because cover for trees under four years old had lapsed."
)
BASIS = (
    "The consolidated statements include Brightwell Orchards, Inc. and its three wholly owned "
    "subsidiaries: Sennet Valley Packing LLC, Brightwell Cider Works LLC and Pomme d'Or Canada "
    "Ltd. Balances between them are eliminated. Revenue is recognized when fruit leaves our dock, "
    "net of rebates and spoilage allowances. Growing crops are carried at the lower of cost and "
    "net realizable value until picked. Orchards are depreciated over 22 years from their third "
    "leaf; cold storage over 30 years; tractors and bins over 7."
)
DEBT_TEXT = (
    "The term loan from Cascara Farm Credit requires a ratio of funded debt to EBITDA below 2.75; "
    "at June 30, 2024 the ratio was 1.25. A revolving line of $30,000 matures in March 2027 and "
    "was undrawn at both year ends."
)


def money(value: int, dollar: bool = False) -> str:
    """1234 -> 1,234; -1234 -> (1,234); 0 -> a dash; with a dollar sign on request."""
    if value == 0:
        return "–"
    text = f"{abs(value):,}"
    text = f"$ {text}" if dollar else text
    return f"({text})" if value < 0 else text


def _pairs(lines: Lines) -> list[Row]:
    return [
        Row((name, *(money(value, index == 0) for value in pair)))
        for index, (name, pair) in enumerate(lines)
    ]


def _sum_row(name: str, lines: Lines) -> Row:
    return Row((name, *(money(value, True) for value in ledger.total(lines))), "total")


def segments(canvas: Canvas) -> None:
    """Note 1, the basis; note 2, segments and regions."""
    canvas.text(
        MARGIN, 80, "Notes to the Consolidated Financial Statements", Type("serif-bold", 15, MOSS)
    )
    canvas.text(MARGIN, 106, "Note 1. Basis of presentation and policies", NOTE_HEAD)
    y = canvas.paragraph(MARGIN, 112, WIDTH, BASIS, BODY, "justify") + 24
    canvas.text(MARGIN, y, "Note 2. Segments", NOTE_HEAD)
    text = (
        "Management runs the company as three segments. Head office costs, research and the frost "
        "impairment are not charged to them. Amounts are in thousands of US dollars."
    )
    y = canvas.paragraph(MARGIN, y + 6, WIDTH, text, BODY, "justify") + 10
    y = _segment_table(canvas, y) + 26
    canvas.text(MARGIN, y, "Net revenue by destination", NOTE_HEAD.at(10.5))
    table = Table((WIDTH - 220, 80, 80, 60), "lrrr", LOOK)
    rows = [Row(("", "2024", "2023", "Growth"), "head")]
    for index, (name, (now, before)) in enumerate(ledger.REGIONS):
        growth = f"{100 * (now - before) / before:.1f}%"
        rows.append(Row((name, money(now, index == 0), money(before, index == 0), growth)))
    now, before = ledger.total(ledger.REGIONS)
    growth = f"{100 * (now - before) / before:.1f}%"
    rows.append(Row(("Net revenue", money(now, True), money(before, True), growth), "total"))
    y = table.draw(canvas, MARGIN, y + 6, rows)
    text = (
        "One customer, the grocery chain Harrow & Finch, bought 14% of net revenue in 2024 and 16% "
        "in 2023, nearly all of it fresh fruit. No other customer exceeded 10%."
    )
    canvas.paragraph(MARGIN, y + 12, WIDTH, text, BODY, "justify")


def _segment_table(canvas: Canvas, y: float) -> float:
    """Revenue and operating income of each segment in both years."""
    table = Table((WIDTH - 320, 80, 80, 80, 80), "lrrrr", LOOK)
    head = ("", "Revenue 2024", "Revenue 2023", "Income 2024", "Income 2023")
    rows = [Row(head, "head")]
    profits = dict(ledger.SEGMENT_PROFIT)
    for index, (name, revenue) in enumerate(ledger.SEGMENTS):
        cells = (*revenue, *profits[name])
        rows.append(Row((name, *(money(value, index == 0) for value in cells))))
    rows.append(Row(("Corporate, not allocated", "–", "–", *map(money, ledger.UNALLOCATED))))
    sums = (*ledger.REVENUE, *ledger.OPERATING_INCOME)
    rows.append(Row(("Consolidated", *(money(value, True) for value in sums)), "total"))
    return table.draw(canvas, MARGIN, y, rows)


def balances(canvas: Canvas) -> None:
    """Notes 3 to 5: inventories, property and debt."""
    canvas.text(MARGIN, 80, "Note 3. Inventories", NOTE_HEAD)
    table = Table((WIDTH - 180, 90, 90), "lrr", LOOK)
    head = Row(("At June 30", "2024", "2023"), "head")
    rows = [head, *_pairs(ledger.INVENTORY), _sum_row("Total inventories", ledger.INVENTORY)]
    y = table.draw(canvas, MARGIN, 86, rows) + 30
    canvas.text(MARGIN, y, "Note 4. Property, plant and equipment", NOTE_HEAD)
    y = _plant_table(canvas, y + 6) + 14
    text = (
        "Transfers put into service the second controlled-atmosphere store at Tolliver Flats and "
        "an optical sorting line. Interest of $212 was capitalized on them."
    )
    y = canvas.paragraph(MARGIN, y, WIDTH, text, BODY, "justify") + 26
    canvas.text(MARGIN, y, "Note 5. Long-term debt", NOTE_HEAD)
    rows = [head, *_pairs(ledger.DEBT), _sum_row("Total debt", ledger.DEBT)]
    y = table.draw(canvas, MARGIN, y + 6, rows) + 12
    y = canvas.paragraph(MARGIN, y, WIDTH, DEBT_TEXT, BODY, "justify") + 12
    widths = [WIDTH / 6] * 6
    years, amounts = zip(*ledger.MATURITIES, strict=True)
    due = [money(value, index == 0) for index, value in enumerate(amounts)]
    rows = [
        Row((*(f"Fiscal {year}" for year in years), "Total"), "head"),
        Row((*due, money(sum(amounts), True))),
    ]
    canvas.text(MARGIN, y + 10, "Principal falling due", NOTE_HEAD.at(10.5))
    Table(widths, "rrrrrr", LOOK).draw(canvas, MARGIN, y + 16, rows)


def _plant_table(canvas: Canvas, y: float) -> float:
    """Net book values from opening to closing, by class."""
    widths = (108, 53, 50, 50, 62, 58, 50, 53)
    look = Look(
        body=Type("serif", 8.6, "#222222", 1.22),
        head_ink=MOSS,
        rule=LOOK.rule,
        pad_x=3.5,
        pad_y=2.6,
    )
    head = (
        "Net book value",
        "June 30, 2023",
        "Additions",
        "Transfers",
        "Depreciation",
        "Impairment",
        "Disposals",
        "June 30, 2024",
    )
    rows = [Row(head, "head")]
    for item in ledger.PLANT:
        rows.append(Row((item.name, *map(money, item.row))))
    rows.append(Row(("Total", *map(money, ledger.PLANT_TOTAL)), "total"))
    return Table(widths, "lrrrrrrr", look).draw(canvas, MARGIN, y, rows)
