"""What a question says beside what it asks: where to look, and how the answer is to be put."""

from __future__ import annotations

import pytest

from retriever.query.question_reading import read_question

PAGES = [
    ("What does page 5 say?", {5}, {"page:5"}),
    ("what is said on p. 12", {12}, {"page:12"}),
    ("What does page iv say?", set(), {"page:iv"}),
    ("WHAT IS THE TOTAL ON PAGE 14?", {14}, {"page:14"}),
    ("What is the fax number on page fourteen?", {14}, {"page:14"}),
    ("Which colour has slide 4?", {4}, {"page:4"}),
    ("What is on slide number 4?", {4}, {"page:4"}),
    ("Sum up slide #7.", {7}, {"page:7"}),
    ("Who is named on sheet 3?", {3}, {"page:3"}),
    ("What happens on the 3rd page?", {3}, set()),
    ("What happens on the twenty-first page?", {21}, set()),
    ("Is there a signature on the first page?", {1}, set()),
    ("Is there a signature on the last page?", {-1}, set()),
    ("What court is named on the cover page?", {1}, set()),
    ("Who printed the back cover page?", {-1}, set()),
    ("What do the last two slides show?", {-1, -2}, set()),
    ("What do the first three pages list?", {1, 2, 3}, set()),
    ("What is on the second to last page?", {-2}, set()),
    ("Compare pages 3-5.", {3, 4, 5}, {"page:3", "page:4", "page:5"}),
    ("Compare pages 3 to 5.", {3, 4, 5}, {"page:3", "page:4", "page:5"}),
    ("Compare pages 3, 4 and 7.", {3, 4, 7}, {"page:3", "page:4", "page:7"}),
    ("Compare page 3 and page 9.", {3, 9}, {"page:3", "page:9"}),
    ("See page F-12: what is owed?", set(), {"page:f-12"}),
    ("What does pgae 5 say?", {5}, {"page:5"}),
    ("What does silde 6 show?", {6}, {"page:6"}),
]

PLACES = [
    ("What does Figure 3 show?", {"figure:3"}),
    ("what is the y axis of fig. 3", {"figure:3"}),
    ("HOW MANY BARS ARE IN FIGURE 12?", {"figure:12"}),
    ("What is in Figure 3(b)?", {"figure:3"}),
    ("What is in Figure 3a?", {"figure:3"}),
    ("Which rows has Table 2.1?", {"table:2.1"}),
    ("Which rows has table2?", {"table:2"}),
    ("Compare Table 1 and Table 2.", {"table:1", "table:2"}),
    ("Compare Figures 5 and 6.", {"figure:5", "figure:6"}),
    ("What does section 4.2.1 ask for?", {"section:4.2.1"}),
    ("What does clause 7 ask for?", {"section:7"}),
    ("What is in Appendix B?", {"appendix:b"}),
    ("What is in Table A1?", {"table:a1"}),
    ("What is chapter 2 about?", {"chapter:2"}),
    ("Who signed Exhibit P-10?", {"exhibit:p-10"}),
    ("What does figrue 3 show?", {"figure:3"}),
    ("What does tabel 4 list?", {"table:4"}),
]

NO_PLACES = [
    "How many slides mention pumps?",
    "How many pages does the report have?",
    "What is page one design?",
    "What does the table on the wall show?",
    "What do tables of costs list?",
    "Which page shows the pump?",
    "What does a 404 page say?",
    "Is there a 5 page limit?",
    "What was on the balance sheet 2019?",
    "Does the data sheet 4 kW motor exist?",
    "Is there a table 4 metres long?",
    "Who ordered a table for 2?",
    "What does it figure?",
    "Is the figure 20 % right?",
    "How is the first page design done?",
    "Can a person I know be named?",
    "Does the stable 3 door fit?",
    "How long is cable 5?",
    "What is the age 65 group?",
]

