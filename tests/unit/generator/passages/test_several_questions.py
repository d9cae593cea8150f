"""A question that asks several things is parted; what may as well be one thing is not."""

from __future__ import annotations

import pytest

from generator.passages.questions.several import questions_in


@pytest.mark.parametrize(
    ("asked", "parts"),
    [
        (
            "Who chaired the meeting and how long is the notice period?",
            ["Who chaired the meeting?", "How long is the notice period?"],
        ),
        (
            "Who is the landlord, and where does he live?",
            ["Who is the landlord?", "Where does he live?"],
        ),
        (
            "what's the price and how long's the guarantee",
            ["What's the price?", "How long's the guarantee?"],
        ),
        (
            "Who chaired the meeting? How long is the notice period?",
            ["Who chaired the meeting?", "How long is the notice period?"],
        ),
        (
            "How is the seal cleaned, when is it changed, and by whom is it checked?",
            ["How is the seal cleaned?", "When is it changed?", "By whom is it checked?"],
        ),
        (
            "Are dogs allowed and is there a fee?",
            ["Are dogs allowed?", "Is there a fee?"],
        ),
        (
            "When does the walk begin and are dogs admitted?",
            ["When does the walk begin?", "Are dogs admitted?"],
        ),
        (
            "Can you tell me what the rent is and when it is due?",
            ["What is the rent?", "When is it due?"],
        ),
    ],
)
def test_clauses_with_a_verb_of_their_own_are_questions(asked: str, parts: list[str]) -> None:
    assert questions_in(asked) == parts


@pytest.mark.parametrize(
    ("asked", "parts"),
    [
        (
            "What are the width and height of the pump?",
            ["What is the width of the pump?", "What is the height of the pump?"],
        ),
        (
            "What is the phone number and e-mail address of the office?",
            [
                "What is the phone number of the office?",
                "What is the e-mail address of the office?",
            ],
        ),
        (
            "What is the phone and fax number?",
            ["What is the phone number?", "What is the fax number?"],
        ),
        (
            "What is the weight of the pump and the price of the motor?",
            ["What is the weight of the pump?", "What is the price of the motor?"],
        ),
        (
            "What is the start and end date of the project?",
            ["What is the start date of the project?", "What is the end date of the project?"],
        ),
        (
            "What salary and bonus was the director paid?",
            ["What salary was the director paid?", "What bonus was the director paid?"],
        ),
        ("How wide and high is the door?", ["How wide is the door?", "How high is the door?"]),
        ("When and where is the meeting?", ["When is the meeting?", "Where is the meeting?"]),
        (
            "How much do the small one and the large one cost?",
            ["How much do the small one cost?", "How much do the large one cost?"],
        ),
    ],
)
def test_two_things_of_one_verb_are_asked_for_one_by_one(asked: str, parts: list[str]) -> None:
    assert questions_in(asked) == parts


def test_what_both_halves_are_about_stands_before_each() -> None:
    assert questions_in("In the lease of 1998, who is the tenant and what is the rent?") == [
        "In the lease of 1998, who is the tenant?",
        "In the lease of 1998, what is the rent?",
    ]


@pytest.mark.parametrize(
    "asked",
    [
        "What are the terms and conditions of the lease?",
        "What is the time and material rate?",
        "What is the difference between the width and the height?",
        "How high are research and development costs?",
        "What is the profit and loss account?",
        "What are the roles and responsibilities of the board?",
        "What must be done between May and June?",
        "What did the landlord and the tenant agree on?",
        "Who may use the pool and the sauna?",
        "What is the name of the owner and manager?",
        "What is the total of rent and deposit?",
        "Which is cheaper, the red or the blue?",
        "Which persons decide who may enter and what they may carry?",
        "When the pump trips, what must be done?",
        "What is the seal, which is red, made of?",
        "Which is the part that leaks and which is red?",
        "Which rooms have windows and have balconies?",
        "What happens when the alarm rings and the door is shut?",
        "Is it true that dogs are allowed and that they are free?",
        "What was paid, and when?",
        "Who wrote it and in which year?",
        "Who pays for the gas, the landlord or the tenant?",
        "I have lost my key, who do I call?",
    ],
)
def test_what_may_be_one_thing_stays_one_question(asked: str) -> None:
    assert questions_in(asked) == [asked]


def test_a_long_story_is_not_parted() -> None:
    story = "We had a leak. " * 40 + "Who pays for it and how long does it take?"
    assert questions_in(story) == [story]
