"""A passage that holds nothing of the kind asked for is no answer, whatever it speaks of."""

from __future__ import annotations

from generator.passages.asked_thing import holds_thing, thing_in_words
from generator.passages.questions.parsed_question import read_question
from generator.passages.splitting.page_passages import passages_of
from generator.passages.subject import subject_of
from tests.support.typed_pages import typed

HELD = {
    "What does an impeller cost?": ("An impeller costs 240 euros.", "An impeller has six vanes of 168 mm."),
    "What is the fee for a visit?": ("A visit is free of charge.", "A visit lasts 45 minutes, at 9:30."),
    "What is the compensation for leaving?": ("It is three monthly fees.", "It is due within 45 days."),
    "Which bank account takes the rent?": (
        "The rent goes to account 20 55 318 044 at Larkfield.",
        "Write to us about rents paid into a bank account.",
    ),
    "What is the fax number of the clinic?": ("Fax of the clinic 041 555 90 33.", "Serial number 23-04100."),
    "What is the VAT number of the mill?": ("VAT number of the mill GB 771 204.", "Policy no. 77-2040-B."),
    "What percentage of guests return?": ("Of the guests 61% return.", "In 2024 there were 1,940 guests."),
    "When was the bridge built?": ("The bridge was built in 1931.", "The bridge was built by masons."),
    "When does the float switch stop it?": ("It stops when the sump is empty.", "The float is blue."),
    "How long is the lease?": ("The lease runs for three years.", "The lease is signed by both."),
    "How heavy is the case?": ("The case weighs 61 kg.", "The case is 340 mm long and 95 mm high."),
    "How many acres were cleared?": ("They cleared 310 acres of trees.", "They cleared them in 14 days."),
    "What is the address of the notary?": ("The notary is at 3 Mint Court.", "The notary is on leave."),
    "Who is the harbour engineer?": (
        "Ask the harbour engineer, Miss Ruth Pellow.",
        "Customer Data goes to the harbour engineer.",
    ),
    "Who wrote the manual?": ("Manual: Achterberg", "Manual DN 65 A4-70 B C"),
}  # fmt: skip


def test_each_kind_of_thing_is_told_from_what_only_speaks_of_the_same() -> None:
    for question, (answer, other) in HELD.items():
        parsed = read_question(question)
        assert [holds_thing(parsed, passage) for passage in passages_of(typed(answer))] == [True], (
            answer
        )
        assert [holds_thing(parsed, passage) for passage in passages_of(typed(other))] == [False], (
            other
        )


def test_what_is_asked_for_is_told_in_words() -> None:
    assert thing_in_words(read_question("What does the lift cost?")) == "an amount of money"
    assert thing_in_words(read_question("How many acres were cleared?")) == "a number of acres"
    assert thing_in_words(read_question("Why was it cleared?")) == ""


def test_words_that_no_page_has_are_known_in_their_other_forms() -> None:
    subject = subject_of(read_question("What is the voltage of the battery in the German boats?"))
    page = frozenset(["voltag", "germany", "boat"])
    assert subject.as_written(page) == ["battery"]
    assert subject.near_share(frozenset(["voltag"]), frozenset(["battery"])) < 0.5
    assert subject_of(read_question("מה דמי השכירות?")).weights == {}


def test_a_passage_that_names_nothing_but_the_kind_is_of_the_thing_of_the_document() -> None:
    subject = subject_of(read_question("How much does the machine cost?"))
    bare, other = (
        passages_of(typed(t))[0]
        for t in ("The price is 400 euros net.", "Towels cost 4 euros a day each.")
    )
    assert subject.is_bare(bare)
    assert not subject.is_bare(other)
