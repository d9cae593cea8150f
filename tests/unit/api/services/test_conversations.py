"""Stored talks: what is kept, in which order, and what goes with what."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from api.services.conversations import ASSISTANT, USER, Conversations, Judgement
from indexer.base.errors import ConversationNotFound, MessageNotFound
from indexer.catalog.database import Database

ANSWER = {"grounded": True, "citations": [{"n": 1, "quote": "45 Nm"}]}


@pytest.fixture
def kept(database: Database) -> Conversations:
    return Conversations(database)


def test_a_turn_is_a_question_with_its_answer(kept: Conversations) -> None:
    talk = kept.create(["manuals", "garden"])
    answered = kept.add_turn(talk.id, "How tight?", "45 Nm [1]", ANSWER, "How tight?")
    asked, same = kept.messages(talk.id)
    assert (asked.role, asked.text, asked.answer) == (USER, "How tight?", None)
    assert (same.role, same.text, same.answer) == (ASSISTANT, "45 Nm [1]", ANSWER)
    assert same == answered and same.created_at.tzinfo is not None


def test_the_first_question_gives_the_title_unless_there_is_one(kept: Conversations) -> None:
    without, named = kept.create(["a"]), kept.create(["a"], "Bolts")
    for talk in (without, named):
        kept.add_turn(talk.id, "First?", "", {}, "First?")
        kept.add_turn(talk.id, "Second?", "", {}, "Second?")
    assert kept.conversation(without.id).title == "First?"
    assert kept.conversation(named.id).title == "Bolts"
    assert kept.conversation(named.id).n_messages == 4


def test_the_latest_talk_comes_first(kept: Conversations) -> None:
    first, second, third = (kept.create(["a"], name) for name in "123")
    kept.add_turn(first.id, "?", "!", {}, "")
    assert [one.id for one in kept.conversations(10)] == [first.id, third.id, second.id]
    assert [one.id for one in kept.conversations(1, offset=1)] == [third.id]


def test_turns_at_the_same_time_stand_one_behind_the_other(kept: Conversations) -> None:
    talk = kept.create(["a"])
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda i: kept.add_turn(talk.id, f"q{i}", f"a{i}", {}, ""), range(12)))
    said = kept.messages(talk.id)
    pairs = [(q.text[1:], a.text[1:]) for q, a in zip(said[::2], said[1::2], strict=True)]
    assert len(pairs) == 12 and all(q == a for q, a in pairs)


def test_feedback_is_one_for_each_answer_and_the_last_counts(kept: Conversations) -> None:
    talk = kept.create(["a"])
    answer = kept.add_turn(talk.id, "How tight?", "45 Nm", ANSWER, "")
    kept.judge(talk.id, answer.id, Judgement.HELPFUL, "")
    kept.judge(talk.id, answer.id, Judgement.WRONG_EVIDENCE, "page 3 says it")
    (judged,) = kept.judged()
    assert judged.question == "How tight?" and judged.conversation.id == talk.id
    said = judged.message.feedback
    assert said is not None
    assert (said.verdict, said.comment) == (Judgement.WRONG_EVIDENCE, "page 3 says it")
    assert kept.messages(talk.id)[1].feedback == said


def test_only_an_answer_of_that_talk_can_be_judged(kept: Conversations) -> None:
    talk, other = kept.create(["a"]), kept.create(["a"])
    answer = kept.add_turn(talk.id, "?", "!", {}, "")
    question = kept.messages(talk.id)[0]
    for conversation_id, message_id in (
        (talk.id, question.id), (other.id, answer.id), (talk.id, "x"),
    ):  # fmt: skip
        with pytest.raises(MessageNotFound):
            kept.judge(conversation_id, message_id, Judgement.WRONG, "")
    assert kept.judged() == []


def test_a_deleted_talk_is_gone_with_all_of_it(kept: Conversations) -> None:
    talk, other = kept.create(["a"]), kept.create(["a"])
    answer = kept.add_turn(talk.id, "?", "!", {}, "")
    kept.add_turn(other.id, "?", "!", {}, "")
    kept.judge(talk.id, answer.id, Judgement.HELPFUL, "")
    kept.delete(talk.id)
    assert kept.judged() == []
    assert [one.id for one in kept.conversations(10)] == [other.id]
    for ask in (kept.conversation, kept.messages, kept.delete):
        with pytest.raises(ConversationNotFound, match=talk.id):
            ask(talk.id)
    with pytest.raises(ConversationNotFound):
        kept.add_turn(talk.id, "?", "!", {}, "")
    assert len(kept.messages(other.id)) == 2
