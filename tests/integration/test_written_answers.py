"""How a model comes by its pages: narrowed, searched again, read whole; and a run that goes on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from api.diagnostics.comparison.gold import GoldAnswer
from api.diagnostics.evaluation.asking import Examiner
from api.diagnostics.evaluation.figures import figures_of
from api.diagnostics.evaluation.questions import Question
from api.services.wiring import Services
from generator.answering.answer_form import AnswerForm
from generator.answering.answers import Answer, AnswerDone, AnswerEvent
from generator.answering.finding.page_choice import runs_on
from generator.answering.steps import StepTaken
from generator.errors import BackendTimeout, NeedsModel, PromptTooLong
from generator.prompts import Prompt
from indexer.base.layout import BlockKind
from tests.support.laid_out import block, page_of, plain_table
from tests.support.scripted_model import Line, ScriptedModel, failing
from tests.support.small_library import QUESTION, SENTENCE, library, written_by

TEXT = AnswerForm()


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    yield library(tmp_path_factory.mktemp("written"), min_support=0.0)


def asked(
    services: Services,
    line: Line,
    *,
    k: int = 1,
    form: AnswerForm = TEXT,
    **settings: object,
) -> tuple[ScriptedModel, list[AnswerEvent], Answer]:
    model = ScriptedModel(line)
    changed = replace(services, settings=services.settings.model_copy(update=settings))
    answerer = written_by(changed, model).answerer
    events = list(answerer.stream(QUESTION, ["manuals"], k, form=form))
    assert isinstance(events[-1], AnswerDone)
    return model, events, events[-1].answer


def quotes_if_there(prompt: Prompt) -> str:
    """Answer from the page that says it; word a search anew; else say that the pages do not."""
    if not prompt.pages and "Search query" in prompt.question:
        return '"tightening torque of housing bolts"'
    number = next((page.number for page in prompt.pages if "45 Nm" in page.text), None)
    return f"{SENTENCE} [{number}]" if number else "NOT FOUND"


def test_many_pages_are_narrowed_to_those_whose_passages_carry_the_question(
    services: Services,
) -> None:
    model, _, answer = asked(services, quotes_if_there, narrow_from_pages=3)
    assert [page.page_number for page in model.prompts[0].pages] == [2]
    assert [hit.page.page_number for hit in answer.pages] == [2] and answer.grounded


def test_a_search_is_worded_anew_once_where_the_model_says_that_evidence_is_missing(
    services: Services,
) -> None:
    def line(prompt: Prompt) -> str:
        return quotes_if_there(prompt) if not prompt.pages else "NOT FOUND"

    model, events, answer = asked(services, line, k=1, rewritten_searches=1)
    steps = [event for event in events if isinstance(event, StepTaken)]
    assert [(step.kind, step.text) for step in steps] == [
        ("search", "tightening torque of housing bolts")
    ]
    assert answer.steps == tuple(steps) and "Not found" in answer.answer
    assert answer.answer.count("Not found") == 1, "the first round says nothing to the reader"
    first, rewriting, second = model.prompts
    assert "pump.pdf" in rewriting.question
    pages_read = [{page.page_number for page in prompt.pages} for prompt in (first, second)]
    assert not pages_read[0] & pages_read[1], "pages that did not answer are not read again"
    assert {hit.page.page_number for hit in answer.pages} == pages_read[0] | pages_read[1]
    assert answer.usage["prompt_tokens"] == 30
    _, _, without = asked(services, line, k=1)
    assert without.steps == ()


def test_pages_of_another_search_that_do_not_fit_are_left_out_and_not_the_answer(
    services: Services,
) -> None:
    read_first: list[Prompt] = []

    def line(prompt: Prompt) -> str:
        if not prompt.pages:
            return "tightening torque of housing bolts"
        if read_first:
            raise PromptTooLong("too much")
        read_first.append(prompt)
        return "NOT FOUND"

    _, _, answer = asked(services, line, k=1, rewritten_searches=1)
    assert [step.kind for step in answer.steps] == ["search", "limit"]
    assert answer.answer.count("Not found") == 1
    (page,) = read_first[0].pages
    assert [hit.page.page_number for hit in answer.pages] == [page.page_number]


def test_whole_documents_are_read_part_by_part_and_the_cost_is_told_first(
    services: Services,
) -> None:
    form = AnswerForm(whole=True)
    model, events, answer = asked(services, quotes_if_there, k=1, form=form)
    assert isinstance(events[1], StepTaken) and events[1].kind == "cost"
    assert events[1].text.startswith("3 pages in 3 parts, 4 prompts, about ")
    assert [step.text for step in answer.steps[1:]] == [f"part {n} of 3" for n in (1, 2, 3)]
    assert answer.answer == f"{SENTENCE} [1]" and answer.grounded
    assert [citation.page_number for citation in answer.citations] == [2]
    last = model.prompts[-1]
    assert SENTENCE in last.question and len(model.prompts) == 4
    assert [page.page_number for page in last.pages] == [2], "only pages with notes are read again"
    assert answer.usage["prompts"] == 4 and answer.usage["prompt_tokens"] == 40
    _, _, nothing = asked(services, lambda _: "NOT FOUND", k=3, form=form)
    assert "Not found" in nothing.answer and not nothing.grounded
    with pytest.raises(NeedsModel, match="by a model"):
        services.answerer.stream(QUESTION, ["manuals"], form=form)


def test_a_page_runs_on_where_its_last_table_or_sentence_does() -> None:
    sentence = block(BlockKind.TEXT, "The pump must be drained before the")
    foot = block(BlockKind.PAGE_FOOTER, "page 3")
    assert runs_on(page_of(sentence, foot)) and runs_on(
        page_of(plain_table(["a", "b"], ["c", "d"]))
    )
    assert not runs_on(page_of(block(BlockKind.TEXT, "It is drained."), foot))
    assert not runs_on(page_of())


def test_a_run_goes_on_when_the_model_fails_and_counts_the_question_as_failed(
    services: Services,
) -> None:
    error = BackendTimeout("no word within 5 s", "first token")
    model = ScriptedModel(failing(error, "bolts"))
    catalog = services.stores.catalog
    failed_services = written_by(services, model)
    examiner = Examiner("manuals", services.searcher, failed_services.answerer, catalog)
    gold = frozenset({("pump.pdf", 2)})
    questions = [
        Question(QUESTION, "pump.pdf", gold, ("Text",), GoldAnswer("45 Nm")),
        Question("What is the colour?", "pump.pdf", frozenset(), (), GoldAnswer("Not answerable")),
    ]
    failed, refused = examiner.ask(questions)
    assert failed.error == "backend_timeout: no word within 5 s" and failed.rule == "failed"
    assert failed.figures["correct"] == 0.0 and failed.figures["ndcg@5"] > 0, "the pages were found"
    assert refused.error == "" and refused.refused
    figures = figures_of([failed, refused])
    assert figures["failed"] == {"backend_timeout": 1}
    assert figures["abstention"]["wrongly_abstained"] == 0
