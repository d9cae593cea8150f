"""The question of a message that holds much more."""

from __future__ import annotations

import pytest

from generator.answering.talk.document_lists import asks_for_documents
from generator.answering.talk.user_words import question_within, user_words

MAIL = "The pump came late. Who is to blame?\n> Can you deliver by Monday?\n" * 40


def test_a_message_of_the_user_alone_is_left_as_it_is() -> None:
    for message in ("Who pays?", "What is a <context> tag?", "", "Query: who pays?"):
        assert user_words(message) == message


def test_a_message_of_files_alone_is_searched_as_it_is() -> None:
    message = "<context>rent</context>"
    assert user_words(message) == message


def test_a_list_of_attached_files_is_not_searched_for() -> None:
    attached = '<attached_files>\n<file id="4bc8d257" name="notes.txt"/>\n</attached_files>'
    context = "### Task:\nAnswer.\n<context>\nLunch is at noon.\n</context>"
    for message in (f"{context}\n\n{attached}\n\nWho pays?", f"{attached}\n\nWho pays?"):
        assert user_words(message) == "Who pays?"
    assert user_words(attached) == attached


def test_a_question_in_a_paragraph_of_its_own_is_preferred() -> None:
    assert question_within(f"{MAIL}\n\nCheck the delivery date of it.", 4000) == (
        "Check the delivery date of it."
    )
    assert question_within(f"What is late here?\n\n{MAIL}", 4000) == "What is late here?"


def test_what_is_quoted_from_somebody_else_is_no_question() -> None:
    assert question_within(MAIL, 4000) == "Who is to blame?"


def test_a_text_that_asks_nothing_has_no_question() -> None:
    assert question_within("The pump came late.\n" * 400, 4000) == ""
    assert question_within("\n", 1) == ""


@pytest.mark.parametrize(
    "message",
    [
        "Which documents do you have?", "List all documents", "what files are there",
        "What documents are in this collection?", "How many documents do you have?",
        "Hello, which documents do you have?",
    ],
)  # fmt: skip
def test_a_list_of_documents_is_asked_for(message: str) -> None:
    assert asks_for_documents(message)


@pytest.mark.parametrize(
    "message",
    [
        "Which documents mention the KD-340?", "Which documents must the tenant provide?",
        "List the documents that the tenant must sign", "What do you know about pumps?", "",
    ],
)  # fmt: skip
def test_a_question_about_documents_is_asked_of_the_pages(message: str) -> None:
    assert not asks_for_documents(message)