INSTRUCTIONS = [
    ("What was the ratio? Round your answer to two decimal places.", "What was the ratio?"),
    ("What was the ratio?Round your answer to two decimal places.", "What was the ratio?"),
    ("How many bolts are there? Return me an integer.", "How many bolts are there?"),
    ("How many bolts are there? Give me an integer.", "How many bolts are there?"),
    ("Who are the directors? Write the answer as a list.", "Who are the directors?"),
    ("Who are they, the owners? Please list in alphabetical order.", "Who are they, the owners?"),
    ('Who owns it? Write the answer in list format, e.g., ["1","2"]', "Who owns it?"),
    ("Is it signed? Directly answer 'yes' or 'no'.", "Is it signed?"),
    ("Answer in one sentence. Why did the pump fail?", "Why did the pump fail?"),
    ("Why did the pump fail? ANSWER IN ONE SENTENCE.", "Why did the pump fail?"),
    ("What was the margin, rounded to one decimal place?", "What was the margin?"),
    ("How many are there? Please write the answer in lsit format.", "How many are there?"),
    ("Which years are named? Format all years in a list like ['2006']", "Which years are named?"),
    ("When did it end, as DD/MM/YYYY?", "When did it end?"),
    ("What was the margin rounded to the nearest percent?", "What was the margin?"),
    ("In one sentence, why did the pump fail?", "Why did the pump fail?"),
    ("Name the owners in alphabetical order.", "Name the owners."),
    ("Name the owners as a bulleted list.", "Name the owners."),
    ("What was the margin? Your answer should be rounded to 2 decimals.", "What was the margin?"),
    ("What is owed? Answer in millions.", "What is owed?"),
    ("What is owed? Do not explain.", "What is owed?"),
    ("Respond with only the number. How many pumps are there?", "How many pumps are there?"),
    ("Please answer briefly: what is the fee?", "what is the fee?"),
    ("Answer the question with 'Yes' or 'No': does it rain?", "does it rain?"),
    ("How many pumps are there? (Answer with a number)", "How many pumps are there?"),
    ("Do they ship? round your answer to three decimal?", "Do they ship?"),
]

ASKED = [
    "What is an integer?",
    "How do I write a list in alphabetical order of names in Excel?",
    "Which format does the answer sheet have?",
    "How many decimal places does the scale show?",
    "When does the order end?",
    "The function reads a file. What does it return?",
    "The pumps were counted. What is the result in percent?",
    "Who won: the reds or the blues?",
    "Round 3 of the talks: who won?",
    "What does 'Write the answer in the box' mean?",
    "yes",
    "List",
    "in one word",
    "契約期間は何年ですか",
    "",
]  # fmt: skip


@pytest.mark.parametrize(("text", "positions", "places"), PAGES)
def test_pages_are_named_by_position_and_by_printed_number(
    text: str, positions: set[int], places: set[str]
) -> None:
    question = read_question(text)
    assert (question.positions, question.places) == (positions, places)


@pytest.mark.parametrize(("text", "places"), PLACES)
def test_figures_tables_and_sections_are_named_by_number(text: str, places: set[str]) -> None:
    question = read_question(text)
    assert (question.places, question.positions) == (places, set())


@pytest.mark.parametrize("text", NO_PLACES)
def test_words_that_are_content_name_no_place(text: str) -> None:
    question = read_question(text)
    assert not question.places and not question.positions


def test_several_places_of_several_kinds_are_all_read() -> None:
    question = read_question("Does Table 2 on page 9 agree with Section 3.4 and the last slide?")
    assert question.positions == {9, -1}
    assert question.places == {"page:9", "table:2", "section:3.4"}


def test_a_range_may_be_a_number_of_a_chapter_too() -> None:
    assert read_question("What is in figures 1-3?").places >= {"figure:1", "figure:2", "figure:3"}
    assert read_question("What is in Table 1-1?").places == {"table:1-1"}


@pytest.mark.parametrize(("text", "search_text"), INSTRUCTIONS)
def test_instructions_about_the_answer_are_for_the_writer(text: str, search_text: str) -> None:
    question = read_question(text)
    assert question.search_text == search_text
    assert question.instructions
    assert question.text == text


@pytest.mark.parametrize("text", ASKED)
def test_what_is_asked_stays_in_the_search(text: str) -> None:
    question = read_question(text)
    assert question.search_text == text
    assert question.instructions == ()


def test_an_example_in_an_instruction_names_no_place() -> None:
    text = (
        'Which chapters are new? The answer shall be a list, for example, ["Chapter 5", "Page 8"].'
    )
    question = read_question(text)
    assert question.search_text == "Which chapters are new?"
    assert not question.places and not question.positions
