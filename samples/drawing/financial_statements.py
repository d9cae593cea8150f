"""The consolidated financial statements of Brightwell Orchards, Inc.: cover and statements."""

from __future__ import annotations

import pymupdf

from drawing import financial_notes, ledger
from drawing.canvas import Canvas
from drawing.ledger import Lines, Pair
from drawing.press import LETTER, Sample
from drawing.tables import Row, Table
from drawing.typeset import Type

MOSS, RUSSET, CREAM = financial_notes.MOSS, financial_notes.RUSSET, financial_notes.CREAM
MARGIN, WIDTH, BODY = financial_notes.MARGIN, financial_notes.WIDTH, financial_notes.BODY
money = financial_notes.money


def _furniture(canvas: Canvas, number: int) -> None:
    small = Type("serif", 8.5, "#5c5c50")
    canvas.text(MARGIN, 42, "BRIGHTWELL ORCHARDS, INC. AND SUBSIDIARIES", small.bold().tint(MOSS))
    canvas.line((MARGIN, 49), (MARGIN + WIDTH, 49), MOSS, 1.2)
    canvas.text(MARGIN + WIDTH / 2, 762, f"F-{number}", small, "center")


def _heading(canvas: Canvas, title: str, period: str) -> float:
    middle = MARGIN + WIDTH / 2
    canvas.text(middle, 84, title, Type("serif-bold", 16, MOSS), "center")
    canvas.text(middle, 101, period, Type("serif-italic", 10.5, "#444444"), "center")
    canvas.text(middle, 115, "(in thousands of US dollars)", Type("serif", 9, "#666666"), "center")
    return 130.0


def _row(name: str, pair: Pair, kind: str = "body", dollar: bool = False) -> Row:
    return Row((name, *(money(value, dollar) for value in pair)), kind)


def _rows(lines: Lines, dollar: bool = False) -> list[Row]:
    return [_row(name, pair, "body", dollar and i == 0) for i, (name, pair) in enumerate(lines)]


def _statement(canvas: Canvas, y: float, head: tuple[str, str], rows: list[Row]) -> float:
    table = Table((WIDTH - 180, 90, 90), "lrr", financial_notes.LOOK)
    return table.draw(canvas, MARGIN, y, [Row(("", *head), "head"), *rows])


def _cover(canvas: Canvas) -> None:
    canvas.rect(0, 0, 190, canvas.height, fill=MOSS)
    for index in range(9):  # an orchard in rows, seen from above
        for row in range(3):
            centre = (40 + row * 55, 70 + index * 82)
            canvas.circle(centre, 20, fill="#5b7a4b" if (index + row) % 3 else "#6f8f5a")
            canvas.circle((centre[0] + 6, centre[1] - 5), 3.2, fill="#c9553a")
            canvas.circle((centre[0] - 7, centre[1] + 6), 3.2, fill="#c9553a")
    x, wide = 222.0, 336.0
    canvas.text(x, 120, "Brightwell Orchards, Inc.", Type("serif-bold", 25, MOSS))
    canvas.text(x, 146, "and subsidiaries", Type("serif-italic", 15, "#555544"))
    canvas.line((x, 166), (x + wide, 166), RUSSET, 1.5)
    canvas.text(x, 196, "Consolidated Financial Statements", Type("serif", 17, "#222222"))
    canvas.text(x, 217, "Fiscal years ended June 30, 2024 and 2023", Type("serif", 12, "#444444"))
    index = (
        ("Consolidated balance sheets", "F-2"),
        ("Consolidated statements of income", "F-3"),
        ("Consolidated statements of cash flows", "F-4"),
        ("Notes 1 and 2: basis and segments", "F-5"),
        ("Notes 3 to 5: inventories, property and debt", "F-6"),
    )
    table = Table((wide - 50, 50), "lr", financial_notes.LOOK)
    y = table.draw(canvas, x, 262, [Row(("Index", "Page"), "head"), *map(Row, index)])
    canvas.text(x, y + 44, "Accountant's review report", Type("serif-bold", 13, MOSS))
    for text in financial_notes.REVIEW_REPORT:
        y = canvas.paragraph(x, y + (56 if "directors" in text else 8), wide, text, BODY)
    canvas.text(x, y + 34, "Quimby, Aldous & Farr LLP", Type("serif-italic", 15, "#222222"))
    canvas.text(x, y + 52, "Port Lavenham, September 12, 2024", BODY)


