"""Lets a model look again until it has what it needs, or its budget is used up."""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import dataclass, replace

from generator.answering.answer_so_far import AnswerSoFar
from generator.answering.answers import StepKind, StepTaken
from generator.answering.looking.actions import ActionKind
from generator.answering.looking.next_steps import StepAsker
from generator.answering.looking.page_tools import PageTools, Sight
from generator.answering.writer import AnswerWriter, WritingRequest, prompt_pages
from generator.errors import PromptTooDear, PromptTooLong
from generator.prompts import clean
from generator.tool_calls import ToolTurn

_STEPS: dict[ActionKind, StepKind] = {
    "search": "search",
    "open": "page",
    "zoom": "region",
    "table": "table",
}
_MAX_PAGES = 12  # that a prompt grows to
NO_MORE_FITS = "no more fits into a prompt"


@dataclass(frozen=True, slots=True)
class LookingBudget:
    """What may be used up before the answer is written from what is there.

    steps       0: no looking
    cost        None: any
    uses_tools  let the model call tools, where it knows how; else it writes JSON
    """

    steps: int = 0
    seconds: float = 60.0
    tokens: int = 20_000
    cost: float | None = None
    uses_tools: bool = True


def look_again(
    writer: AnswerWriter,
    request: WritingRequest,
    tools: PageTools,
    budget: LookingBudget,
    so_far: AnswerSoFar,
) -> Generator[StepTaken, None, WritingRequest]:
    """Yield each step that a model takes; return the request with all that it has seen.

    A model that does not say what to do as it should looks no further, and what would make the prompt too
    long or too dear is left out. Raises BackendError.
    """
    began = time.monotonic()
    asker = StepAsker(writer, budget.uses_tools)
    n_tokens = 0.0
    turns: list[ToolTurn] = []
    fitting = request
    while len(turns) < budget.steps:
        limit = _limit_reached(budget, time.monotonic() - began, n_tokens, so_far.cost)
        if limit or request.is_cancelled():
            if limit:
                yield StepTaken("limit", limit)
            return request
        try:
            reply = asker.ask(request, turns)
        except (PromptTooDear, PromptTooLong):
            yield StepTaken("limit", NO_MORE_FITS)
            return fitting
        fitting = request
        so_far.spend(reply.usage)
        n_tokens += sum(reply.usage.get(name, 0) for name in ("prompt_tokens", "completion_tokens"))
        if not reply.steps or request.is_cancelled():
            return request
        for step in reply.steps[: budget.steps - len(turns)]:
            if isinstance(step.action, str):
                turns.append(ToolTurn(step.call, step.action))
                continue
            sight = tools.run(step.action, prompt_pages(request))
            request = _with(request, sight)
            turns.append(ToolTurn(step.call, clean(f"{sight.text}: {sight.problem or 'done'}")))
            yield StepTaken(_STEPS[step.action.kind], sight.text, sight.page_id)
    yield StepTaken("limit", f"{budget.steps} steps used up")
    return request


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
