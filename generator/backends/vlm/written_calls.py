"""Reads the calls of tools in the text of a Qwen model: each is JSON between <tool_call> and </tool_call>."""

from __future__ import annotations

import json
import re

from generator.tool_calls import ToolCall

_CALL = re.compile(r"<tool_call>(.*?)(?:</tool_call>|\Z)", re.DOTALL)


def written_calls(text: str) -> tuple[ToolCall, ...]:
    """Return the calls in their order; one that is no object with a name is left out."""
    calls = []
    for block in _CALL.findall(text):
        try:
            body = json.loads(block)
        except ValueError:
            continue
        if isinstance(body, dict) and isinstance(body.get("name"), str):
            calls.append(ToolCall(body["name"], json.dumps(body.get("arguments") or {})))
    return tuple(calls)
