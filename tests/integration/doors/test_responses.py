"""OpenAI's Responses, to OpenAI's own clients: whole, streamed and parsed."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest
from openai.types.responses import ResponseOutputMessage, ResponseOutputText
from pydantic import BaseModel, Field

from api.serve.app import create_app
from api.services.wiring import Services
from generator.backends.base import AnswerPiece, Usage
from generator.backends.fake import FakeAnswerModel
from generator.errors import BackendCut, BackendOverloaded
from generator.prompts import Prompt
from tests.support.openai_client import client_of
from tests.support.real_server import serving
from tests.support.small_library import QUESTION, SENTENCE, written_by

MODEL = "pagesight/manuals"


class Bolts(BaseModel):
    torque: str


class Flange(BaseModel):
    colour: str = Field(description="colour of the aluminium flange")


def text_of(response: Any) -> ResponseOutputText:
    (item,) = response.output
    assert isinstance(item, ResponseOutputMessage)
    (part,) = item.content
    assert isinstance(part, ResponseOutputText)
    return part


def test_a_whole_response_quotes_and_links_the_page(client: openai.OpenAI) -> None:
    response = client.responses.create(model=MODEL, input=QUESTION)
    assert response.status == "completed" and response.output_text.startswith("**45 Nm**")
    part = text_of(response)
    (note, *_) = part.annotations
    assert note.type == "url_citation" and note.title == "pump.pdf, page 2"
    assert part.text[note.start_index : note.end_index] == "[1]"
    ours = (response.model_extra or {})["pagesight"]
    assert ours["grounded"] is True and ours["citations"][0]["quote"] == SENTENCE


def test_a_streamed_response_is_the_same_as_the_whole_one(client: openai.OpenAI) -> None:
    whole = client.responses.create(model=MODEL, input=QUESTION)
    with client.responses.stream(model=MODEL, input=QUESTION) as stream:
        kinds = [event.type for event in stream]
        final = stream.get_final_response()
    assert final.output_text == whole.output_text
    assert text_of(final).annotations == text_of(whole).annotations
    assert kinds[0] == "response.created" and kinds[-1] == "response.completed"
    events = list(client.responses.create(model=MODEL, input=QUESTION, stream=True))
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert "".join(e.delta for e in events if e.type == "response.output_text.delta") == (
        whole.output_text
    )


def test_a_response_is_parsed_whole_and_streamed(client: openai.OpenAI) -> None:
    parsed = client.responses.parse(model=MODEL, input=QUESTION, text_format=Bolts)
    assert parsed.output_parsed == Bolts(torque="45 Nm")
    with client.responses.stream(model=MODEL, input=QUESTION, text_format=Bolts) as stream:
        assert stream.get_final_response().output_parsed == Bolts(torque="45 Nm")


@pytest.mark.parametrize("stream", [True, False])
def test_a_refusal_is_a_part_of_its_own(client: openai.OpenAI, stream: bool) -> None:
    ask: Any = {"model": MODEL, "input": QUESTION, "text_format": Flange}
    if stream:
        with client.responses.stream(**ask) as events:
            response = events.get_final_response()
    else:
        response = client.responses.parse(**ask)
    assert response.output_parsed is None
    part = response.output[0].content[0]  # type: ignore[union-attr]
    assert part.type == "refusal" and "colour" in part.refusal


def test_the_talk_of_an_agent_is_read_as_one(services: Services) -> None:
    model = FakeAnswerModel(["It is 45 Nm [2]."])
    talk: Any = [
        {"role": "user", "content": "Which pump is it?"},
        {"type": "message", "role": "assistant", "content": [
            {"type": "output_text", "text": "The KD-340.", "annotations": []}]},
        {"role": "user", "content": [
            {"type": "input_text", "text": QUESTION},
            {"type": "input_file", "filename": "a.pdf", "file_data": "x"}]},
        {"type": "reasoning", "id": "rs_1", "summary": []},
        {"type": "function_call", "call_id": "1", "name": "f", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "1", "output": "45 apples"},
    ]  # fmt: skip
    with serving(create_app(written_by(services, model))) as address:
        response = client_of(address).responses.create(
            model=MODEL, instructions="Answer in verse.", input=talk, temperature=0.4,
            max_output_tokens=50, store=True, parallel_tool_calls=True, truncation="auto",
        )  # fmt: skip
    prompt = model.prompts[-1]
    assert prompt.question == QUESTION and prompt.history[0].answer == "The KD-340."
    assert "Answer in verse." in prompt.system
    assert (prompt.wishes.temperature, prompt.wishes.max_tokens) == (0.4, 50)
    assert (response.model_extra or {})["pagesight"]["unread_parts"] == ["input_file"]


@pytest.mark.parametrize(
    ("param", "fields"),
    [
        ("previous_response_id", {"previous_response_id": "resp_1"}),
        ("conversation", {"conversation": "conv_1"}),
        ("background", {"background": True}),
        ("tool_choice", {"tool_choice": "required"}),
        ("text.format", {"text": {"format": {"type": "json_object"}}}),
        (None, {"input": [{"role": "assistant", "content": "x"}]}),
    ],
)
def test_what_cannot_be_honoured_is_refused_by_its_name(
    client: openai.OpenAI, param: str | None, fields: Any
) -> None:
    with pytest.raises(openai.BadRequestError) as raised:
        client.responses.create(**({"model": MODEL, "input": QUESTION} | fields))
    assert raised.value.param == param and raised.value.type == "invalid_request_error"


def test_an_unknown_model_is_not_found(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as raised:
        client.responses.create(model="gpt-4o", input=QUESTION)
    assert raised.value.code == "model_not_found"


def test_an_answer_that_is_cut_at_its_limit_is_incomplete(services: Services) -> None:
    class Short:
        name, reads_images = "short", False

        def stream(self, prompt: Prompt, cancelled: Any) -> Iterator[AnswerPiece]:
            yield "It is [2]"
            yield Usage(1, 2, "length")

    with serving(create_app(written_by(services, Short()))) as address:  # type: ignore[arg-type]
        client = client_of(address)
        response = client.responses.create(model=MODEL, input=QUESTION)
        kinds = [e.type for e in client.responses.create(model=MODEL, input=QUESTION, stream=True)]
    assert response.status == "incomplete" and response.usage is not None
    assert response.usage.total_tokens == 3 and kinds[-1] == "response.incomplete"


def test_failures_are_raised_before_the_stream_or_within_it(services: Services) -> None:
    cut = FakeAnswerModel(["It is "], BackendCut("the model went away: ask again"))
    with serving(create_app(written_by(services, cut))) as address:
        events = client_of(address).responses.create(model=MODEL, input=QUESTION, stream=True)
        with pytest.raises(openai.APIError, match="went away"):
            list(events)
    busy = FakeAnswerModel([], BackendOverloaded("too much to do", 429, 3.0))
    with (
        serving(create_app(written_by(services, busy))) as address,
        pytest.raises(openai.APIStatusError) as raised,
    ):
        client_of(address).responses.create(model=MODEL, input=QUESTION, stream=True)
    assert raised.value.status_code == 503 and raised.value.response.headers["retry-after"] == "3"


SCRIPT = """
import OpenAI from 'openai';
const client = new OpenAI({ baseURL: process.argv[2] + '/v1', apiKey: 'none', maxRetries: 0 });
const ask = { model: 'pagesight/manuals', input: process.argv[3] };
const whole = await client.responses.create(ask);
const final = await client.responses.stream(ask).finalResponse();
if (final.output_text !== whole.output_text) throw new Error(final.output_text);
console.log(whole.output_text);
"""


def test_the_npm_client_reads_responses_too(address: str, npm_folder: Path, tmp_path: Path) -> None:
    script = tmp_path / "ask.mjs"
    script.write_text(SCRIPT)
    (tmp_path / "node_modules").symlink_to(npm_folder)
    node = shutil.which("node")
    assert node is not None
    result = subprocess.run(
        [node, str(script), address, QUESTION],
        capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert SENTENCE in result.stdout
