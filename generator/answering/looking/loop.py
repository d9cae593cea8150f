"""Lets a model look again until it has what it needs, or its budget is used up."""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import dataclass, replace

from generator.answering.answer_so_far import AnswerSoFar
from generator.answering.answers import AnswerUsage, JsonWritten, StepKind, StepTaken
from generator.answering.looking.actions import (
    ACTION_SCHEMA,
    EXPLANATION,
    Action,
    ActionKind,
    action_of,
)
from generator.answering.looking.page_tools import PageTools, Sight
from generator.answering.writer import AnswerWriter, WritingRequest, prompt_pages
from generator.errors import BackendGarbled

_STEPS: dict[ActionKind, StepKind] = {
    "search": "search",
    "open": "page",
    "zoom": "region",
    "table": "table",
}
_MAX_PAGES = 12  # that a prompt grows to


@dataclass(frozen=True, slots=True)
class LookingBudget:
    """What may be used up before the answer is written from what is there.

    steps  0: no looking
    cost   None: any
    """

    steps: int = 0
    seconds: float = 60.0
    tokens: int = 20_000
    cost: float | None = None


def look_again(
    writer: AnswerWriter,
    request: WritingRequest,
    tools: PageTools,
    budget: LookingBudget,
    so_far: AnswerSoFar,
) -> Generator[StepTaken, None, WritingRequest]:
    """Yield each step that a model takes; return the request with all that it has seen.

    A model that does not write an action as it should looks no further. Raises BackendError.
    """
    began = time.monotonic()
    n_tokens = 0.0
    log: list[str] = []
    for _ in range(budget.steps):
        limit = _limit_reached(budget, time.monotonic() - began, n_tokens, so_far.cost)
        if limit or request.is_cancelled():
            if limit:
                yield StepTaken("limit", limit)
            return request
        action, usage = _next_action(writer, request, log)
        so_far.spend(usage)
        n_tokens += usage.get("prompt_tokens", 0) + usage.get("completion_tokens", 0)
        if action is None or action.kind == "answer" or request.is_cancelled():
            return request
        sight = tools.run(action, prompt_pages(request))
        request = _with(request, sight)
        log.append(f"{action.kind} {sight.text}: {sight.problem or 'done'}")
        yield StepTaken(_STEPS[action.kind], sight.text, sight.page_id)
    yield StepTaken("limit", f"{budget.steps} steps used up")
    return request


def _next_action(
    writer: AnswerWriter, request: WritingRequest, log: list[str]
) -> tuple[Action | None, dict[str, float]]:
    before = "\n".join(["Done so far:", *log]) if log else ""
    step_question = "\n".join(filter(None, [request.question, EXPLANATION, before]))
    body, usage = None, dict[str, float]()
    step = replace(
        request, question=step_question, json_schema=ACTION_SCHEMA, client_instructions=""
    )
    try:
        for event in writer.write(step):
            if isinstance(event, JsonWritten):
                body = event.data
            elif isinstance(event, AnswerUsage):
                usage = event.figures()
    except BackendGarbled:
        return None, usage
    return (action_of(body) if body is not None else None), usage


def _with(request: WritingRequest, sight: Sight) -> WritingRequest:
    pages = [*request.pages, *sight.pages][:_MAX_PAGES]
    looks = (*request.looks, *([sight.look] if sight.look else []))
    return replace(request, pages=pages, looks=looks[-_MAX_PAGES:])


def _limit_reached(budget: LookingBudget, seconds: float, n_tokens: float, cost: float) -> str:
    if budget.cost is not None and cost >= budget.cost:
        return f"{budget.cost:g} spent"
    if seconds >= budget.seconds:
        return f"{budget.seconds:g} s used up"
    return f"{budget.tokens} tokens used up" if n_tokens >= budget.tokens else ""
