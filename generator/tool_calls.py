"""Tools that a model may call instead of answering, and what came of its calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Tool:
    """What a model is told of a tool. `parameters` is the JSON schema of its arguments, an object."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call as a model wrote it. `arguments` should be a JSON object; nobody has checked that."""

    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ToolTurn:
    """A call, and what the model is told of it."""

    call: ToolCall
    outcome: str


@dataclass(frozen=True, slots=True)
class ToolUse:
    """The tools that a model may call now, and its turns with them so far, oldest first."""

    tools: tuple[Tool, ...]
    turns: tuple[ToolTurn, ...] = ()
