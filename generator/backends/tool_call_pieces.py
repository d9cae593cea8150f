"""Puts calls of tools together from the pieces in which a chat completion streams them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from generator.tool_calls import ToolCall

_MAX_CALLS = 20


@dataclass(slots=True)
class _Draft:
    index: object
    id: object
    name: str = ""
    arguments: str = ""


class ToolCallPieces:
    """Takes the `tool_calls` of each delta; `calls` are those that are there, in their order.

    A piece goes on with the call of its index. Some servers number all calls 0, or none: there a new id
    begins a new call.
    """

    def __init__(self) -> None:
        self._drafts: list[_Draft] = []

    def add(self, pieces: object) -> bool:
        """Take what a delta holds under `tool_calls`; return whether it is a list of pieces, or nothing."""
        if pieces is None:
            return True
        if not isinstance(pieces, list) or not all(isinstance(piece, dict) for piece in pieces):
            return False
        for piece in pieces:
            function = piece.get("function") or {}
            if not isinstance(function, dict):
                return False
            self._add(piece, function)
        return True

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        return tuple(ToolCall(draft.name, draft.arguments) for draft in self._drafts if draft.name)

    def _add(self, piece: Mapping[str, Any], function: Mapping[str, Any]) -> None:
        index, call_id = piece.get("index"), piece.get("id")
        last = self._drafts[-1] if self._drafts else None
        if last is None or index != last.index or (call_id and call_id != last.id):
            if len(self._drafts) == _MAX_CALLS:
                return
            last = _Draft(index, call_id)
            self._drafts.append(last)
        last.name = last.name or str(function.get("name") or "")
        arguments = function.get("arguments") or ""
        last.arguments += arguments if isinstance(arguments, str) else json.dumps(arguments)
