"""How a caller wants tokens drawn, within what the operator has set."""

from __future__ import annotations

from generator.backends.messages import Sampling, chat_body
from generator.prompts import Prompt, SamplingWishes

OPERATORS = Sampling(temperature=0.0, top_p=1.0, max_tokens=100, stop=("###",))


def test_a_wish_replaces_what_the_operator_set_and_the_rest_stays() -> None:
    assert OPERATORS.with_wishes(SamplingWishes()) == OPERATORS
    wishes = SamplingWishes(temperature=0.7, stop=("END",))
    assert OPERATORS.with_wishes(wishes) == Sampling(0.7, 1.0, 100, ("END",))


def test_an_answer_gets_no_longer_than_the_operator_allows() -> None:
    assert OPERATORS.with_wishes(SamplingWishes(max_tokens=5)).max_tokens == 5
    assert OPERATORS.with_wishes(SamplingWishes(max_tokens=5000)).max_tokens == 100


def test_the_request_to_a_server_has_the_wishes_and_the_schema() -> None:
    schema = {"type": "object"}
    wishes = SamplingWishes(0.5, 0.9, 7, ("END",))
    body = chat_body(Prompt("rules", (), (), "question", schema, wishes), "m", OPERATORS)
    assert (body["temperature"], body["top_p"], body["max_tokens"]) == (0.5, 0.9, 7)
    assert body["stop"] == ["END"]
    assert body["response_format"]["json_schema"]["schema"] == schema
