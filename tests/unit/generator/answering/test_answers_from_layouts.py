"""What answers over pages with a layout say: the cell, the field, the list, and what stands around them."""

from __future__ import annotations

import pytest

from generator.answering.answers import Citation, CitationAdded, Token
from generator.answering.extractive_writer import ExtractiveWriter
from generator.answering.writer import WritingRequest
from indexer.base.layout import BlockKind
from indexer.base.pages import PageWords, enclosing, fraction_box
from tests.support.laid_out_pages import Sheet
from tests.support.typed_pages import ENCODER, read_page

TORQUES = (
    Sheet()
    .put(BlockKind.PAGE_HEADER, "Manual of the pump")
    .put(BlockKind.HEADING, "4.1 Tightening torques")
    .table(
        [
            ["Joint", "Thread", "Grade", "Quantity", "Torque, Nm"],
            ["Base plate to footing", "M12", "8.8", "4", "60"],
            ["Suction and discharge flanges", "M16", "5.6", "4 + 4", "95"],
            ["Impeller nut", "M14", "A4-70", "1", "72"],
        ]
    )
    .put(BlockKind.CAPTION, "Table 2. Torques for dry, clean threads.")
    .words()
)
BALANCE = (
    Sheet()
    .put(BlockKind.HEADING, "Balance sheet (in thousands)")
    .table(
        [
            ["", "2023", "2024"],
            ["Cash", "$ 1,204", "$ 1,377"],
            ["Assets", None, None],
            ["Total assets", "$ 296,920", "$ 315,216"],
            ["Total liabilities", "120,500", "118,420"],
        ]
    )
    .words()
)
FEES = (
    Sheet()
    .table(
        [
            ["Weight", "Standard", "Express"],
            ["Mainland", None, None],
            ["5 to 20 kg", "7 EUR", "18 EUR"],
            ["over 20 kg", "13 EUR", "33 EUR"],
            ["Islands", None, None],
            ["5 to 20 kg", "15 EUR", "29 EUR"],
            ["over 20 kg", "31 EUR", "56 EUR"],
        ]
    )
    .words()
)
GROWTH = (
    Sheet()
    .table(
        [
            ["", "Order no.", "2024", "2023", "Change"],
            ["Canada", "340-118", "52,430", "46,180", "13.5%"],
            ["Mexico", "340-203", "19,215", "16,940", "13.4%"],
        ]
    )
    .words()
)
PARTS = (
    Sheet()
    .table(
        [
            ["KD-455/B", "Seal kit K", "31", "120.40"],
            ["KD-485/B", "Seal kit L", "49", "134.95"],
            ["KD-595/B", "Seal kit H", "71", "204.25"],
        ],
        n_head_rows=0,
        heads=["Part", "Name", "In stock", "Price EUR"],
    )
    .words()
)
FORM = (
    Sheet()
    .put(BlockKind.TITLE, "Application for a berth")
    .field("Name of the boat", "Seeschwalbe II")
    .field("Length over all", "11.40 m")
    .field("Shore power needed", "", is_ticked=True)
    .field("Insurance policy", "HY-77410-S")
    .words()
)
CLAUSES = (
    Sheet()
    .put(BlockKind.HEADING, "12. Term and termination")
    .put(BlockKind.TEXT, "12.2 Oakhollow may end it for convenience after eighteen months.")
    .put(BlockKind.TEXT, "12.3 Either party may terminate the agreement for cause if the other:")
    .put(BlockKind.LIST_ITEM, "(a) commits a material breach;")
    .put(BlockKind.LIST_ITEM, "(b) is unable to pay its debts.")
    .put(BlockKind.TEXT, "12.4 When it ends, the data are returned.")
    .words()
)


def answer(question: str, *pages: PageWords) -> tuple[str, list[Citation]]:
    query = ENCODER.encode_queries([question])[0]
    hits = [read_page(words, number) for number, words in enumerate(pages, start=1)]
    events = list(ExtractiveWriter(0.2, 3).write(WritingRequest(question, query, hits)))
    text = "".join(event.text for event in events if isinstance(event, Token))
    return text, [event.citation for event in events if isinstance(event, CitationAdded)]


