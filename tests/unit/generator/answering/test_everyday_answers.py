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


LEASE = sheet(
    'between Mrs Eleanor Whitby, 3 Orchard Close (the "Landlord") and Mr Dan Okafor (the "Tenant").',
    "The flat is let unfurnished to the Tenant. The Landlord gives notice of visits.",
    "The tenancy begins on 1 September 2025. The Tenant shall keep the flat clean.",
    "The rent is £1,150 per month, payable in advance on the first day of each month.",
    "Gas and electricity are paid by the Tenant. The Landlord pays for the boiler.",
    "No more than three persons may live in the flat. Smoking is not permitted.",
    "The Tenant reports damage. The Tenant lets the Landlord in. Subletting needs consent.",
)
PROGRAMME = (
    Sheet()
    .put(
        BlockKind.TEXT,
        "The festival office opens daily from 9 a.m. to 8 p.m. beside the lighthouse.",
    )
    .table(
        [
            ["Day", "Time", "Event", "Stage"],
            ["Friday", "17:00", "Opening", "Main stage"],
            ["Saturday", "10:00", "Fish market", "Quay"],
            ["Saturday", "21:00", "Concert", "Main stage"],
        ]
    )
    .words()
)


@pytest.mark.parametrize(
    ("question", "start"),
    [
        ("Who is the landlord?", "Mrs Eleanor Whitby, 3 Orchard Close\n"),
        ("Who pays for the boiler?", "The Landlord\n"),
        ("When is the rent due?", "first day of each month\n"),
        ("How many people may live in the flat?", "No more than three persons\n"),
        ("May the tenant smoke?", "“Smoking is not permitted.”"),
        ("Is the flat furnished?", "“The flat is let unfurnished to the Tenant.”"),
        ("Is subletting allowed?", "“Subletting needs consent.”"),
    ],
)
def test_a_contract_tells_its_parties_dates_and_rules(question: str, start: str) -> None:
    assert answer(question, LEASE).startswith(start)


def test_who_pays_is_told_by_whom_it_is_paid() -> None:
    assert "Tenant\n“Gas and electricity are paid by" in answer("Who pays for electricity?", LEASE)


def test_the_day_on_which_something_begins_is_not_the_day_on_which_it_ends() -> None:
    assert not answer("When does the tenancy end?", LEASE).startswith("1 September")


def test_opening_hours_are_one_value_and_a_time_of_a_programme_says_of_what_it_is() -> None:
    assert answer("When is the festival office open?", PROGRAMME).startswith("9 a.m. to 8 p.m.\n")
    text = answer("When is the fish market?", PROGRAMME)
    assert text.startswith("10:00\nTime of Saturday, Fish market")


POLICY = (
    Sheet()
    .table(
        [
            ["Cause", "Covered", "Excess"],
            ["Fire", "yes", "none"],
            ["Burglary", "yes", "€150"],
            ["Flood", "no", "–"],
        ]
    )
    .put(BlockKind.TEXT, "Claims: claims@baltica.example, 0770 555 010 (24 hours).")
    .put(BlockKind.TEXT, "Please send your application by 15 January 2026 to the office.")
    .put(
        BlockKind.TEXT, "Bake it at 190 °C for 35 minutes. Take 80 g sugar, 2 spoons of it on top."
    )
    .words()
)


@pytest.mark.parametrize(
    ("question", "start"),
    [
        ("Which causes are not covered?", "Flood\nCovered: no"),
        ("Which causes are covered?", "Fire; Burglary\nCovered: yes"),
        ("What is the excess for burglary?", "€150\n"),
        ("What is the excess for flood?", "Flood – Covered: no; Excess: –"),
        ("What is the telephone number for claims?", "0770 555 010\n"),
        ("By when do I have to apply?", "15 January 2026\n"),
        ("At what temperature is it baked?", "190 °C\n"),
        ("How much sugar is used?", "80 g\n"),
    ],
)
def test_lists_blanks_numbers_and_forms_of_verbs_are_read_as_people_do(
    question: str, start: str
) -> None:
    assert answer(question, POLICY).startswith(start)


