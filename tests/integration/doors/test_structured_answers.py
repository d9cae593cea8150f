"""Answers as JSON of a schema, to OpenAI's own client and over REST: given with proof, or refused by name."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import openai
import pytest
from pydantic import BaseModel, Field

from api.serve.app import create_app
from api.services.wiring import Services
from generator.backends.fake import FakeAnswerModel
from tests.support.openai_client import ASK, client_of
from tests.support.real_server import serving
from tests.support.small_library import QUESTION, SENTENCE, written_by


class Bolts(BaseModel):
    torque: str


class Sheet(BaseModel):
    torque_nm: int = Field(description=QUESTION)
    pruned_in: str | None = Field(description="When are roses pruned?")
    weight: float | None = Field(description="weight of the aluminium flange")


class Needy(BaseModel):
    colour: str = Field(description="colour of the aluminium flange")


class Listing(BaseModel):
    names: list[str]


def test_quotations_fill_a_schema_field_by_field_each_with_its_page(client: openai.OpenAI) -> None:
    answer = client.chat.completions.parse(model="pagesight", messages=ASK, response_format=Sheet)
    message = answer.choices[0].message
    sheet = message.parsed
    assert sheet is not None and sheet.torque_nm == 45 and sheet.weight is None
    assert "March" in str(sheet.pruned_in)
    ours = (answer.model_extra or {})["pagesight"]
    proofs = {row["field"]: (row["document"], row["page_number"]) for row in ours["citations"]}
    assert proofs == {"torque_nm": ("pump.pdf", 2), "pruned_in": ("roses [2].pdf", 1)}
    assert ours["grounded"] is True and len(message.annotations or []) == 2


def test_the_stream_helper_parses_too(client: openai.OpenAI) -> None:
    with client.chat.completions.stream(
        model="pagesight/manuals", messages=ASK, response_format=Bolts
    ) as stream:
        message = stream.get_final_completion().choices[0].message
    assert message.parsed is not None and message.parsed.torque == "45 Nm"


@pytest.mark.parametrize("stream", [True, False])
def test_a_value_that_no_page_says_is_refused_and_not_made_up(
    client: openai.OpenAI, stream: bool
) -> None:
    ask: Any = {"model": "pagesight/manuals", "messages": ASK, "response_format": Needy}
    if stream:
        with client.chat.completions.stream(**ask) as events:
            message = events.get_final_completion().choices[0].message
    else:
        message = client.chat.completions.parse(**ask).choices[0].message
    assert message.parsed is None and "colour" in (message.refusal or "")


def test_a_schema_that_quotations_cannot_fill_is_a_bad_request(client: openai.OpenAI) -> None:
    for response_format in (Listing.model_json_schema(), {"type": "array"}, {"type": "nonsense"}):
        body: Any = {"type": "json_schema", "json_schema": {"name": "x", "schema": response_format}}
        with pytest.raises(openai.BadRequestError) as raised:
            client.chat.completions.create(
                model="pagesight/manuals", messages=ASK, response_format=body
            )
        assert (raised.value.param, raised.value.code) == ("response_format", "invalid_schema")
    with pytest.raises(openai.BadRequestError) as raised:
        client.chat.completions.create(
            model="pagesight/manuals", messages=ASK, response_format={"type": "json_object"}
        )
    assert raised.value.param == "response_format"


@pytest.mark.parametrize(
    ("param", "fields"),
    [
        ("tool_choice", {"tool_choice": "required"}),
        ("tool_choice", {"tool_choice": {"type": "function", "function": {"name": "f"}}}),
        ("function_call", {"function_call": {"name": "f"}}),
        ("n", {"n": 2}),
        ("modalities", {"modalities": ["text", "audio"]}),
        ("response_format", {"response_format": {"type": "grammar"}}),
        ("temperature", {"temperature": 7}),
    ],
)
def test_what_cannot_be_honoured_is_refused_by_its_name(
    client: openai.OpenAI, param: str, fields: Any
) -> None:
    with pytest.raises(openai.BadRequestError) as raised:
        client.chat.completions.create(model="pagesight/manuals", messages=ASK, extra_body=fields)
    assert raised.value.param == param


def test_a_model_is_given_the_schema_and_the_sampling_and_its_values_are_looked_up(
    services: Services,
) -> None:
    model = FakeAnswerModel(['```json\n{"torque": ', '"45 Nm"}\n```'])
    with serving(create_app(written_by(services, model))) as address:
        answer = client_of(address).chat.completions.parse(
            model="pagesight/manuals", messages=ASK, response_format=Bolts,
            temperature=0.7, top_p=0.5, max_tokens=99, stop=["END"],
        )  # fmt: skip
    message = answer.choices[0].message
    assert message.parsed == Bolts(torque="45 Nm")
    (citation,) = (answer.model_extra or {})["pagesight"]["citations"]
    assert citation["quote"] == SENTENCE and citation["field"] == "torque"
    prompt = model.prompts[-1]
    assert prompt.json_schema is not None and "torque" in prompt.json_schema["properties"]
    wishes = prompt.wishes
    assert (wishes.temperature, wishes.top_p, wishes.max_tokens) == (0.7, 0.5, 99)
    assert wishes.stop == ("END",)


@pytest.mark.parametrize("text", ["It is 45 Nm [2].", '{"torque": 45}', "[1]"])
def test_a_model_that_does_not_follow_the_schema_is_an_error(services: Services, text: str) -> None:
    with (
        serving(create_app(written_by(services, FakeAnswerModel([text])))) as address,
        pytest.raises(openai.APIStatusError) as raised,
    ):
        client_of(address).chat.completions.parse(
            model="pagesight/manuals", messages=ASK, response_format=Bolts
        )
    assert raised.value.status_code == 502 and raised.value.code == "backend_garbled"


def test_a_value_of_a_model_that_no_page_has_is_not_grounded(services: Services) -> None:
    model = FakeAnswerModel(['{"torque": "67 Nm"}'])
    with serving(create_app(written_by(services, model))) as address:
        body = {
            "question": QUESTION, "collections": ["manuals"], "schema": Bolts.model_json_schema(),
        }  # fmt: skip
        answer = httpx2.post(f"{address}/v1/answers", json=body, timeout=600).json()
    assert answer["data"] == {"torque": "67 Nm"} and answer["grounded"] is False
    assert answer["unsupported_claims"] == ["torque: 67 Nm"]


def test_answers_over_rest_follow_a_schema(address: str) -> None:
    body: dict[str, Any] = {
        "question": QUESTION, "collections": ["manuals"], "schema": Sheet.model_json_schema(),
    }  # fmt: skip
    answer = httpx2.post(f"{address}/v1/answers", json=body, timeout=600).json()
    assert answer["data"]["torque_nm"] == 45 and json.loads(answer["answer"]) == answer["data"]
    assert answer["citations"][0]["field"] == "torque_nm"
    refusal = httpx2.post(
        f"{address}/v1/answers", json=body | {"schema": Listing.model_json_schema()}, timeout=600
    )
    assert refusal.status_code == 422
    assert refusal.json()["error"]["param"] == "schema"
