"""OpenAI's own helpers for streams, in Python and in JavaScript, over an answer with many citations."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import openai
import pytest

from api.serve.app import create_app
from api.services.wiring import Services
from generator.backends.fake import FakeAnswerModel
from tests.support.openai_client import ASK, client_of
from tests.support.real_server import serving
from tests.support.small_library import written_by

CITED = ["The bolts take 45 Nm [2]", ". The maker sells spare parts [3]", ". It is a pump [1]."]


@pytest.fixture(scope="module")
def much_cited(services: Services) -> Iterator[str]:
    with serving(create_app(written_by(services, FakeAnswerModel(CITED)))) as address:
        yield address


def test_the_python_helper_keeps_every_citation(much_cited: str) -> None:
    client = client_of(much_cited)
    whole = client.chat.completions.create(model="pagesight/manuals", messages=ASK)
    with client.chat.completions.stream(model="pagesight/manuals", messages=ASK) as stream:
        for _ in stream:
            pass
        message = stream.get_final_completion().choices[0].message
    assert message.content == whole.choices[0].message.content
    urls = [note.url_citation.url for note in message.annotations or []]
    assert urls == [note.url_citation.url for note in whole.choices[0].message.annotations or []]
    assert len(urls) == 3 and len(set(urls)) == 3


def test_the_python_helper_reads_quotations_too(client: openai.OpenAI) -> None:
    with client.chat.completions.stream(model="pagesight/manuals", messages=ASK) as stream:
        kinds = {event.type for event in stream}
        message = stream.get_final_completion().choices[0].message
    assert "content.done" in kinds and message.annotations


SCRIPT = """
import OpenAI from 'openai';
const client = new OpenAI({ baseURL: process.argv[2] + '/v1', apiKey: 'none', maxRetries: 0 });
const question = process.argv[3];
const chat = { model: 'pagesight/manuals', messages: [{ role: 'user', content: question }] };
const asked = { model: 'pagesight/manuals', input: question };
const ofChat = (completion) => {
  const message = completion.choices[0].message;
  return [message.content, ...message.annotations.map((note) => note.url_citation.url)];
};
const ofResponse = (response) => {
  const notes = response.output[0].content[0].annotations;
  return [response.output_text, ...notes.map((note) => note.url)];
};
console.log(JSON.stringify([
  ofChat(await client.chat.completions.create(chat)),
  ofChat(await client.chat.completions.stream(chat).finalChatCompletion()),
  ofResponse(await client.responses.create(asked)),
  ofResponse(await client.responses.stream(asked).finalResponse()),
]));
"""


def test_the_npm_client_is_told_the_same_by_every_call(
    much_cited: str, npm_folder: Path, tmp_path: Path
) -> None:
    script = tmp_path / "ask.mjs"
    script.write_text(SCRIPT)
    (tmp_path / "node_modules").symlink_to(npm_folder)
    node = shutil.which("node")
    assert node is not None
    question = ASK[0]["content"]
    result = subprocess.run(
        [node, str(script), much_cited, question],
        capture_output=True, text=True, timeout=600, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    first, *others = json.loads(result.stdout)
    assert len(set(first)) == 4  # the text, and three links
    assert others == [first] * 3
