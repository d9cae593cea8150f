"""The chat doors over the samples: official clients in, a cited answer out."""

from __future__ import annotations

import base64
import os
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from PIL import Image

from tests.conftest import ROOT
from tests.support.openai_client import client_of, said

QUESTION = "What current is the motor overload relay set to in the KD-340 wiring diagram?"
PLACE = ("pump-manual.pdf", 6)


@pytest.mark.parametrize("model", ["pagesight/samples", "pagesight"])
def test_openais_client_gets_a_cited_answer(samples_server: str, model: str) -> None:
    client = client_of(samples_server)
    assert model in [one.id for one in client.models.list()]
    chunks = list(
        client.chat.completions.create(
            model=model, messages=[{"role": "user", "content": QUESTION}], stream=True
        )
    )
    text = said(chunks)
    assert "5.1 A" in text and "[1]" in text
    ours: Any = (chunks[-1].model_extra or {})["pagesight"]
    first = ours["citations"][0]
    assert ours["grounded"] and (first["document"], first["page_number"]) == PLACE
    assert f"]({first['url']})" in text
    shown = httpx2.get(first["url"])
    assert shown.status_code == 200 and "<rect " in shown.text


def asked(client: Any) -> Any:
    async def ask() -> Any:
        async with client:
            answer = await client.call_tool("ask_documents", {"question": QUESTION})
            page_id = answer.structured_content["citations"][0]["page_id"]
            return answer, await client.call_tool("get_page", {"page_id": page_id})

    return anyio.run(ask)


@pytest.mark.parametrize("transport", ["http", "stdio"])
def test_an_agent_gets_a_cited_answer_and_its_page(
    samples_server: str, samples_data: Path, transport: str
) -> None:
    mcp = pytest.importorskip("mcp", reason="the extra mcp is not installed")
    started = mcp.StdioServerParameters(
        command=sys.executable,
        args=["-m", "api.cli", "mcp"],
        cwd=ROOT,
        env=dict(os.environ) | {"PAGESIGHT_DATA_DIR": str(samples_data)},
    )
    over = f"{samples_server}/mcp" if transport == "http" else mcp.stdio_client(started)
    answer, page = asked(mcp.Client(over))
    told = answer.structured_content
    assert told["grounded"] and "5.1 A" in told["answer"]
    first = told["citations"][0]
    assert (first["document"], first["page_number"]) == PLACE
    image = Image.open(BytesIO(base64.b64decode(page.content[1].data)))
    assert image.format == "JPEG" and max(image.size) <= 1568
