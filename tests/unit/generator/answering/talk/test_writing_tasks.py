"""What has to be written by a model is told from what a page may say."""

from __future__ import annotations

import pytest

from generator.answering.talk.small_talk import asks_for_writing


@pytest.mark.parametrize(
    "message",
    [
        "Summarise pump-manual.pdf",
        "please summarize the second page for me.",
        "Can you give me a short summary of the agreement?",
        "Translate clause 12 into French",
        "TL;DR",
        "Fasse das Handbuch bitte zusammen.",
    ],
)
def test_a_text_that_no_page_holds_is_asked_for(message: str) -> None:
    assert asks_for_writing(message)


@pytest.mark.parametrize(
    "message",
    [
        "Which summary does the board give?",
        "What does the summary of clause 12 say?",
        "Who translated the letter?",
        "How tight must the bolts be? Summarise it.",
    ],
)
def test_a_question_about_pages_is_left_to_them(message: str) -> None:
    assert not asks_for_writing(message)
