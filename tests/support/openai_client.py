"""OpenAI's own client, as the tests of the chat door use it."""

from __future__ import annotations

from typing import Any

import openai

from tests.support.small_library import QUESTION

ASK: Any = [{"role": "user", "content": QUESTION}]


def client_of(address: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0)


def said(chunks: list[Any]) -> str:
    """The words of a stream."""
    return "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
