"""Stored conversations: what is stored, in which order, and what goes with what."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from api.services.conversation_records import ASSISTANT, USER, Judgement
from api.services.conversations import Conversations
from indexer.base.errors import ConversationNotFound, MessageNotFound
from indexer.catalog.database import Database

ANSWER = {"grounded": True, "citations": [{"n": 1, "quote": "45 Nm"}]}


@pytest.fixture
def conversations(database: Database) -> Conversations:
    return Conversations(database)


def test_a_turn_is_a_question_with_its_answer(conversations: Conversations) -> None:
    conversation = conversations.create(["manuals", "garden"])
    answer = conversations.add_turn(
        conversation.id, "How tight?", "45 Nm [1]", ANSWER, "How tight?"
    )
    first, second = conversations.messages(conversation.id)
    assert (first.role, first.text, first.answer) == (USER, "How tight?", None)
    assert (second.role, second.text, second.answer) == (ASSISTANT, "45 Nm [1]", ANSWER)
    assert second == answer and second.created_at.tzinfo is not None


def test_the_first_question_gives_the_title_unless_there_is_one(
    conversations: Conversations,
) -> None:
    without_title, with_title = conversations.create(["a"]), conversations.create(["a"], "Bolts")
    for conversation in (without_title, with_title):
        conversations.add_turn(conversation.id, "First?", "", {}, "First?")
        conversations.add_turn(conversation.id, "Second?", "", {}, "Second?")
    assert conversations.get(without_title.id).title == "First?"
    assert conversations.get(with_title.id).title == "Bolts"
    assert conversations.get(with_title.id).n_messages == 4


def test_the_latest_conversation_comes_first(conversations: Conversations) -> None:
    first, second, third = (conversations.create(["a"], name) for name in "123")
    conversations.add_turn(first.id, "?", "!", {}, "")
    assert [conversation.id for conversation in conversations.latest(10)] == [
        first.id,
        third.id,
        second.id,
    ]
    assert [conversation.id for conversation in conversations.latest(1, offset=1)] == [third.id]


def test_turns_at_the_same_time_stand_one_behind_the_other(conversations: Conversations) -> None:
    conversation = conversations.create(["a"])
    with ThreadPoolExecutor(4) as pool:
        list(
            pool.map(
                lambda i: conversations.add_turn(conversation.id, f"q{i}", f"a{i}", {}, ""),
                range(12),
            )
        )
    messages = conversations.messages(conversation.id)
    pairs = [(q.text[1:], a.text[1:]) for q, a in zip(messages[::2], messages[1::2], strict=True)]
    assert len(pairs) == 12 and all(q == a for q, a in pairs)


def test_feedback_is_one_for_each_answer_and_the_last_counts(conversations: Conversations) -> None:
    conversation = conversations.create(["a"])
    answer = conversations.add_turn(conversation.id, "How tight?", "45 Nm", ANSWER, "")
    conversations.judge(conversation.id, answer.id, Judgement.HELPFUL, "")
    conversations.judge(conversation.id, answer.id, Judgement.WRONG_EVIDENCE, "page 3 says it")
    (judged_answer,) = conversations.judged_answers()
    assert judged_answer.question == "How tight?"
    assert judged_answer.conversation.id == conversation.id
    feedback = judged_answer.message.feedback
    assert feedback is not None
    assert (feedback.verdict, feedback.comment) == (Judgement.WRONG_EVIDENCE, "page 3 says it")
    assert conversations.messages(conversation.id)[1].feedback == feedback


def test_only_an_answer_of_that_conversation_can_be_judged(conversations: Conversations) -> None:
    conversation, neighbour = conversations.create(["a"]), conversations.create(["a"])
    answer = conversations.add_turn(conversation.id, "?", "!", {}, "")
    question = conversations.messages(conversation.id)[0]
    for conversation_id, message_id in (
        (conversation.id, question.id), (neighbour.id, answer.id), (conversation.id, "x"),
    ):  # fmt: skip
        with pytest.raises(MessageNotFound):
            conversations.judge(conversation_id, message_id, Judgement.WRONG, "")
    assert conversations.judged_answers() == []


def test_a_deleted_conversation_is_gone_with_all_of_it(conversations: Conversations) -> None:
    conversation, neighbour = conversations.create(["a"]), conversations.create(["a"])
    answer = conversations.add_turn(conversation.id, "?", "!", {}, "")
    conversations.add_turn(neighbour.id, "?", "!", {}, "")
    conversations.judge(conversation.id, answer.id, Judgement.HELPFUL, "")
    conversations.delete(conversation.id)
    assert conversations.judged_answers() == []
    assert [conversation.id for conversation in conversations.latest(10)] == [neighbour.id]
    for call in (conversations.get, conversations.messages, conversations.delete):
        with pytest.raises(ConversationNotFound, match=conversation.id):
            call(conversation.id)
    with pytest.raises(ConversationNotFound):
        conversations.add_turn(conversation.id, "?", "!", {}, "")
    assert len(conversations.messages(neighbour.id)) == 2
