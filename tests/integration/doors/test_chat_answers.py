"""Answers at the OpenAI-compatible door, to OpenAI's own client over a real server, and what it refuses."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import httpx2
import openai
import pytest
from PIL import Image

from api.serve.app import create_app
from api.services.wiring import Services
from generator.backends.base import AnswerPiece, Usage
from generator.backends.fake import FakeAnswerModel
from generator.prompts import Prompt, Turn
from tests.support.openai_client import ASK, client_of, said
from tests.support.real_server import serving
from tests.support.small_library import QUESTION, SENTENCE, written_by

# -- models ----------------------------------------------------------------------------------------


def test_every_collection_is_a_model_beside_all_of_them(client: openai.OpenAI) -> None:
    ids = [one.id for one in client.models.list()]
    assert ids == ["pagesight", "pagesight/garden", "pagesight/manuals"]
    assert client.models.retrieve("pagesight-noretrieval").id == "pagesight-noretrieval"  # unlisted
    one = client.models.retrieve("pagesight/garden")
    assert (one.id, one.object, one.owned_by) == ("pagesight/garden", "model", "pagesight")
    assert one.created > 1_700_000_000


@pytest.mark.parametrize("model", ["gpt-4o", "pagesight/nowhere", ""])
def test_a_model_that_is_no_collection_is_not_found(client: openai.OpenAI, model: str) -> None:
    with pytest.raises(openai.NotFoundError) as raised:
        client.chat.completions.create(model=model, messages=ASK)
    assert raised.value.code == "model_not_found"
    assert raised.value.type == "invalid_request_error"


# -- an answer -------------------------------------------------------------------------------------


def test_a_whole_answer_quotes_and_links_the_page(client: openai.OpenAI, address: str) -> None:
    answer = client.chat.completions.create(model="pagesight/manuals", messages=ASK)
    choice = answer.choices[0]
    assert choice.finish_reason == "stop" and choice.message.role == "assistant"
    content = choice.message.content or ""
    assert content.startswith(f"**45 Nm**\n“{SENTENCE}” [1]")
    (line,) = [line for line in content.splitlines() if line.startswith("- [1]")]
    assert line.startswith("- [1] [pump.pdf, page 2](")
    (note, *_) = choice.message.annotations or []
    cited = note.url_citation
    assert content[cited.start_index : cited.end_index] == "[1]"
    assert cited.title == "pump.pdf, page 2"
    assert cited.url in line and cited.url.startswith(f"{address}/pages/2?box=")
    shown = httpx2.get(cited.url)
    assert shown.status_code == 200 and "<rect " in shown.text


def test_a_streamed_answer_is_the_same_as_the_whole_one(client: openai.OpenAI) -> None:
    whole = client.chat.completions.create(model="pagesight/manuals", messages=ASK)
    chunks = list(
        client.chat.completions.create(model="pagesight/manuals", messages=ASK, stream=True)
    )
    assert said(chunks) == whole.choices[0].message.content
    assert chunks[0].choices[0].delta.role == "assistant"
    assert {c.object for c in chunks} == {"chat.completion.chunk"}
    assert len({c.id for c in chunks}) == 1
    finished = [c.choices[0].finish_reason for c in chunks]
    assert finished[-1] == "stop" and set(finished[:-1]) == {None}
    notes = [
        n for c in chunks for n in (c.choices[0].delta.model_extra or {}).get("annotations", [])
    ]
    whole_notes = [n.to_dict() for n in whole.choices[0].message.annotations or []]
    assert notes == [{"index": n} | note for n, note in enumerate(whole_notes)]


def test_what_the_answer_rests_on_is_told_to_programs(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(model="pagesight/manuals", messages=ASK)
    ours = (answer.model_extra or {})["pagesight"]
    assert ours["query_used"] == QUESTION and ours["grounded"] is True
    best = ours["pages"][0]
    assert (best["document"], best["page_number"], best["collection"]) == ("pump.pdf", 2, "manuals")
    assert best["evidence"] and httpx2.get(best["image_url"]).status_code == 200
    assert ours["citations"][0]["quote"] == SENTENCE


def test_the_model_of_all_collections_looks_in_each(client: openai.OpenAI) -> None:
    for question, title in ((QUESTION, "pump.pdf"), ("When are roses pruned?", "roses [2].pdf")):
        answer = client.chat.completions.create(
            model="pagesight", messages=[{"role": "user", "content": question}]
        )
        assert (answer.model_extra or {})["pagesight"]["citations"][0]["document"] == title


def test_a_file_name_cannot_break_its_link(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(
        model="pagesight/garden", messages=[{"role": "user", "content": "When are roses pruned?"}]
    )
    assert r"- [1] [roses \[2\].pdf, page 1](http" in (answer.choices[0].message.content or "")


def test_what_nothing_supports_is_not_found_without_links(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(
        model="pagesight/manuals", messages=[{"role": "user", "content": "Who painted Guernica?"}]
    )
    content = answer.choices[0].message.content or ""
    assert content.startswith("Not found") and "Sources" not in content
    assert (answer.model_extra or {})["pagesight"]["grounded"] is False


def test_parameters_that_mean_nothing_here_are_read_over(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(
        model="pagesight/manuals", messages=ASK, temperature=2, top_p=0.1, n=1, seed=7, user="u",
        stop=["x"], max_tokens=5, presence_penalty=1, frequency_penalty=1, tool_choice="none",
        tools=[{"type": "function", "function": {"name": "f", "parameters": {}}}],
        response_format={"type": "text"}, extra_body={"anything": {"at": "all"}},
    )  # fmt: skip
    assert SENTENCE in (answer.choices[0].message.content or "")


def test_our_own_options_choose_the_pages(client: openai.OpenAI) -> None:
    def pages(**options: Any) -> list[int]:
        answer = client.chat.completions.create(
            model="pagesight/manuals", messages=ASK, extra_body={"pagesight": options}
        )
        return [page["page_number"] for page in (answer.model_extra or {})["pagesight"]["pages"]]

    assert pages(k=1) == [2]
    assert pages(filters={"pages": "3"}) == [3]
    with pytest.raises(openai.BadRequestError, match="k is 0"):
        pages(k=0)


# -- usage -----------------------------------------------------------------------------------------


def test_usage_stands_on_the_last_chunk_and_on_one_of_its_own_if_asked(services: Services) -> None:
    model = FakeAnswerModel(["It is 45 Nm", " [2]."])
    with serving(create_app(written_by(services, model))) as address:
        chunks = list(
            client_of(address).chat.completions.create(
                model="pagesight/manuals", messages=ASK, stream=True,
                stream_options={"include_usage": True},
            )
        )  # fmt: skip
    *_, end, alone = chunks
    assert alone.choices == [] and end.choices[0].finish_reason == "stop"
    assert alone.usage is not None and end.usage == alone.usage
    assert (alone.usage.completion_tokens, alone.usage.prompt_tokens) == (2, 7)
    assert alone.usage.total_tokens == 9


def test_an_answer_cut_at_its_limit_says_so(services: Services) -> None:
    class Short:
        name, reads_images = "short", False

        def stream(self, prompt: Prompt, cancelled: Any) -> Iterator[AnswerPiece]:
            yield "It is [2]"
            yield Usage(1, 2, "length")

    with serving(create_app(written_by(services, Short()))) as address:  # type: ignore[arg-type]
        answer = client_of(address).chat.completions.create(model="pagesight", messages=ASK)
    assert answer.choices[0].finish_reason == "length"


# -- the talk --------------------------------------------------------------------------------------


def test_earlier_turns_and_the_clients_wishes_reach_the_model(services: Services) -> None:
    model = FakeAnswerModel(["It is 45 Nm [1]."])
    with serving(create_app(written_by(services, model))) as address:
        client = client_of(address)
        first = client.chat.completions.create(model="pagesight/manuals", messages=ASK)
        client.chat.completions.create(
            model="pagesight/manuals",
            messages=[
                {"role": "system", "content": "Answer in verse."},
                {"role": "developer", "content": "Be brief."},
                *ASK,
                {"role": "assistant", "content": first.choices[0].message.content},
                {"role": "user", "content": [{"type": "text", "text": "And in bar?"}]},
            ],
        )
    prompt = model.prompts[-1]
    assert prompt.history == (Turn(QUESTION, "It is 45 Nm."),)  # neither markers nor links
    assert prompt.question == "And in bar?"
    assert "Answer in verse.\n\nBe brief." in prompt.system
    assert prompt.system.index("Say only what stands on these pages") < prompt.system.index("verse")


def test_a_short_follow_up_finds_the_page_of_the_question_before(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(
        model="pagesight",
        messages=[
            *ASK,
            {"role": "assistant", "content": "45 Nm"},
            {"role": "user", "content": "Why?"},
        ],
    )
    ours = (answer.model_extra or {})["pagesight"]
    assert ours["query_used"] == f"{QUESTION} Why?"
    assert (ours["pages"][0]["document"], ours["pages"][0]["page_number"]) == ("pump.pdf", 2)


# -- what is refused -------------------------------------------------------------------------------

IMAGE: Any = {"type": "image_url", "image_url": {"url": "https://example.org/cat.png"}}


@pytest.mark.parametrize(
    ("messages", "message"),
    [
        ([], "last message"),
        ([{"role": "assistant", "content": "x"}], "last message"),
        ([{"role": "user", "content": "  "}], "empty"),
        ([{"role": "user", "content": None}], "empty"),
        ([{"role": "user", "content": [{"type": "text", "text": "?"}, IMAGE]}], "data: URI"),
        ([{"role": "user", "content": [{"type": "input_audio"}]}], "input_audio"),
        ([{"content": "x"}], "role"),
        ("x", "messages"),
    ],
)
@pytest.mark.parametrize("stream", [True, False])
def test_a_request_that_cannot_be_answered_is_a_bad_request(
    client: openai.OpenAI, messages: Any, message: str, stream: bool
) -> None:
    with pytest.raises(openai.BadRequestError, match=message) as raised:
        client.chat.completions.create(model="pagesight", messages=messages, stream=stream)
    body: Any = raised.value.body
    assert set(body) == {"message", "type", "code", "param"}
    assert body["type"] == "invalid_request_error"


def pixel() -> str:
    out = BytesIO()
    Image.new("RGB", (1, 1)).save(out, "PNG")
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


def test_an_encoder_that_reads_words_refuses_an_image_alone(client: openai.OpenAI) -> None:
    parts: Any = [{"type": "text", "text": "?"}, IMAGE | {"image_url": {"url": pixel()}}]
    with pytest.raises(openai.BadRequestError, match="cannot search with an image") as raised:
        client.chat.completions.create(
            model="pagesight", messages=[{"role": "user", "content": parts}]
        )
    assert raised.value.code == "image_query_unsupported"


@pytest.mark.parametrize(
    "part", [IMAGE, {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:,x"}}]
)
def test_a_part_that_is_not_read_is_named_and_the_words_are_answered(
    client: openai.OpenAI, part: Any
) -> None:
    parts: Any = [{"type": "text", "text": QUESTION}, part]
    answer = client.chat.completions.create(
        model="pagesight/manuals", messages=[{"role": "user", "content": parts}]
    )
    assert SENTENCE in (answer.choices[0].message.content or "")
    assert (answer.model_extra or {})["pagesight"]["unread_parts"] == [part["type"]]


def test_a_question_is_answered_amid_the_work_of_an_agent(client: openai.OpenAI) -> None:
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    messages: Any = [
        *ASK,
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "1", "content": "45 apples"},
    ]
    answer = client.chat.completions.create(model="pagesight/manuals", messages=messages)
    assert SENTENCE in (answer.choices[0].message.content or "")


def test_of_a_long_text_the_question_is_searched(client: openai.OpenAI) -> None:
    mail = "Dear colleagues, the delivery is late and nobody is to blame for it.\n" * 80
    for content in (f"{mail}\n\n{QUESTION}", f"{QUESTION}\n\n{mail}", f"{mail} {QUESTION} {mail}"):
        answer = client.chat.completions.create(
            model="pagesight/manuals", messages=[{"role": "user", "content": content}]
        )
        assert (answer.model_extra or {})["pagesight"]["query_used"] == QUESTION
        assert SENTENCE in (answer.choices[0].message.content or "")
    with pytest.raises(openai.BadRequestError, match="4,000") as raised:
        client.chat.completions.create(
            model="pagesight/manuals", messages=[{"role": "user", "content": mail}]
        )
    assert raised.value.code == "query_too_long"


def test_which_documents_there_are_is_answered_in_words(client: openai.OpenAI) -> None:
    for model, names in (("pagesight", ["pump.pdf", "roses"]), ("pagesight/manuals", ["pump.pdf"])):
        answer = client.chat.completions.create(
            model=model, messages=[{"role": "user", "content": "Which documents do you have?"}]
        )
        content = answer.choices[0].message.content or ""
        assert all(name in content for name in names) and "(3 pages)" in content
        assert ("roses" in content) is (model == "pagesight")
        ours = (answer.model_extra or {})["pagesight"]
        assert ours["grounded"] is False and ours["pages"] == []


def test_an_image_of_an_earlier_turn_does_not_stand_in_the_way(client: openai.OpenAI) -> None:
    earlier: Any = [{"type": "text", "text": "What is this?"}, IMAGE]
    answer = client.chat.completions.create(
        model="pagesight",
        messages=[
            {"role": "user", "content": earlier}, {"role": "assistant", "content": "?"}, *ASK,
        ],
    )  # fmt: skip
    assert SENTENCE in (answer.choices[0].message.content or "")


def test_a_body_may_hold_images_but_has_a_limit(address: str) -> None:
    url = f"{address}/v1/chat/completions"
    old: Any = {"type": "image_url", "image_url": {"url": "data:" + "x" * 2_000_000}}
    body = {"model": "pagesight", "messages": [{"role": "user", "content": [old]}, *ASK]}
    assert httpx2.post(url, json=body, timeout=600).status_code == 200
    too_large = httpx2.post(url, content=b" " * (32 * 1024 * 1024 + 1), timeout=600)
    assert too_large.status_code == 413
    assert too_large.json()["error"]["code"] == "request_too_large"
