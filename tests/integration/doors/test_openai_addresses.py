"""Calls of OpenAI's client for what this service does not do: told in the client's own errors."""

from __future__ import annotations

from typing import Any

import openai
import pytest

from tests.support.openai_client import ASK

MODEL = "pagesight/manuals"


def test_what_openai_has_and_this_service_has_not_is_told_with_the_way_out(
    client: openai.OpenAI,
) -> None:
    calls = (
        lambda: client.embeddings.create(model=MODEL, input="x", encoding_format="float"),
        lambda: client.completions.create(model=MODEL, prompt="x"),
        lambda: client.moderations.create(input="x"),
        lambda: client.images.generate(prompt="x"),
        lambda: client.files.list(),
        lambda: client.responses.retrieve("resp_1"),
        lambda: client.post("/audio/speech", cast_to=object),
    )
    for call in calls:
        with pytest.raises(openai.NotFoundError) as raised:
            call()
        assert raised.value.type == "invalid_request_error"
        assert "/v1/chat/completions" in raised.value.message


TOOLS = [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]


@pytest.mark.parametrize("mode", ["auto", "required"])
@pytest.mark.parametrize("stream", [True, False])
def test_a_choice_among_tools_may_be_left_to_the_model_and_not_forced(
    client: openai.OpenAI, mode: str, stream: bool
) -> None:
    chat_choice = {"type": "allowed_tools", "allowed_tools": {"mode": mode, "tools": TOOLS}}
    choice = {"type": "allowed_tools", "mode": mode, "tools": TOOLS}
    chat: Any = {"messages": ASK, "tools": TOOLS, "tool_choice": chat_choice}
    calls = (
        lambda: client.chat.completions.create(model=MODEL, stream=stream, **chat),
        lambda: client.responses.create(
            model=MODEL, input="Hello", stream=stream, extra_body={"tool_choice": choice}
        ),
    )
    for call in calls:
        if mode == "auto":
            assert call()
            continue
        with pytest.raises(openai.BadRequestError) as raised:
            call()
        assert raised.value.param == "tool_choice"