def _balance_sheet(canvas: Canvas) -> None:
    y = _heading(canvas, "Consolidated Balance Sheets", "As of June 30")
    capital = ledger.total(ledger.EQUITY)
    rows = [
        Row(("Assets",), "section"),
        *_rows(ledger.CURRENT_ASSETS, dollar=True),
        _row("Total current assets", ledger.total(ledger.CURRENT_ASSETS), "subtotal"),
        *_rows(ledger.LONG_ASSETS),
        _row("Total assets", ledger.ASSETS, "total", True),
        Row(("Liabilities",), "section"),
        *_rows(ledger.CURRENT_LIABILITIES, dollar=True),
        _row("Total current liabilities", ledger.total(ledger.CURRENT_LIABILITIES), "subtotal"),
        *_rows(ledger.LONG_LIABILITIES),
        _row("Total liabilities", ledger.LIABILITIES, "subtotal"),
        Row(("Shareholders' equity",), "section"),
        *_rows(ledger.EQUITY),
        _row("Total shareholders' equity", capital, "subtotal"),
        _row(
            "Total liabilities and equity", ledger.add((ledger.LIABILITIES, capital)), "total", True
        ),
    ]
    y = _statement(canvas, y, ("2024", "2023"), rows)
    note = "The accompanying notes are an integral part of these statements."
    canvas.text(MARGIN, y + 22, note, BODY.italic().at(8.8))


def _income(canvas: Canvas) -> None:
    y = _heading(canvas, "Consolidated Statements of Income", "Fiscal years ended June 30")
    rows = [
        Row(("Net revenue by product",), "section"),
        *_rows(ledger.SEGMENTS, dollar=True),
        _row("Net revenue", ledger.REVENUE, "subtotal"),
        _row("Cost of goods sold", ledger.COST_OF_SALES),
        _row("Gross profit", ledger.GROSS_PROFIT, "subtotal"),
        Row(("Operating expenses",), "section"),
        *_rows(ledger.OPERATING),
        _row("Total operating expenses", ledger.total(ledger.OPERATING), "subtotal"),
        _row("Operating income", ledger.OPERATING_INCOME, "subtotal"),
        Row(("Other income and expense",), "section"),
        *_rows(ledger.OTHER),
        _row("Income before income taxes", ledger.BEFORE_TAX, "subtotal"),
        _row("Income tax expense", ledger.TAX),
        _row("Net income", ledger.NET_INCOME, "total", True),
    ]
    y = _statement(canvas, y, ("2024", "2023"), rows) + 14
    per_share = [
        f"${income / shares:.2f}"
        for income, shares in zip(ledger.NET_INCOME, ledger.SHARES, strict=True)
    ]
    shares = [
        Row(("Per share",), "section"),
        Row(("Net income per share, basic and diluted", *per_share)),
        Row(("Cash dividends declared per share", "$0.40", "$0.36")),
        Row(("Weighted average shares, thousands", *(f"{value:,}" for value in ledger.SHARES))),
    ]
    y = Table((WIDTH - 180, 90, 90), "lrr", financial_notes.LOOK).draw(canvas, MARGIN, y, shares)
    canvas.rect(MARGIN, y + 22, WIDTH, 54, fill=CREAM)
    canvas.rect(MARGIN, y + 22, 3, 54, fill=RUSSET)
    canvas.paragraph(MARGIN + 14, y + 29, WIDTH - 28, financial_notes.FROST, BODY)


def _cash_flow(canvas: Canvas) -> None:
    y = _heading(canvas, "Consolidated Statements of Cash Flows", "Fiscal years ended June 30")
    rows = [
        Row(("Operating activities",), "section"),
        *_rows(ledger.OPERATIONS, dollar=True),
        Row(("Changes in operating assets and liabilities",), "section"),
        *_rows(ledger.WORKING_CAPITAL),
        _row("Net cash from operating activities", ledger.FROM_OPERATIONS, "subtotal"),
        Row(("Investing activities",), "section"),
        *_rows(ledger.INVESTING),
        _row("Net cash used in investing", ledger.total(ledger.INVESTING), "subtotal"),
        Row(("Financing activities",), "section"),
        *_rows(ledger.FINANCING),
        _row("Net cash used in financing", ledger.total(ledger.FINANCING), "subtotal"),
        _row("Effect of exchange rates on cash", ledger.EXCHANGE),
        _row("Net increase in cash", ledger.CASH_CHANGE, "subtotal"),
        _row("Cash and cash equivalents, beginning of year", ledger.CASH_OPENING),
        _row("Cash and cash equivalents, end of year", ledger.CASH_CLOSING, "total", True),
    ]
    y = _statement(canvas, y, ("2024", "2023"), rows)
    note = "Cash paid for interest was $5,268 in 2024 and $5,901 in 2023; for income taxes, $8,242 "
    canvas.paragraph(MARGIN, y + 16, WIDTH, note + "and $7,760.", BODY.italic().at(8.8))


PAGES = (
    _balance_sheet,
    _income,
    _cash_flow,
    financial_notes.segments,
    financial_notes.balances,
)


def _build(document: pymupdf.Document) -> None:
    canvas = Canvas(document.new_page(width=LETTER[0], height=LETTER[1]))
    _cover(canvas)
    canvas.finish()
    for number, draw in enumerate(PAGES, start=2):
        canvas = Canvas(document.new_page(width=LETTER[0], height=LETTER[1]))
        _furniture(canvas, number)
        draw(canvas)
        canvas.finish()


SAMPLE = Sample(
    "financial-statements.pdf",
    "Consolidated Financial Statements, fiscal 2024",
    "Brightwell Orchards, Inc.",
    "20240912",
    _build,
)
