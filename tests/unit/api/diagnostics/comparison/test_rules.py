"""The rules by which an answer is compared with the right one, each with cases that try to fool it."""

from __future__ import annotations

import pytest

from api.diagnostics.comparison.gold import GoldAnswer, items_of
from api.diagnostics.comparison.rules import compare, compare_text
from api.diagnostics.comparison.verdicts import Verdict

RIGHT, PARTLY, WRONG = Verdict.RIGHT, Verdict.PARTLY, Verdict.WRONG

Case = tuple[str, str, Verdict]


def verdict(gold: str, text: str, answer_format: str = "") -> Verdict:
    return compare_text(gold, text, answer_format).verdict


@pytest.mark.parametrize(
    ("gold", "text", "expected"),
    [
        ("5", "In 2005 the plant opened.", WRONG),
        ("18", "It costs 1,180 euros.", WRONG),
        ("18", "It costs 18 euros.", RIGHT),
        ("204", "Table 204 lists them.", WRONG),
        ("2", "Figures 1, 2 and 3 show more.", WRONG),
        ("2", "as shown before [2], (2)", WRONG),
        ("2", "2. The second step of the list", WRONG),
        ("4", "4 reasons why", RIGHT),
        ("340", "the KD-340/B pump", WRONG),
        ("5", "bags of 5 to 20 kg", WRONG),
        ("28", "on 28 February 2020", WRONG),
        ("2007", "on 5 January 2007", RIGHT),
        ("2015", "in FY2015", RIGHT),
        ("45", "a 45-day notice", RIGHT),
        ("28", "for twenty-eight days", RIGHT),
        ("1", "one of the reasons", WRONG),
        ("7", "seven stars", RIGHT),
        ("11.8 bar", "It opened at 11.8 psi.", WRONG),
        ("11.8 bar", "opened at 11.8", RIGHT),
        ("5 %", "-5 %", WRONG),
        ("28 participants", "28", RIGHT),
        ("28 participants", "28 chairs and one participant", RIGHT),
        ("28 participants", "28 chairs were there", PARTLY),
    ],
)
def test_numbers_are_whole_and_are_values(gold: str, text: str, expected: Verdict) -> None:
    assert verdict(gold, text) is expected


@pytest.mark.parametrize(
    ("gold", "text"),
    [
        ("3,250 euros", "The deposit is EUR 3250.00."),
        ("3,250 euros", "€3,250"),
        ("3,250 euros", "3.250,00 €"),
        ("42 000 rubles", "42 000 руб."),
        ("CHF 186'400", "The price is CHF 186’400.- net."),
        ("1,480 euros", "A pilot costs 1,480² euros."),
        ("1,480 euros", "A pilot costs 1,480 ² euros."),
        ("10^5 pascal", "a pressure of 10⁵ Pa"),
        ("30216492.00", "3,02,16,492.00 3,19,648.00"),
        ("12 million", "12,000,000 people"),
        ("399 million", "399 mn"),
        ("$1.2 billion", "US$1,200 million"),
        ("38 km/h", "at 38km/h"),
        ("20 GWh", "20 gigawatt-hours of biogas"),
        ("518 t/day", "Porto 518 t/day 38"),
        ("44%", "44 percent"),
        ("44%", "44"),
        ("72 kg", "72 kilograms"),
        ("8 degrees Celsius", "up to 8 °C"),
    ],
)
def test_one_quantity_has_many_forms(gold: str, text: str) -> None:
    assert verdict(gold, text) is RIGHT


@pytest.mark.parametrize(
    ("gold", "text", "answer_format", "expected"),
    [
        ("72.3%", "72.9%", "Float", RIGHT),  # within 1 %, and the only number
        ("72.3%", "72.9 71.2", "Float", WRONG),  # of two, neither is it
        ("72.3%", "72.9%", "Int", WRONG),
        ("72.3%", "72.34 of 90.1", "Float", RIGHT),
        ("72.34%", "72.3 of 90.1", "Float", PARTLY),
        ("72.3%", "72.9 euros", "Float", WRONG),
        ("2.4%", "2.4 million", "Float", WRONG),
        ("0.053", "5.3%", "Float", RIGHT),
        ("0.053", "5.3", "Float", WRONG),
        ("1874", "1,875", "Int", WRONG),
        ("2015", "2016", "Int", WRONG),
    ],
)
def test_only_a_float_that_stands_alone_has_a_tolerance(
    gold: str, text: str, answer_format: str, expected: Verdict
) -> None:
    assert verdict(gold, text, answer_format) is expected


