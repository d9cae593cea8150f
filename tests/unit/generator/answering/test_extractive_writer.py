"""Answers made of quotations: which are chosen, how they read, when there is none."""

from __future__ import annotations

from generator.answering.answers import Citation, CitationAdded, Token
from generator.answering.extractive_writer import ExtractiveWriter
from generator.answering.writer import WritingRequest
from generator.passages.support import ReadPage
from indexer.base.pages import PageWords, enclosing, fraction_box
from tests.support.typed_pages import ENCODER, read_page, typed

PAGE = typed(
    """
    The motor is lifted by a crane with two ropes. The bolts of the suction flange
    are tightened to 95 Nm. The wiring is checked by an electrician.

    The bolts of the suction flange carry a mark.
    """
)
QUESTION = "How tight are the bolts of the suction flange?"


def answer(
    question: str, *pages: ReadPage, min_support: float = 0.2, max_quotations: int = 3
) -> tuple[str, list[Citation]]:
    writer = ExtractiveWriter(min_support, max_quotations)
    query = ENCODER.encode_queries([question])[0]
    events = list(writer.write(WritingRequest(question, query, pages)))
    text = "".join(event.text for event in events if isinstance(event, Token))
    return text, [event.citation for event in events if isinstance(event, CitationAdded)]


def test_every_quote_is_a_contiguous_run_of_the_page_s_words() -> None:
    _, citations = answer(QUESTION, read_page(PAGE))
    assert citations
    for citation in citations:
        quoted = citation.quote.split(" ")
        runs = [list(PAGE.texts[i : i + len(quoted)]) for i in range(len(PAGE))]
        assert quoted in runs


def test_the_box_is_around_the_quoted_words() -> None:
    _, (citation, *_) = answer(QUESTION, read_page(PAGE))
    first = PAGE.texts.index("The", 9)
    assert citation.box[1] == fraction_box(PAGE.boxes[first])[1]
    assert all(0 <= value <= 1 for value in citation.box)


def test_each_quotation_is_followed_by_its_number_and_its_citation() -> None:
    question = "Which mark do the bolts of the suction flange carry?"
    words = typed(
        "The bolts of the suction flange carry a mark.\n\n\nEach mark of the suction flange bolts is red."
    )
    query = ENCODER.encode_queries([question])[0]
    request = WritingRequest(question, query, [read_page(words)])
    events = list(ExtractiveWriter(0.2, 2).write(request))
    assert [type(event) for event in events] == [
        Token,
        Token,
        CitationAdded,
        Token,
        Token,
        Token,
        CitationAdded,
    ]
    text, citations = answer(question, read_page(words), max_quotations=2)
    one, other = citations
    assert text == f"“{one.quote}” [1]\n“{other.quote}” [2]"
    assert [citation.n for citation in citations] == [1, 2]


def test_the_value_stands_on_the_first_line_and_the_sentence_below_it() -> None:
    text, (citation,) = answer(QUESTION, read_page(PAGE))
    assert text == "95 Nm\n“The bolts of the suction flange are tightened to 95 Nm.” [1]"
    first = PAGE.texts.index("95")
    assert citation.value == "95 Nm"
    assert citation.value_box == fraction_box(enclosing(PAGE.boxes[first : first + 2]))


def test_the_best_quotation_comes_first() -> None:
    _, citations = answer(QUESTION, read_page(PAGE))
    supports = [citation.support for citation in citations]
    assert supports == sorted(supports, reverse=True)


def test_no_more_is_quoted_than_was_asked_for() -> None:
    assert len(answer(QUESTION, read_page(PAGE), max_quotations=1)[1]) == 1


def test_the_same_words_on_two_pages_are_quoted_once() -> None:
    _, citations = answer(QUESTION, read_page(PAGE, 1), read_page(PAGE, 2))
    assert len({citation.quote for citation in citations}) == len(citations)


def test_a_far_weaker_passage_is_not_quoted_beside_a_strong_one() -> None:
    words = typed("The bolts of the suction flange are tightened to 95 Nm.\n\n\nCall the works.")
    _, citations = answer(QUESTION, read_page(words), min_support=0.0)
    assert [citation.quote for citation in citations] == [
        "The bolts of the suction flange are tightened to 95 Nm."
    ]


def test_quotations_of_one_page_never_overlap() -> None:
    words = typed("The Suction Flange\n\nThe bolts of the suction flange are tightened to 95 Nm.")
    _, citations = answer(QUESTION, read_page(words), min_support=0.0)
    assert [c.quote for c in citations] == [" ".join(words.texts)] or len(citations) == 1


def test_without_enough_support_the_nearest_passage_is_shown_for_what_it_is() -> None:
    text, citations = answer(
        "How tall is the lighthouse?",
        read_page(PAGE, 3, "pump-manual.pdf"),
        read_page(PAGE, 4, "pump-manual.pdf"),
        min_support=0.9,
    )
    assert citations == []
    assert text == (
        "Not found: none of these pages says “lighthouse”.\n\nThe nearest is page 3 of pump-manual.pdf:\n"
        "“The bolts of the suction flange carry a mark.”"
    )


def test_what_is_said_of_another_name_is_not_shown_as_near() -> None:
    text, citations = answer(
        "What is the torque of KD-340/B?", read_page(PAGE, 3, "pump-manual.pdf")
    )
    assert citations == []
    assert text == (
        "Not found: none of these pages names KD-340/B. The nearest is page 3 of pump-manual.pdf."
    )


def test_pages_without_words_are_not_found_but_no_error() -> None:
    text, citations = answer("How tall is it?", read_page(PageWords()), min_support=0.0)
    assert citations == []
    assert text.startswith("Not found in these pages.")


def test_without_pages_there_is_nothing_to_name() -> None:
    assert answer("How tall is it?") == ("Not found: there is no page to read.", [])


def test_a_number_is_found_behind_its_sign_also_in_a_heading() -> None:
    page = typed(
        "Drawing no. 77-4120-B rev. 4\n\n\nThe drawing shows the pump and both of its valves."
    )
    text, _ = answer("What is the drawing number?", read_page(page))
    assert text.startswith("77-4120-B\n")


def test_a_sentence_without_a_figure_does_not_say_how_many() -> None:
    page = typed(
        "Visitors of the museum in 2022 by country.\n\n\nThe museum had 4,120 visitors in all."
    )
    text, _ = answer("How many visitors came to the museum in 2022?", read_page(page))
    assert text.startswith("4,120 visitors\n")


def test_termination_for_cause_is_termination_for_a_breach() -> None:
    page = typed(
        "12.2 Either party may terminate this agreement for convenience on 60 days notice.\n\n\n"
        "12.3 Either party may terminate this agreement if the other commits a material breach."
    )
    text, _ = answer("When can the agreement be terminated for cause?", read_page(page))
    assert "material breach" in text.split("[1]")[0]


def test_what_has_to_be_counted_is_said_to_be_so() -> None:
    text, citations = answer(
        "How many charts are in the report?", read_page(typed("The report has charts."))
    )
    assert text.startswith(
        "Not found: no page says it; it has to be counted.\n\nThe nearest is page 1"
    )
    assert citations == []
