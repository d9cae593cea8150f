"""Asks a model for its next step: calls of tools, or where it knows none, JSON of a fixed schema."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from generator.answering.answers import AnswerUsage, JsonWritten
from generator.answering.looking.actions import (
    ACTION_SCHEMA,
    EXPLANATION,
    LOOKING_TOOLS,
    WHETHER_TO_CALL,
    Action,
    action_of,
    action_of_call,
)
from generator.answering.writer import AnswerWriter, WritingRequest
from generator.errors import BackendGarbled, ToolsRefused
from generator.tool_calls import ToolCall, ToolTurn, ToolUse

_MAX_CALL_TOKENS = 512  # some models think aloud before they call


@dataclass(frozen=True, slots=True)
class NextStep:
    """A call as a model wrote it, and the action that it means; or what is wrong with it, for the model."""

    call: ToolCall
    action: Action | str


@dataclass(frozen=True, slots=True)
class NextSteps:
    """A model's reply. `steps` is empty where it wants to answer, or does not reply as it should."""

    steps: tuple[NextStep, ...] = ()
    usage: dict[str, float] = field(default_factory=dict)


class StepAsker:
    """Asks `writer`: by tools while `uses_tools` is true and it does not refuse them, else for JSON."""

    def __init__(self, writer: AnswerWriter, uses_tools: bool) -> None:
        self._writer = writer
        self._uses_tools = uses_tools

    def ask(self, request: WritingRequest, turns: Sequence[ToolTurn]) -> NextSteps:
        """Ask over the pages of a request, after these turns. Raises BackendError."""
        request = replace(request, client_instructions="")
        if self._uses_tools:
            try:
                return self._ask_with_tools(request, turns)
            except ToolsRefused:
                self._uses_tools = False
        return self._ask_for_json(request, turns)

    def _ask_with_tools(self, request: WritingRequest, turns: Sequence[ToolTurn]) -> NextSteps:
        limit = min(request.wishes.max_tokens or _MAX_CALL_TOKENS, _MAX_CALL_TOKENS)
        asking = replace(
            request,
            question=f"{request.question}\n{WHETHER_TO_CALL}",
            tool_use=ToolUse(LOOKING_TOOLS, tuple(turns)),
            wishes=replace(request.wishes, max_tokens=limit, stop=()),
        )
        reply = NextSteps()
        for event in self._writer.write(asking):
            if isinstance(event, AnswerUsage):
                steps = tuple(NextStep(call, action_of_call(call)) for call in event.model.calls)
                reply = NextSteps(steps, event.figures())
        return reply

    def _ask_for_json(self, request: WritingRequest, turns: Sequence[ToolTurn]) -> NextSteps:
        lines = [f"{turn.call.name} {turn.outcome}" for turn in turns]
        before = "\n".join(["Done so far:", *lines]) if lines else ""
        question = "\n".join(filter(None, [request.question, EXPLANATION, before]))
        reply = NextSteps()
        try:
            for event in self._writer.write(
                replace(request, question=question, json_schema=ACTION_SCHEMA)
            ):
                if isinstance(event, JsonWritten) and event.data["action"] != "answer":
                    call = ToolCall(event.data["action"], json.dumps(event.data))
                    reply = replace(reply, steps=(NextStep(call, action_of(event.data)),))
                elif isinstance(event, AnswerUsage):
                    reply = replace(reply, usage=event.figures())
        except BackendGarbled:
            return NextSteps(usage=reply.usage)
        return reply
