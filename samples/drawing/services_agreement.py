"""The services agreement: cover, contents, clauses that flow over pages, schedules, signatures."""

from __future__ import annotations

import math

import pymupdf

from drawing.agreement_flow import BODY, FRONT_PAGES, GREY, HEAD, MARGIN, NAVY, WIDTH, Flow
from drawing.agreement_rest import COUNTRIES, DISCOUNTS, FEES, LAST_CLAUSES, SIGNATURES
from drawing.agreement_text import BACKGROUND, CUSTOMER, FIRST_CLAUSES, SUPPLIER
from drawing.canvas import Canvas
from drawing.press import A4, Sample
from drawing.tables import Look, Row, Table
from drawing.typeset import Type

LOOK = Look(
    body=Type("serif", 10.8, "#1b1b1b", 1.3), head_ink=NAVY, strong=NAVY, rule="#cfd3da", pad_y=5.5
)


def _cover(canvas: Canvas) -> None:
    canvas.rect(40, 40, 515, 762, stroke=NAVY, weight=1.4)
    canvas.rect(46, 46, 503, 750, stroke=NAVY, weight=0.5)
    big = Type("serif-bold", 30, NAVY)
    canvas.text(297.5, 230, "SERVICES AGREEMENT", big, "center")
    canvas.line((230, 252), (365, 252), "#b08d3c", 2)
    plain = Type("serif", 13, "#1b1b1b")
    canvas.text(297.5, 286, "for the forecasting of parcel volumes", plain.italic(), "center")
    canvas.text(297.5, 372, "between", plain, "center")
    canvas.text(297.5, 408, CUSTOMER, plain.bold().at(17), "center")
    canvas.text(297.5, 428, "(the customer, “Oakhollow”)", plain, "center")
    canvas.text(297.5, 462, "and", plain, "center")
    canvas.text(297.5, 498, SUPPLIER, plain.bold().at(17), "center")
    canvas.text(297.5, 518, "(the supplier, “Tamsin Vale”)", plain, "center")
    canvas.text(297.5, 612, "Dated 22 January 2024", plain, "center")
    canvas.text(297.5, 690, "Contract no. OFS-2024-0117", Type("serif", 11, GREY), "center")
    canvas.text(297.5, 706, "Original in two counterparts", Type("serif", 11, GREY), "center")
    canvas.text(297.5, 782, "i", Type("serif", 9.5, GREY), "center")


def _contents(canvas: Canvas, starts: list[tuple[str, int]]) -> None:
    canvas.text(MARGIN, 100, "Contents", Type("serif-bold", 20, NAVY))
    y = 140.0
    for name, number in starts:
        canvas.text(MARGIN, y, name, BODY)
        canvas.text(MARGIN + WIDTH, y, str(number), BODY, "right")
        left = MARGIN + BODY.width_of(name) + 8
        right = MARGIN + WIDTH - BODY.width_of(str(number)) - 8
        canvas.line((left, y - 1), (right, y - 1), "#9aa1ad", 0.7, "[0.8 3.2] 0")
        y += 24
    note = "Schedules form part of this Agreement. In a conflict, the clauses rule."
    canvas.text(MARGIN, y + 22, note, BODY.italic().at(10))
    canvas.text(297.5, 803, "ii", Type("serif", 9.5, GREY), "center")


def _opening(flow: Flow) -> None:
    """The parties and why they contract."""
    flow.canvas.text(MARGIN, flow.y + 11, "Parties", HEAD)
    flow.y += 21
    flow.paragraph(
        "(1)",
        f"**{CUSTOMER}**, registered in Larch Cross under number 3361902, of "
        "22 Sidings Road, Larch Cross (“**Oakhollow**”); and",
        32,
    )
    flow.paragraph(
        "(2)",
        f"**{SUPPLIER}**, a partnership registered under number OC-58814, of The "
        "Malthouse, Pike Lane, Wetherden (“**Tamsin Vale**”).",
        32,
    )
    flow.canvas.text(MARGIN, flow.y + 19, "Background", HEAD)
    flow.y += 29
    for text in BACKGROUND:
        label, _, rest = text.partition(" ")
        flow.paragraph(label, rest, 32)


