"""Follow-ups are completed from the talk; whole questions are left alone; small talk asks nothing."""

from __future__ import annotations

import pytest

from generator.answering.follow_ups import completed_question
from generator.answering.talk.small_talk import small_talk_reply
from generator.prompts import Turn

PRICES = (Turn("What is the price of KD-340/A?", "43.60 EUR\nPrice of KD-340/A [1]"),)
DRIVER = (Turn("Who was the driver?", "Noor Bakker\nDriver [1]"),)
LEASE = (Turn("When does the lease end?", "31 October 2029\n“The lease ends ...” [1]"),)
DOGS = (Turn("Are dogs admitted?", "“Dogs are not admitted.” [1]"),)
ASSETS = (Turn("What were total assets at year end?", "$ 315,216\nTotal assets, 2024 [1]"),)
SALES = (Turn("What were sales in 2019?", "EUR 12.4 million [1]"),)
BOLTS = (
    Turn("How tight must the flange bolts be?", "95 Nm [1]"),
    Turn("Who wrote it?", "Not found in these pages."),
)
FERRY = (Turn("When does the ferry leave?", "7:45\n“Ferry leaves at 7:45 from Pier 4.” [1]"),)
TICKET = (Turn("What does a season ticket for adults cost?", "€118.00\nAdults of Season [1]"),)
POOL = (Turn("When is the pool open?", "“The pool is open from 9.” [1]"),)
SITE = (Turn("What is the capacity of the Porto site?", "518 t/day"),)


@pytest.mark.parametrize(
    ("history", "question", "whole"),
    [
        (PRICES, "And of KD-485/B?", "What is the price of KD-485/B?"),
        (PRICES, "How many of them are in stock?", "How many of KD-340/A are in stock?"),
        (DRIVER, "Where does he live?", "Where does Noor Bakker live?"),
        (DRIVER, "What is his number?", "What is Noor Bakker's number?"),
        (LEASE, "And the warranty?", "When does the warranty end?"),
        (LEASE, "Can it be renewed?", "Can the lease be renewed?"),
        (DOGS, "Does their owner pay?", "Does dogs' owner pay?"),
        (LEASE, "Why?", "When does the lease end? Why?"),
        (DOGS, "What about cats?", "Are cats admitted?"),
        (SITE, "How many people work there?", "How many people work at the Porto site?"),
        (SITE, "And Ostrava?", "What is the capacity of the Ostrava site?"),
        (ASSETS, "And the year before?", "What were total assets at year end in 2023?"),
        (ASSETS, "Why did they rise?", "Why did total assets rise?"),
        (SALES, "What about the following year?", "What were sales in 2020?"),
        (SALES, "and in the previous year", "What were sales in 2018?"),
        (FERRY, "What does it cost?", "What does the ferry cost?"),
        (FERRY, "And the night train?", "When does the night train leave?"),
        (FERRY, "And from where?", "From where does the ferry leave?"),
        (FERRY, "where?", "Where does the ferry leave?"),
        (TICKET, "And for children?", "What does a season ticket for children cost?"),
        (TICKET, "And when?", "What does a season ticket for adults cost? And when?"),
        (POOL, "How warm is it?", "How warm is the pool?"),
        (BOLTS, "And of the housing bolts?", "How tight must the housing bolts be?"),
    ],
)
def test_a_follow_up_is_completed(history: tuple[Turn, ...], question: str, whole: str) -> None:
    assert completed_question(question, history) == whole


@pytest.mark.parametrize(
    "question",
    [
        "Who revised the handbook?",
        "How often are life rafts inspected?",
        "Does the manual say how to tighten it?",
        "Is it allowed to use grease?",
        "How long is the notice period of this agreement?",
        "In which year was the plant built?",
        "How many low-income homes had their water bills frozen?",
        "By what date must the boatbuilders return the signed copy of their slipway licence?",
        "Do members of the board have to sell their shares?",
    ],
)
def test_a_whole_question_is_left_alone(question: str) -> None:
    assert completed_question(question, PRICES) == question


def test_a_follow_up_of_a_follow_up_is_completed_from_the_one_before_it() -> None:
    history = (*PRICES, Turn("And of KD-485/B?", "134.95 EUR"))
    follow_up = completed_question("How many of them are in stock?", history)
    assert follow_up == "How many of KD-485/B are in stock?"


def test_a_year_of_the_nearest_passage_was_no_answer() -> None:
    refusal = "Not found in these pages.\n\nThe nearest is page 2 of a.pdf:\n“Sales fell in 2019.”"
    whole = completed_question("And the year before?", (Turn("What were the costs?", refusal),))
    assert "2018" not in whole


def test_a_person_named_earlier_is_remembered() -> None:
    history = (*DRIVER, Turn("What was the speed at impact?", "38 km/h\nSpeed at impact [1]"))
    assert completed_question("Was she hurt?", history) == "Was Noor Bakker hurt?"


@pytest.mark.parametrize(
    "message",
    ["Thanks!", "thank you very much", "Hello", "ok", "Great, thanks!", "What can you do?"],
)
def test_small_talk_gets_a_reply(message: str) -> None:
    assert small_talk_reply(message)


@pytest.mark.parametrize(
    "message",
    [
        "Thanks, and when does it end?",
        "Hello, who signed the letter?",
        "What does OK mean in the table?",
        "Who says thanks to the crew?",
        "",
    ],
)
def test_a_question_is_no_small_talk(message: str) -> None:
    assert small_talk_reply(message) == ""
