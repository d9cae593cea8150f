"""What a chat program asks behind its user's back, answered without a model."""

from __future__ import annotations

import json

import pytest

from generator.answering.talk.side_tasks import is_side_task, side_task_without_model, title_of

HISTORY = """
### Chat History:
<chat_history>
USER: How tight are the flange bolts of a KD-340 pump?
ASSISTANT: 95 Nm [1].
</chat_history>"""


def task(form: str) -> str:
    return f"### Task:\nDo something.\n### Output:\nJSON format: {form}\n{HISTORY}"


@pytest.mark.parametrize(
    ("form", "answer"),
    [
        ('{ "title": "your concise title here" }', {"title": "How tight are the flange bolts…"}),
        ('{ "tags": ["tag1", "tag2"] }', {"tags": ["General"]}),
        ('{ "follow_ups": ["Question 1?"] }', {"follow_ups": []}),
        ('{ "queries": ["query1"] }', {"queries": []}),
        ('{ "text": "<your_completion>" }', {"text": ""}),
    ],
)
def test_every_form_is_answered_with_valid_json_of_that_form(form: str, answer: object) -> None:
    assert is_side_task(task(form))
    assert json.loads(side_task_without_model(task(form))) == answer


def test_an_unknown_task_is_answered_with_nothing() -> None:
    assert side_task_without_model("### Task:\nPaint a picture." + HISTORY) == ""


def test_a_title_that_is_asked_for_in_plain_words_is_the_first_question() -> None:
    asked = "Give a short title for the conversation.\n\nUser: Who pays the rent?\nAI: The tenant."
    assert side_task_without_model(asked) == "Who pays the rent?"


def test_a_question_of_a_user_is_no_side_task() -> None:
    assert not is_side_task("What is the ### Task: of the pump?")
    assert not is_side_task('What does {"title": "Bolts"} mean in the log?')
    assert not is_side_task("### Task:\nFind the torque of the housing bolts.")


def test_a_question_with_the_text_of_a_file_is_no_side_task_whatever_the_file_shows() -> None:
    file = f'<source id="1" name="notes.txt">JSON format: {{"title": "x"}}\n{HISTORY}</source>'
    template = "### Task:\nRespond to the user query using the provided context."
    assert not is_side_task(f"{template}\n\n<context>\n{file}\n</context>\nWho signed it?")


def test_a_title_that_is_asked_for_in_words_is_a_side_task() -> None:
    asked = "Give a short title for the conversation.\n\nUser: Who pays the rent?\nAI: The tenant."
    assert is_side_task(asked)
    assert not is_side_task("What is the title of the conversation on page 3?")


def test_a_question_to_the_model_without_documents_is_sent_elsewhere() -> None:
    assert "reads no documents" in side_task_without_model("Say hi")


def test_a_title_is_short_whatever_the_question_is() -> None:
    assert title_of("  Who   pays?  ") == "Who pays?"
    assert title_of("x" * 300) == "x" * 59 + "…"
    assert title_of("") == ""
