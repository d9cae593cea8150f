"""An answer whose reader leaves is told to its keeper as far as it went, however its pages were come by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from api.services.wiring import Services
from generator.answering.answer_form import AnswerForm
from generator.answering.answers import Answer, Token
from generator.prompts import Prompt
from tests.support.scripted_model import Line, ScriptedModel
from tests.support.small_library import QUESTION, SENTENCE, library, written_by


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    yield library(tmp_path_factory.mktemp("stopped"), min_support=0.0)


def stopped_at_first_word(services: Services, line: Line, form: AnswerForm) -> Answer:
    """Return what is told of an answer whose reader leaves at its first word."""
    kept: list[Answer] = []
    answerer = written_by(services, ScriptedModel(line)).answerer
    events = answerer.stream(QUESTION, ["manuals"], 1, form=form, on_stopped=kept.append)
    while not isinstance(next(events), Token):
        pass
    events.close()
    (answer,) = kept
    assert not answer.grounded and SENTENCE.startswith(answer.answer) and answer.answer
    return answer


def says_it(prompt: Prompt) -> str:
    number = next((page.number for page in prompt.pages if "45 Nm" in page.text), None)
    return f"{SENTENCE} [{number}]" if number else "NOT FOUND"


def test_of_whole_documents_the_answer_is_kept_with_the_pages_noted(services: Services) -> None:
    answer = stopped_at_first_word(services, says_it, AnswerForm(whole=True))
    assert [hit.page.page_number for hit in answer.pages] == [2]
    assert [step.kind for step in answer.steps] == ["cost", "note", "note", "note"]


def test_after_a_search_anew_its_words_are_those_that_were_searched(services: Services) -> None:
    """The first page that is read does not say it, the one that other words find does."""
    words = "tightening torque of housing bolts"
    rounds: list[int] = []

    def line(prompt: Prompt) -> str:
        if not prompt.pages:
            return words
        rounds.append(len(prompt.pages))
        return "NOT FOUND" if len(rounds) == 1 else SENTENCE

    settings = services.settings.model_copy(update={"rewritten_searches": 1})
    answer = stopped_at_first_word(replace(services, settings=settings), line, AnswerForm())
    assert answer.searched_question == words and answer.question == QUESTION