ACCOUNT = (
    Sheet()
    .table(
        [
            ["Date", "Description", "Money out"],
            ["2 March", "Rent, Oakfield", "£925.00"],
            ["14 March", "Train tickets", "£64.20"],
        ]
    )
    .put(BlockKind.TEXT, "Credit interest: 1.15 % a year, paid quarterly.")
    .words()
)


def test_the_day_that_names_a_row_answers_when() -> None:
    assert answer("When was the rent paid?", ACCOUNT).startswith("2 March\n")
    assert "1.15\n" not in answer("When is interest paid?", ACCOUNT)


HUT = (
    Sheet()
    .table(
        [
            ["Place", "Open", "Beds"],
            ["Mettler hut", "10 June – 15 October", "32"],
            ["Alp Sura", "1 July – 30 September", "12"],
        ]
    )
    .put(BlockKind.TEXT, "The walk is 15.8 km long and takes 6 hours. The posts stand 90 cm apart.")
    .put(
        BlockKind.TEXT,
        "Headache was the most common side effect. The chief executive is Saga Lund.",
    )
    .words()
)


@pytest.mark.parametrize(
    ("question", "start"),
    [
        ("How long is the walk in km?", "15.8 km\n"),
        ("How long does the walk take?", "6 hours\n"),
        ("How far apart do the posts stand?", "90 cm\n"),
        ("What was the most common side effect?", "“Headache was the most common"),
        ("Who is the CEO?", "Saga Lund\n"),
    ],
)
def test_units_say_what_is_meant_and_extremes_are_said(question: str, start: str) -> None:
    assert answer(question, HUT).startswith(start)


def test_months_name_nobody() -> None:
    assert not answer("Who runs the Mettler hut?", HUT).startswith("10 June")


YEARS = sheet(
    "A dividend of €2.20 for 2025 was paid on 14 May 2026.",
    "The first train leaves Velden at 07:08.",
)


@pytest.mark.parametrize(
    ("question", "other"),
    [
        ("What dividend is paid for 2026?", "What dividend is paid for 2025?"),
        ("When does the last train leave Velden?", "When does the first train leave Velden?"),
    ],
)
def test_what_is_said_of_another_year_or_the_other_end_proves_much_less(
    question: str, other: str
) -> None:
    (quote, strength), (same_quote, strength_of_asked) = best(question, YEARS), best(other, YEARS)
    assert quote != same_quote or strength < strength_of_asked - 2.5


TIMES = sheet(
    "The coach leaves school at 8.45 am and children should be there in time.",
    "The slow programme takes 3 h 35 min. The loan runs for two years and six months.",
    "The lift is out of order and the caretaker stays one metre away from the door.",
)
LEAVE = (
    Sheet()
    .table(
        [
            ["Years of service", "Days of leave a year", "Price per kg"],
            ["under two", "25", "4.50"],
            ["over five", "30", "5.00"],
        ]
    )
    .words()
)


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("When does the coach leave school?", "8.45 am"),
        ("How long does the slow programme take?", "3 h 35 min"),
        ("How long does the loan run?", "two years and six months"),
    ],
)
def test_a_time_is_one_value_however_it_is_written(question: str, value: str) -> None:
    assert answer(question, TIMES).startswith(f"{value}\n")


def test_how_long_something_lasts_is_no_length() -> None:
    assert "one metre\n" not in answer("How long does the caretaker stay?", TIMES)


def test_what_is_counted_for_each_is_no_unit_of_a_column() -> None:
    text = answer("How many days of leave are there under two years of service?", LEAVE)
    assert text.startswith("25\n")


NOTICE = sheet(
    "We write on behalf of the owner of your flat, Mr Daniel Prentice, about the windows.",
    "Bicycles are kept in the shed behind the bin store. The fire service has asked for it.",
)


def test_what_is_owned_may_stand_between_an_owner_and_the_name() -> None:
    assert answer("Who is the owner of the flat?", NOTICE).startswith("Mr Daniel Prentice\n")


def test_a_short_word_of_everyday_stands_for_the_long_one() -> None:
    assert "the shed behind the bin store" in answer("Where are bikes kept?", NOTICE)