def _schedules(flow: Flow) -> None:
    """Countries and fees, each schedule with its tables."""
    flow.heading("Schedule 1: Places of performance")
    rows = [Row(("Country", "What may be done there"), "head"), *map(Row, COUNTRIES)]
    flow.y = Table((150, WIDTH - 150), "ll", LOOK).draw(flow.canvas, MARGIN, flow.y, rows) + 36
    flow.starts.append(("Schedule 2: Fees", flow.number))
    middle = MARGIN + WIDTH / 2
    flow.canvas.text(middle, flow.y + 12, "Schedule 2: Fees", HEAD.at(15), "center")
    rows = [Row(("Item", "Amount"), "head"), *map(Row, FEES)]
    table = Table((WIDTH - 110, 110), "lr", LOOK)
    flow.y = table.draw(flow.canvas, MARGIN, flow.y + 30, rows) + 30
    rows = [Row(("Discount, if", "Amount"), "head"), *map(Row, DISCOUNTS)]
    flow.y = Table((190, WIDTH - 190), "ll", LOOK).draw(flow.canvas, MARGIN, flow.y, rows) + 18
    note = (
        "Amounts apply until 31 January 2025 and then change under clause 5.5. Days of fewer than "
        "eight hours are charged by the half day."
    )
    flow.canvas.paragraph(MARGIN, flow.y, WIDTH, note, BODY.italic().at(10))


def _signatures(flow: Flow) -> None:
    flow.heading("Signatures")
    text = (
        "Signed by the authorised representatives of the parties in two counterparts, each of "
        "which is an original, on the dates written below."
    )
    flow.canvas.paragraph(MARGIN, flow.y, WIDTH, text, BODY)
    for index, (party, name, office, date) in enumerate(SIGNATURES):
        y = flow.y + 76 + index * 230
        flow.canvas.text(MARGIN, y, f"For {party}", HEAD)
        stroke = [
            (
                MARGIN + 70 + 150 * t + 12 * math.sin(21 * t + index),
                y + 62 - (26 - 14 * t) * math.sin((26 + 7 * index) * t) * math.cos(4 * t - index),
            )
            for t in (step / 160 for step in range(161))
        ]
        flow.canvas.path(stroke, "#22408f", 1.3)
        rows = (
            ("Signature", 80.0, ""),
            ("Name", 112.0, name),
            ("Office", 138.0, office),
            ("Date", 164.0, date),
        )
        for label, drop, words in rows:
            flow.canvas.text(MARGIN, y + drop, label, BODY.tint(GREY))
            flow.canvas.text(MARGIN + 76, y + drop, words, BODY)
            flow.canvas.line((MARGIN + 70, y + drop + 4), (MARGIN + 330, y + drop + 4), GREY, 0.5)


def _build(document: pymupdf.Document) -> None:
    for _ in range(FRONT_PAGES):
        document.new_page(width=A4[0], height=A4[1])
    flow = Flow(document)
    _opening(flow)
    for number, clause in enumerate((*FIRST_CLAUSES, *LAST_CLAUSES), start=1):
        flow.clause(number, clause)
    _schedules(flow)
    _signatures(flow)
    flow.canvas.finish()
    front = [Canvas(document[index]) for index in range(FRONT_PAGES)]
    _cover(front[0])
    _contents(front[1], flow.starts)
    for canvas in front:
        canvas.finish()
    document.set_page_labels(
        [
            {"startpage": 0, "prefix": "", "style": "r", "firstpagenum": 1},
            {"startpage": FRONT_PAGES, "prefix": "", "style": "D", "firstpagenum": 1},
        ]
    )


SAMPLE = Sample(
    "services-agreement.pdf", "Services Agreement", f"{CUSTOMER} and {SUPPLIER}", "20240122", _build
)