@pytest.mark.parametrize(
    ("question", "page", "value"),
    [
        (
            "How tight do the bolts of the suction and discharge flanges have to be?",
            TORQUES,
            "95 Nm",
        ),
        ("What torque does the impeller nut need?", TORQUES, "72 Nm"),
        ("Which thread does the impeller nut have?", TORQUES, "M14"),
        ("What were total assets in 2023?", BALANCE, "$ 296,920"),
        ("Total assets at year end?", BALANCE, "$ 315,216"),
        ("How much cash was there in 2024?", BALANCE, "$ 1,377"),
        ("By what percentage did sales to Canada grow in 2024?", GROWTH, "13.5%"),
        ("What is the standard fee for over 20 kg on the mainland?", FEES, "13 EUR"),
        ("What does express delivery of 5 to 20 kg to the islands cost?", FEES, "29 EUR"),
        ("What is the price of KD-485/B?", PARTS, "134.95 EUR"),
        ("How many pieces of KD-595/B are in stock?", PARTS, "71"),
        ("What is the name of the boat?", FORM, "Seeschwalbe II"),
        ("How long is the boat over all?", FORM, "11.40 m"),
        ("Is shore power needed?", FORM, "yes"),
        ("What is the insurance policy number?", FORM, "HY-77410-S"),
    ],
)
def test_the_first_line_is_the_value(question: str, page: PageWords, value: str) -> None:
    text, citations = answer(question, page)
    assert text.split("\n")[0] == value
    assert citations[0].value == value


def test_below_a_cell_stands_what_it_is_and_both_are_marked() -> None:
    text, (citation,) = answer("What torque do the suction and discharge flanges need?", TORQUES)
    says = "Torque, Nm, of Suction and discharge flanges, Table 2"
    assert text == f"95 Nm\n{says} [1]"
    assert citation.says == says
    cell = TORQUES.texts.index("95")
    assert citation.value_box == fraction_box(enclosing(TORQUES.boxes[cell : cell + 1]))
    assert len(citation.context_boxes) == 2


def test_a_clause_is_quoted_with_the_items_that_it_leads_to() -> None:
    _, citations = answer("When can the agreement be terminated for cause?", CLAUSES)
    assert citations[0].quote.startswith("12.3") and citations[0].quote.endswith("debts.")


def test_a_code_that_no_row_has_is_not_found() -> None:
    text, citations = answer("What is the price of KD-340/B?", PARTS)
    assert citations == []
    assert text.startswith("Not found: none of these pages names KD-340/B.")


FLOWS = (
    Sheet()
    .put(BlockKind.HEADING, "Statement of cash flows (in thousands)")
    .table(
        [
            ["Year ended June 30", "2023", "2024"],
            ["Changes in assets and liabilities", None, None],
            ["Inventories", "(412)", "188"],
            ["Accounts payable", "75", "(31)"],
        ]
    )
    .words()
)
STOCKS = (
    Sheet()
    .put(BlockKind.HEADING, "Balance sheet (in thousands)")
    .table(
        [
            ["June 30", "2023", "2024"],
            ["Inventories", "8,604", "8,416"],
            ["Accounts payable", "2,310", "2,279"],
        ]
    )
    .words()
)


@pytest.mark.parametrize("pages", [(FLOWS, STOCKS), (STOCKS, FLOWS)])
def test_what_there_was_on_a_day_is_no_cash_flow(pages: tuple[PageWords, ...]) -> None:
    text, _ = answer("How high were inventories at June 30, 2024?", *pages)
    assert "8,416" in text.split("\n")[0]


@pytest.mark.parametrize("pages", [(FLOWS, STOCKS), (STOCKS, FLOWS)])
def test_a_cash_flow_that_is_asked_for_is_one(pages: tuple[PageWords, ...]) -> None:
    text, _ = answer("What was the change in inventories in the cash flows of 2024?", *pages)
    assert "188" in text.split("\n")[0]