@pytest.mark.parametrize(
    ("gold", "text", "expected"),
    [
        ("31 October 2029", "It ends on October 31st, 2029.", RIGHT),
        ("31 October 2029", "2029-10-31", RIGHT),
        ("31 October 2029", "31.10.2029", RIGHT),
        ("31 October 2029", "10/31/2029", RIGHT),
        ("2029-10-31", "31 Oct. 2029", RIGHT),
        ("2029-10-31", "on 10/31/29", RIGHT),
        ("31 October 2029", "30 October 2029", WRONG),
        ("31 October 2029", "October 2029", PARTLY),
        ("October 2029", "31 October 2029", RIGHT),
        ("31 October 2029", "31 October", PARTLY),
        ("15:00", "It starts at 3:00 pm.", RIGHT),
        ("15:00", "115:00", WRONG),
        ("0-375 miles", "from 0 to 375 miles", RIGHT),
        ("0-375 miles", "375-0", WRONG),
        ("0-375 miles", "0-376 miles", WRONG),
    ],
)
def test_dates_times_and_ranges(gold: str, text: str, expected: Verdict) -> None:
    assert verdict(gold, text) is expected


@pytest.mark.parametrize(
    ("gold", "text", "expected"),
    [
        ("Yes", "Yes, it does.", RIGHT),
        ("Yes", "No: nobody said yes.", WRONG),
        ("No", "There is no such page.", WRONG),
        ("Pyke", "We use pyke for logic.", RIGHT),
        ("Pyke", "the Pykeman method", WRONG),
        ("KD-340/B", "KD-340/A", WRONG),
        ("KD-340", "KD-340/A", WRONG),
        ("75W-90, 2.3 l", "gearbox oil 75W-90, 2.3 l", RIGHT),
        ("P1.1", "P1.10 T2", WRONG),
        ("Mr. S.V. Shanbhag", "MR. S. V. SHANBHAG", RIGHT),
        ("AVALAUNCH MEDIA", "by AVALAUNCHMEDIA today", RIGHT),
        ("the lower of cost", "a lower of the cost", RIGHT),
        ("included in the price", "Transport is not included in the price.", WRONG),
        ("not included", "Transport is not included in the price.", RIGHT),
        ("cancellation fee", "A canoellation fee is charged.", RIGHT),
        ("Friday 18 March", "Friday 19 March", WRONG),
        ("Kündigungsfrist", "Ku\u0308ndigungsfrist", RIGHT),
        ("四千二百元", "每月租金四千二百元整", RIGHT),
        ("2,800 元", "租金2800元", RIGHT),
        ("Operations activities", "Operations", PARTLY),
        ("Scott Bradley", "Bradley, Scott", PARTLY),
        ("Adjusted EBITDA", "The weather was good.", WRONG),
        ("x", "", WRONG),
    ],
)
def test_words(gold: str, text: str, expected: Verdict) -> None:
    assert verdict(gold, text) is expected


@pytest.mark.parametrize(
    ("gold", "text", "expected", "score"),
    [
        ("['5.3%', '5.2%']", "growth was 5.2% and 5.3%", RIGHT, 1.0),
        ("['5.3%', '5.2%']", "growth was 5.3%", PARTLY, 0.5),
        ("['3', '2', '3']", "3 and 2", PARTLY, 2 / 3),
        ("['3', '2', '3']", "3, 2, 3", RIGHT, 1.0),
        ("['a mirror', 'lake']", "nothing", WRONG, 0.0),
    ],
)
def test_a_list_needs_every_item_in_any_order(
    gold: str, text: str, expected: Verdict, score: float
) -> None:
    comparison = compare_text(gold, text, "List")
    assert comparison.verdict is expected and comparison.score == pytest.approx(score)


def test_every_verdict_names_its_rule() -> None:
    assert compare_text("11.8 bar", "11.8 psi").rule == "number of another unit"
    assert compare_text("included", "not included").rule == "denied"
    assert compare_text("72.3%", "72.9%", "Float").rule == "number within 1 %"


def test_an_alternative_is_as_right_as_the_answer() -> None:
    gold = GoldAnswer("44 k", accept=("43 k", "44,000"))
    assert compare(gold, "about 43 k").is_right and compare(gold, "44000").is_right
    assert not compare(gold, "46 k").is_right


def test_what_must_not_be_said_makes_an_answer_wrong() -> None:
    gold = GoldAnswer("349 euros", reject=("349 euros 349 euros",))
    assert compare(gold, "It costs 349 euros.").is_right
    assert not compare(gold, "It costs 349 euros 349 euros.").is_right


def test_what_only_looks_like_a_list_is_a_text() -> None:
    assert items_of("['a', 'b']") == ("a", "b")
    assert items_of("[1, 2]") == ("1", "2")
    assert items_of("[broken', 'list]") == ("broken", "list")
    assert items_of("a, b") == ()


@pytest.mark.parametrize("text", ["Not answerable", "not found", "NOT FOUND.", "Unanswerable."])
def test_an_answer_may_be_that_there_is_none(text: str) -> None:
    assert GoldAnswer(text).is_none and not GoldAnswer(text).is_known
