"""A model looks again by calls of tools: an OpenAI-compatible server with a script, and templates."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from api.services.openai_writers import openai_writer
from api.services.wiring import Services
from generator.answering.answers import Answer
from generator.answering.looking.actions import LOOKING_TOOLS
from generator.backends.gguf.model import GgufAnswerModel
from generator.backends.messages import Sampling
from generator.backends.vlm.model import VlmAnswerModel
from generator.backends.vlm.written_calls import written_calls
from generator.errors import ToolsRefused
from generator.prompts import Prompt
from generator.tool_calls import ToolCall, ToolTurn, ToolUse
from tests.support.chat_server import END, Exchange, ScriptedServer, chunk, event, serving
from tests.support.checkpoints import tiny_vlm
from tests.support.gguf_files import real_engine
from tests.support.small_library import QUESTION, SENTENCE, library
from tests.support.vlm_prompts import wait_for_model_threads

OPEN_NEXT = ("open_page", '{"page": 1, "offset": 1}')
ZOOM = ("zoom_page", '{"page": 1, "box": [0, 0, 500, 250]}')
TURN = ToolTurn(ToolCall(*OPEN_NEXT), "page 3 of pump.pdf: done")
PROMPT = Prompt("rules", (), (), "How?", tool_use=ToolUse(LOOKING_TOOLS, (TURN,)))
# The format of Qwen2.5 and Qwen3, as far as these tests read it.
TEMPLATE = (
    "{% if tools %}<tools>{% for tool in tools %}\n{{ tool | tojson }}{% endfor %}\n</tools>\n{% endif %}"
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}"
    "{% for c in m.tool_calls or [] %}<tool_call>{{ c.function | tojson }}</tool_call>{% endfor %}"
    "<|im_end|>\n{% endfor %}"
)


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    yield library(tmp_path_factory.mktemp("tools"), min_support=0.0)


def calls(*pairs: tuple[str, str]) -> bytes:
    """Calls of tools as servers stream them: the name first, the arguments in pieces."""
    pieces: list[dict[str, Any]] = []
    for index, (name, arguments) in enumerate(pairs):
        middle = len(arguments) // 2
        head = {"index": index, "id": f"c{index}", "function": {"name": name, "arguments": ""}}
        parts = [arguments[:middle], arguments[middle:]]
        pieces += [head, *({"index": index, "function": {"arguments": part}} for part in parts)]
    return b"".join(
        event({"choices": [{"index": 0, "delta": {"tool_calls": [piece]}}]}) for piece in pieces
    )


@contextmanager
def scripted(
    services: Services, replies: Sequence[bytes | int], **settings: Any
) -> Iterator[tuple[ScriptedServer, Answer]]:
    """Ask a server that sends `replies` to requests with tools, a number to refuse one; JSON is ENOUGH."""
    left = list(replies)

    def behave(exchange: Exchange) -> None:
        body = exchange.server.requests[-1][2]
        if "tools" in body:
            reply = left.pop(0) if left else chunk("ENOUGH")
            if isinstance(reply, int):
                exchange.begin(reply, "application/json")
                exchange.send(b'{"error": {"message": "pump-1b does not support tools"}}')
                return
        elif "response_format" in body:
            reply = chunk('{"action": "open", "page": 1, "offset": 1}')
        else:
            reply = chunk(f"{SENTENCE} [1]")
        exchange.begin()
        exchange.send(reply, END)

    with serving(behave) as server:
        changes = {"looking_steps": 4, "generator": "openai", "openai_base_url": server.base_url}
        changes |= {"openai_model": "pump-1b", "openai_images": False} | settings
        wired = replace(services, settings=services.settings.model_copy(update=changes))
        writer = openai_writer(wired.settings, lambda hit: b"")
        answer = wired.answered_by(writer).answerer.answer(QUESTION, ["manuals"], k=1)
        yield server, answer


def test_calls_are_carried_out_and_told_until_the_model_has_enough(services: Services) -> None:
    replies = [
        chunk("I look at the next page. ") + calls(OPEN_NEXT, ZOOM),
        calls(("search_pages", '{"query": "spare parts"}')),
    ]
    with scripted(services, replies) as (server, answer):
        bodies = [body for _, _, body in server.requests]
    assert [step.kind for step in answer.steps] == ["page", "region", "search"]
    assert answer.grounded and answer.answer.startswith(SENTENCE)
    assert answer.usage["prompt_tokens"] == 4 * 7, "looking is paid for, too"
    *asked, last = bodies
    assert len(asked) == 3 and all("response_format" not in body for body in bodies)
    names = [tool["function"]["name"] for tool in asked[0]["tools"]]
    assert names == ["search_pages", "open_page", "zoom_page", "read_table"]
    tool_call, outcome = asked[1]["messages"][2:4]
    assert tool_call["tool_calls"][0]["function"] == {
        "name": "open_page",
        "arguments": OPEN_NEXT[1],
    }
    assert outcome == {
        "role": "tool",
        "tool_call_id": tool_call["tool_calls"][0]["id"],
        "content": "page 3 of pump.pdf: done",
    }
    assert len(asked[2]["messages"]) == 2 + 3 * 2
    assert "tools" not in last and 'page-text n="2"' in str(last["messages"][1])


def test_a_call_that_cannot_be_read_is_told_and_counts_as_a_step(services: Services) -> None:
    wrong = [("fly", "{}"), ("open_page", '{"page": "x"}'), ("read_table", '{"page'), OPEN_NEXT]
    with scripted(services, [calls(pair) for pair in wrong]) as (server, answer):
        turns = server.requests[3][2]["messages"][3::2]
    assert [step.kind for step in answer.steps] == ["page", "limit"]
    told = [turn["content"] for turn in turns]
    assert told[0].startswith("there is no tool of that name: call search_pages")
    assert "'x' is not of type 'integer'" in told[1] and told[2] == "the arguments are no JSON"
    with scripted(services, [calls(OPEN_NEXT, ZOOM, OPEN_NEXT)], looking_steps=2) as (_, answer):
        assert [step.kind for step in answer.steps] == ["page", "region", "limit"]


@pytest.mark.parametrize("status", [400, 500])
def test_a_server_without_tools_is_asked_for_json_from_then_on(
    services: Services, status: int
) -> None:
    with scripted(services, [status], looking_steps=2) as (server, answer):
        kinds = ["tools" in body for _, _, body in server.requests]
    assert kinds == [True, False, False, False]
    assert [step.kind for step in answer.steps] == ["page"] and answer.grounded


def test_json_is_asked_for_where_tools_are_off(services: Services) -> None:
    with scripted(services, [], looking_tools=False, looking_steps=1) as (server, answer):
        assert all("tools" not in body for _, _, body in server.requests)
    assert [step.kind for step in answer.steps] == ["page", "limit"]


def test_a_chat_template_with_tools_writes_them_and_one_without_refuses() -> None:
    vlm = tiny_vlm("qwen3-vl")
    with pytest.raises(ToolsRefused, match="knows no tools"):
        list(VlmAnswerModel("tiny", lambda: vlm, Sampling()).stream(PROMPT, lambda: False))
    tokenizer = vlm.prompting._tokenizer
    plain, tokenizer.chat_template = tokenizer.chat_template, TEMPLATE
    try:
        text = vlm.prompting.chat_text(PROMPT)
        short = Sampling(max_tokens=2)
        *_, usage = VlmAnswerModel("tiny", lambda: vlm, short).stream(PROMPT, lambda: False)
    finally:
        wait_for_model_threads()
        tokenizer.chat_template = plain
    assert '"name": "zoom_page"' in text and "page 3 of pump.pdf: done" in text
    assert '<tool_call>{"name": "open_page", "arguments": {"page": 1, "offset": 1}}' in text
    assert not isinstance(usage, str) and usage.calls == ()


def test_calls_are_read_in_the_text_of_a_qwen_model() -> None:
    body = json.dumps({"name": "open_page", "arguments": {"page": 1}})
    text = f"I look.\n<tool_call>\n{body}\n</tool_call>\n<tool_call>no</tool_call><tool_call>{body}"
    assert written_calls(text) == (ToolCall("open_page", '{"page": 1}'),) * 2


def test_llama_cpp_is_given_tools_only_where_the_template_of_the_file_has_them() -> None:
    engine = real_engine()  # SmolLM2's has none: llama.cpp would leave them out and say nothing
    with pytest.raises(ToolsRefused):
        list(GgufAnswerModel("small", lambda: engine).stream(PROMPT, lambda: False))
    knowing = dataclasses.replace(engine, calls_tools=True)
    model = GgufAnswerModel("small", lambda: knowing, Sampling(max_tokens=2))
    *_, usage = model.stream(PROMPT, lambda: False)
    wait_for_model_threads()
    assert not isinstance(usage, str) and usage.completion_tokens == 2
