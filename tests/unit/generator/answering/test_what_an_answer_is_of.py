"""What a passage speaks of: the sentence itself, its title, an example, the page that is named."""

from __future__ import annotations

from generator.answering.answers import PassageBeside, Token
from generator.answering.extractive_writer import ExtractiveWriter
from generator.answering.writer import WritingRequest
from generator.passages.asked_thing import holds_thing
from generator.passages.polarity import is_of_the_opposite
from generator.passages.questions.answer_kinds import AnswerKind
from generator.passages.questions.parsed_question import read_question
from generator.passages.splitting.page_passages import passages_of
from generator.passages.support import Quotation, quotations
from indexer.base.layout import BlockKind
from indexer.base.pages import PageWords
from tests.support.laid_out_pages import Sheet
from tests.support.typed_pages import ENCODER, read_page, typed

HISTORY = (
    Sheet()
    .put(BlockKind.TEXT, "The tower of the museum is 41 metres high.")
    .put(BlockKind.TEXT, "A new wing was added in 1998 and cost 14 million kroner.")
    .words()
)
LAWS = (
    Sheet()
    .put(
        BlockKind.TEXT,
        "Law of Past Experience. Stimuli that were seen together are grouped. They need not be alike.",
    )
    .put(BlockKind.TEXT, "The experience of the past was a law to the experts, said Wertheimer.")
    .words()
)
LIGHT = (
    Sheet()
    .put(
        BlockKind.TEXT,
        "Reflecting surfaces send the waves of the light back to where it came from.",
    )
    .put(BlockKind.TEXT, "A reflecting surface can be any polished body, such as a mirror.")
    .words()
)
CLINIC = (
    Sheet()
    .put(BlockKind.TEXT, "The operation takes about 90 minutes.")
    .put(BlockKind.HEADING, "After the operation")
    .put(BlockKind.TEXT, "Take one tablet of 500 mg three times a day.")
    .words()
)
LETTER = (
    Sheet().put(BlockKind.TEXT, "Dear Ms. Orr,").put(BlockKind.TEXT, "Porto, 8 May 2021").words()
)


def ranking(question: str, *pages: PageWords) -> list[Quotation]:
    return quotations(
        read_question(question),
        ENCODER.encode_queries([question])[0],
        [read_page(words, number) for number, words in enumerate(pages, start=1)],
    )


def answer(question: str, *pages: PageWords) -> str:
    """The text of an answer that has enough support; empty where there is none."""
    read = [read_page(words, number) for number, words in enumerate(pages, start=1)]
    request = WritingRequest(question, ENCODER.encode_queries([question])[0], read, lambda: False)
    events = list(ExtractiveWriter(0.5, 3).write(request))
    if any(isinstance(event, PassageBeside) and not event.is_further for event in events):
        return ""
    return "".join(event.text for event in events if isinstance(event, Token))


def test_an_amount_is_of_what_its_own_sentence_names() -> None:
    of_tower, of_wing = (
        ranking(f"How much did the {it} cost?", HISTORY)[0] for it in ("tower", "new wing")
    )
    assert of_tower.closeness < 0.5 < of_wing.closeness


def test_a_title_within_its_paragraph_counts_for_the_sentences_behind_it() -> None:
    best = ranking("How is the law of past experience defined?", LAWS)[0]
    assert best.passage.context.beside == "Law of Past Experience."


def test_a_sentence_with_a_figure_in_the_unit_need_not_name_what_is_measured() -> None:
    best = ranking("How long does the operation take?", CLINIC)[0]
    assert best.passage.quote == "The operation takes about 90 minutes."


def test_what_says_that_it_is_an_example_answers_for_one() -> None:
    assert "mirror" in ranking("What is an example of reflecting surfaces?", LIGHT)[0].passage.quote
    assert "mirror" not in ranking("What do reflecting surfaces send back?", LIGHT)[0].passage.quote


def test_the_date_on_a_page_that_is_named_is_the_one_that_is_there() -> None:
    assert answer("What is the date mentioned on page 2?", HISTORY, LETTER).startswith(
        "8 May 2021\n"
    )
    assert not answer("What is the phone number on page 2?", HISTORY, LETTER)


def test_what_is_said_of_the_other_one_of_two_is_not_meant() -> None:
    south = read_question("What is the rent of the south slip?")
    assert is_of_the_opposite(south, "Rent of the north slip 4,850.00")
    assert not is_of_the_opposite(south, "Rent of the north and the south slip 4,850.00")
    assert not is_of_the_opposite(south, "Rent of the slip 4,850.00")


def test_words_that_only_end_as_a_person_s_part_name_nobody() -> None:
    question = read_question("Who wrote the manual?")
    (other,), (right,) = (
        passages_of(typed(text))
        for text in (
            "Whichever manual comes later, keep it under cover.",
            "It was written by the fitter.",
        )
    )
    assert not holds_thing(question, other)
    assert holds_thing(question, right)


def test_a_day_of_a_month_is_no_address() -> None:
    question = read_question("What is the address of the hall?")
    held = [
        holds_thing(question, *passages_of(typed(text)))
        for text in ("The hall is open from 1 May 2025.", "The hall is at 1 Mill Lane, Porto.")
    ]
    assert held == [False, True]


def test_a_form_that_only_a_figure_has_asks_for_a_figure() -> None:
    kinds = [
        read_question(f"What is total goodwill? {how}").kind
        for how in ("Answer in millions.", "Round to two decimals.", "Answer in one sentence.")
    ]
    assert kinds == [AnswerKind.NUMBER, AnswerKind.NUMBER, AnswerKind.ANY]
    assert read_question("Which page names the fee? Return an integer.").kind is AnswerKind.ANY
