"""What a page says and what a question asks meet in the same terms, however they are written."""

from __future__ import annotations

import pytest

from indexer.base.language.search_terms import places_of_terms, question_terms, search_terms

SAME = [
    ("1,480 euros", "1480 euro"),
    ("2.50", "2.5"),
    ("FY2015", "2015"),
    ("FY15", "2015"),
    ("Q3 2019", "3Q19"),
    ("Kündigungsfrist", "Ku\u0308ndigungsfrist"),
    ("Kündigungsfrist", "KUNDIGUNGSFRIST"),
    ("Straße", "STRASSE"),
    ("ﬁle", "file"),
    ("９５", "95"),
    ("kilometres per hour", "kilometers per hour"),
    ("90 kilometres per hour", "90 km/h"),
    ("square metres", "m²"),
    ("degrees Celsius", "℃"),
    ("per cent", "%"),
    ("colour", "color"),
    ("organisation", "organizations"),
    ("metres", "meter"),
    ("pump's", "pumps"),
    ("twelfth", "TWELFTH"),
    ("KD‑340/B", "kd-340/b"),  # with a hyphen that does not break
]

INSIDE = [
    ("28", "twenty-eight days"),
    ("28", "28 days"),
    ("7", "Seven"),
    ("kd-340/b", "the price of KD-340/B"),
    ("340", "the price of KD-340/B"),
    ("4.2.1", "see 4.2.1"),
    ("2019-03-31", "on 31 March 2019"),
    ("2019-03-31", "March 31st, 2019"),
    ("2019-03-31", "31 Mar. 2019"),
    ("2019-03-31", "2019/03/31"),
    ("2019-03-31", "am 31. März 2019"),
    ("2019-03-01", "le 1er mars 2019"),
    ("2019-03-31", "契約は2019年3月31日に"),
    ("2019-03-31", "2019년 3월 31일"),
    ("2019-03-31", "٣١ مارس ٢٠١٩"),
    ("2019-08-12", "12 أغسطس 2019"),
    ("1480.5", "1.480,50 Euro"),
    ("1480.5", "1\u202f480,50 €"),
    ("1.48", "1.480 m"),  # as it is in English
    ("km/h", "up to 90km/h"),
    ("90", "up to 90km/h"),
    ("nm", "95Nm"),
    ("3", "the 3rd pump"),
    ("期間", "契約期間は何年ですか"),
    ("r&d", "R&D costs"),
]


@pytest.mark.parametrize(("text", "other_text"), SAME)
def test_two_ways_to_write_a_thing_are_one_term(text: str, other_text: str) -> None:
    assert search_terms(text) == search_terms(other_text)


@pytest.mark.parametrize(("term", "text"), INSIDE)
def test_a_text_has_the_term(term: str, text: str) -> None:
    assert term in search_terms(text)


@pytest.mark.parametrize(
    ("text", "other_text"),
    [
        ("KD-340/A", "KD-340/B"),
        ("1,480", "148"),
        ("raise", "raze"),
        ("advised", "advized"),
        ("て", "で"),
        ("3/4/2019", "4/3/2019"),  # nobody knows which is the day
    ],
)  # fmt: skip
def test_what_differs_stays_apart(text: str, other_text: str) -> None:
    assert search_terms(text) != search_terms(other_text)


def test_a_question_has_each_term_once_and_no_stop_words() -> None:
    assert question_terms("What is the price of the price list?") == ["price", "list"]
    assert question_terms("Wie hoch ist die Miete für die Wohnung?") == ["hoch", "miete", "wohnung"]
    assert question_terms("What is the price of die casting?") == ["price", "die", "cast"]


def test_a_text_without_words_has_no_terms() -> None:
    assert search_terms("— … !? ") == []


@pytest.mark.parametrize(
    ("query", "text", "words"),
    [
        ("tighten the bolts", "Bolts are tightened; a bolt-head is not", ["Bolts", "tightened", "bolt-head"]),
        ("Kündigung", "Die Kündigung (schriftlich) gilt", ["Kündigung"]),
        ("1,480", "costs 1480.00 or 1,480, not 14", ["1480.00", "1,480"]),
        ("請求書", "本請求書は請求する", ["請求書", "請求"]),
        ("the", "the end", []),
        ("", "nothing is asked", []),
    ],
)  # fmt: skip
def test_words_are_seen_where_they_stand(query: str, text: str, words: list[str]) -> None:
    places = places_of_terms(text, frozenset(question_terms(query)))
    assert [text[start:stop] for start, stop in places] == words
