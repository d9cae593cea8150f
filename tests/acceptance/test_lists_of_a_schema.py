"""Rows of a table as an answer, without a model, as OpenAI's client asks for them."""

from __future__ import annotations

import openai
import pytest
from pydantic import BaseModel, Field

from tests.support.openai_client import client_of


class Joint(BaseModel):
    joint: str
    torque: float


class Pump(BaseModel):
    overload_current: str = Field(description="What current is the overload relay set to?")
    tightening_torques: list[Joint]


class Salary(BaseModel):
    employee: str
    salary: float


class Payroll(BaseModel):
    salaries: list[Salary]


@pytest.fixture
def client(samples_server: str) -> openai.OpenAI:
    return client_of(samples_server)


MODEL = "pagesight/samples"
ASK = "What are the tightening torques of the KD-340?"


def test_a_list_is_the_whole_table_each_row_with_its_page(client: openai.OpenAI) -> None:
    answer = client.chat.completions.parse(
        model=MODEL, messages=[{"role": "user", "content": ASK}], response_format=Pump
    )
    message = answer.choices[0].message
    assert message.parsed is not None and message.parsed.overload_current == "5.1 A"
    torques = message.parsed.tightening_torques
    assert len(torques) == 7
    assert Joint(joint="Suction and discharge flanges", torque=95) in torques
    ours = (answer.model_extra or {})["pagesight"]
    proofs = {row["field"]: row for row in ours["citations"]}
    assert len(proofs) == 8 == len(message.annotations or []) and ours["grounded"]
    for n, row in enumerate(torques):
        proof = proofs[f"tightening_torques.{n}"]
        assert proof["quote"].startswith(row.joint) and proof["page_number"] == 5
    with client.responses.stream(model=MODEL, input=ASK, text_format=Pump) as stream:
        assert stream.get_final_response().output_parsed == message.parsed


def test_a_list_that_no_table_has_is_refused_and_not_empty(client: openai.OpenAI) -> None:
    answer = client.responses.parse(model=MODEL, input="What do they earn?", text_format=Payroll)
    assert answer.output_parsed is None
    part = answer.output[0].content[0]  # type: ignore[union-attr]
    assert part.type == "refusal" and "salaries" in part.refusal
