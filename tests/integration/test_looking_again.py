"""A scripted model looks again: it searches, opens the next page, zooms, reads a table, then answers."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import httpx2
import pytest
from PIL import Image

from api.serve.app import create_app
from api.services.stored_pages import page_image
from api.services.wiring import Services
from generator.answering.answers import AnswerDone
from generator.answering.looking.actions import Action
from generator.answering.looking.page_tools import PageTools
from generator.answering.model_writer import ModelWriter
from generator.answering.steps import StepTaken
from generator.errors import BackendError, PromptTooDear, PromptTooLong
from generator.prompts import Prompt
from indexer.base.page_images import jpeg_for_model
from pagesight_client import Answer as ClientAnswer
from pagesight_client import Client, PagesRead
from pagesight_client import StepTaken as ClientStep
from tests.support.laid_out import page_of, plain_table
from tests.support.real_server import serving
from tests.support.scripted_model import ScriptedModel, failing
from tests.support.small_library import QUESTION, SENTENCE, library
from tests.support.typed_pages import read_page

ZOOM = {"action": "zoom", "page": 1, "box": [0, 0, 500, 250]}


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    yield library(tmp_path_factory.mktemp("looking"), min_support=0.0)


def acts(*actions: Mapping[str, Any] | str) -> Callable[[Prompt], str]:
    """Write these actions one after another; then quote the page that says it."""
    left = list(actions)

    def line(prompt: Prompt) -> str:
        if prompt.json_schema is not None:
            action = left.pop(0) if left else {"action": "answer"}
            return action if isinstance(action, str) else json.dumps(action)
        number = next((page.number for page in prompt.pages if "45 Nm" in page.text), None)
        return f"{SENTENCE} [{number}]" if number else "NOT FOUND"

    return line


def looking(services: Services, model: ScriptedModel, **settings: Any) -> Services:
    settings = {"looking_steps": 4, "generator": "qwen2-vl"} | settings
    changed = replace(services, settings=services.settings.model_copy(update=settings))
    stores = services.stores
    return changed.answered_by(
        ModelWriter(model, lambda hit: jpeg_for_model(page_image(stores, hit.page), 200_000))
    )


def test_each_step_is_taken_shown_and_read(services: Services) -> None:
    model = ScriptedModel(
        acts(
            {"action": "search", "query": "spare parts"},
            {"action": "open", "page": 9, "offset": 1},
            {"action": "open", "page": 1, "offset": -1},
            ZOOM,
        ),
        reads_images=True,
    )
    events = list(looking(services, model).answerer.stream(QUESTION, ["manuals"], k=1))
    steps = [event for event in events if isinstance(event, StepTaken)]
    assert [step.kind for step in steps] == ["search", "page", "page", "region", "limit"]
    assert steps[-1].text == "4 steps used up"
    done = events[-1]
    assert isinstance(done, AnswerDone) and done.answer.steps == tuple(steps)
    assert done.answer.grounded and done.answer.citations[0].page_number == 2
    assert done.answer.usage["prompt_tokens"] == 50, "looking is paid for, too"
    *asked, last = model.prompts
    assert len(asked) == 4 and all(prompt.json_schema for prompt in asked)
    assert "there is no page [9]" in asked[2].question, "the model is told what did not work"
    assert [page.page_number for page in last.pages[:-1]] == [1, 2, 3], "in the order of the pages"
    zoomed = last.pages[-1]
    with Image.open(io.BytesIO(zoomed.image or b"")) as region:
        ratio = region.width / region.height
    with Image.open(io.BytesIO(last.pages[0].image or b"")) as whole:
        assert ratio == pytest.approx(whole.width / whole.height * 2, rel=0.05)
    assert zoomed.page_number == last.pages[0].page_number


def test_a_budget_or_a_garbled_action_ends_the_looking_and_not_the_answer(
    services: Services,
) -> None:
    for model, settings, kinds in (
        (ScriptedModel(acts("no action")), {}, []),
        (ScriptedModel(acts(ZOOM, ZOOM, ZOOM)), {}, ["region"]),
        (ScriptedModel(acts(ZOOM, ZOOM)), {"looking_tokens": 1}, ["region", "limit"]),
        (ScriptedModel(acts(ZOOM, ZOOM)), {"looking_steps": 0}, []),
    ):
        answer = looking(services, model, **settings).answerer.answer(QUESTION, ["manuals"], k=1)
        assert [step.kind for step in answer.steps] == kinds and answer.grounded


@pytest.mark.parametrize("error", [PromptTooDear, PromptTooLong])
@pytest.mark.parametrize("n_fitting", [1, 2])
def test_what_does_not_fit_into_a_prompt_is_left_out_and_not_the_answer(
    services: Services, error: type[BackendError], n_fitting: int
) -> None:
    says = acts(*[{"action": "open", "page": 1, "offset": offset} for offset in (1, -1, 1)])

    def line(prompt: Prompt) -> str:
        # An answer may be longer than a step, so its prompt may be refused where that of the step was not.
        if len(prompt.pages) > n_fitting + (prompt.json_schema is not None):
            raise error("too much")
        return says(prompt)

    answer = looking(services, ScriptedModel(line)).answerer.answer(QUESTION, ["manuals"], k=1)
    assert answer.grounded and answer.steps[-1].text == "no more fits into a prompt"
    with pytest.raises(error):
        looking(services, ScriptedModel(failing(error("no"), ""))).answerer.answer(
            QUESTION, ["manuals"], k=1
        )


def test_a_table_is_read_cell_by_cell_under_its_heads() -> None:
    page = read_page(page_of(plain_table(["Joint", "Torque"], ["Base", "60"], ["Cover", "2.5"])))
    tools = PageTools(None, None, None)  # type: ignore[arg-type]
    sight = tools.run(Action("table", page=1, table=1), [page])
    assert sight.look is not None
    assert sight.look.text == "Joint: Base; Torque: 60\nJoint: Cover; Torque: 2.5"
    assert "1 tables" in tools.run(Action("table", page=1, table=2), [page]).problem


def test_steps_come_as_events_of_the_stream_which_the_client_reads(services: Services) -> None:
    step_on = {"action": "open", "page": 1, "offset": 1}
    wired = looking(services, ScriptedModel(acts(step_on, {"action": "answer"}, step_on)))
    with serving(create_app(wired)) as address:
        body = {"question": QUESTION, "collections": ["manuals"], "k": 1, "stream": True}
        text = httpx2.post(f"{address}/v1/answers", json=body, timeout=300).text
        with Client(address) as client:
            events = list(client.stream(QUESTION, ["manuals"], k=1))
    names = [line.removeprefix("event: ") for line in text.splitlines() if line.startswith("event")]
    assert names[:2] == ["pages", "step"] and names[-1] == "done"
    step = json.loads(text.split("event: step\ndata: ")[1].splitlines()[0])
    assert step["kind"] == "page" and step["text"] == "page 3 of pump.pdf"
    pages, answer = events[0], events[-1]
    assert isinstance(pages, PagesRead) and isinstance(answer, ClientAnswer)
    steps = [event for event in events if isinstance(event, ClientStep)]
    assert [step.kind for step in steps] == ["page"] and answer.steps == tuple(steps)
