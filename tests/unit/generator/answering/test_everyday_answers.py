"""Everyday questions of everyday pages: units in words, ranges, who did it, invoices, text below headings."""

from __future__ import annotations

import pytest

from indexer.base.layout import BlockKind
from indexer.base.pages import PageWords
from tests.support.laid_out_pages import Sheet
from tests.unit.generator.answering.test_which_thing_is_asked import answer, best


def sheet(*paragraphs: str) -> PageWords:
    page = Sheet()
    for paragraph in paragraphs:
        page = page.put(BlockKind.TEXT, paragraph)
    return page.words()


MACHINE = sheet(
    "Insert ground coffee (max. 16 g) into the chute.",
    "The water tank holds 2.5 l and the bean hopper 1.1 kg.",
    "The heater takes 2.2 kW; the pump builds up 9 bar.",
    "Connect the machine to 230 V with a fuse of 16 A.",
    "The memory keeps 512 MB of recipes. At work it makes 62 dB(A).",
    "Milk is heated to 65 °C. The kitchen must have at least 6 m² of floor.",
    "Cleaning takes 12 min every evening. The mill turns at 1,400 rpm.",
    "A cup costs 40 ct to make and the machine 1,290 EUR.",
)
FREEZER = sheet(
    "The cabinet works at room temperatures between 10 and 32 °C.",
    "It keeps food at -18 to -24 °C. The shelves carry 12–15 kg each.",
    "Defrosting takes 3 to 4 hours and is needed every 6-8 weeks.",
    "Delivery takes two to three weeks. The price is between €640 and €910.",
    "The rent of the cabinet rises from €85 to €92.",
    "Packs of 28, 56 and 98 labels are available. The fair is on 3–7 May 2026.",
)
PEOPLE = sheet(
    "The manual was translated by Ida Lund. Jonas tested the first unit.",
    "The lowest offer, from Marlow Roofing, is the best; Kestrel asked for more.",
    "Mei asked for better lighting at the back entrance.",
    "Ana Beck (chair), Tom Ruiz (treasurer) and Piotr Zielinski were there.",
)
INVOICE = (
    Sheet()
    .put(BlockKind.HEADING, "Invoice 2025-0417")
    .table(
        [
            ["Description", "Quantity", "Unit price"],
            ["Buffet, vegetarian", "60", "€24.50"],
            ["Buffet, with fish", "40", "€29.00"],
        ]
    )
    .put(BlockKind.TEXT, "Pay to IBAN DE44 2005 0550 1234 5678 90, quoting what you pay for.")
    .put(BlockKind.TEXT, "An hour costs £6.50 and a day £48. Every mile costs 22p.")
    .words()
)
FAQ = (
    Sheet()
    .put(BlockKind.HEADING, "Can I cancel a booking?")
    .put(BlockKind.TEXT, "Up to four hours before the start it is free.")
    .put(BlockKind.HEADING, "How to store the tablets")
    .put(BlockKind.TEXT, "Keep them out of the reach of children.")
    .words()
)


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("How many grams of ground coffee can be inserted?", "16 g"),
        ("How many litres does the water tank hold?", "2.5 l"),
        ("How many ounces of beans fit into the hopper?", "1.1 kg"),
        ("How many kilowatts does the heater take?", "2.2 kW"),
        ("How many bar does the pump build up?", "9 bar"),
        ("How many volts does the machine need?", "230 V"),
        ("What voltage is needed?", "230 V"),
        ("How many megabytes of memory are there?", "512 MB"),
        ("How many decibels does it make?", "62 dB(A)"),
        ("How loud is the machine?", "62 dB(A)"),
        ("To how many degrees is milk heated?", "65 °C"),
        ("How many square metres must the kitchen have?", "at least 6 m²"),
        ("How many minutes does cleaning take?", "12 min"),
        ("How many revolutions per minute does the mill make?", "1,400 rpm"),
        ("How many cents does a cup cost?", "40 ct"),
        ("What does the machine cost in euros?", "1,290 EUR"),
    ],
)
def test_a_unit_in_words_is_answered_by_its_sign(question: str, value: str) -> None:
    assert answer(question, MACHINE).startswith(f"{value}\n")


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("What is the room temperature range?", "between 10 and 32 °C"),
        ("How cold does it keep food?", "-18 to -24 °C"),
        ("How much weight can a shelf carry?", "12–15 kg"),
        ("How long does defrosting take?", "3 to 4 hours"),
        ("How often must it be defrosted?", "every 6-8 weeks"),
        ("How many weeks does delivery take?", "two to three weeks"),
        ("What is the price?", "between €640 and €910"),
        ("How many labels are in a pack?", "28, 56 and 98 labels"),
        ("When is the fair?", "3–7 May 2026"),
    ],
)
def test_a_range_or_several_figures_with_one_unit_are_one_value(question: str, value: str) -> None:
    assert answer(question, FREEZER).startswith(f"{value}\n")


def test_a_change_from_one_figure_to_another_is_no_range() -> None:
    assert "€85 to €92\n" not in answer("How much is the rent of the cabinet?", FREEZER)


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("Who translated the manual?", "Ida Lund"),
        ("By whom was the manual translated?", "Ida Lund"),
        ("Who tested the first unit?", "Jonas"),
        ("Who asked for better lighting?", "Mei"),
        ("Who is the treasurer?", "Tom Ruiz"),
        ("Who chaired the meeting?", "Ana Beck"),
    ],
)
def test_who_did_it_is_the_name_beside_the_verb(question: str, name: str) -> None:
    assert answer(question, PEOPLE).startswith(f"{name}\n")


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("What is the invoice number?", "2025-0417"),
        ("What is the IBAN?", "DE44 2005 0550 1234 5678 90"),
        ("How many vegetarian buffets were ordered?", "60"),
        ("What does a vegetarian buffet cost?", "€24.50"),
        ("What does a day cost?", "£48"),
        ("How much is a mile?", "22p"),
    ],
)
def test_an_invoice_gives_its_number_account_counts_and_prices(question: str, value: str) -> None:
    assert answer(question, INVOICE).startswith(f"{value}\n")


@pytest.mark.parametrize(
    ("question", "start"),
    [("Can I cancel a booking?", "Up to four"), ("How should the tablets be stored?", "Keep them")],
)
def test_what_asks_is_no_answer_but_the_text_below_it(question: str, start: str) -> None:
    assert best(question, FAQ)[0].startswith(start)
