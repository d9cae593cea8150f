"""Lets a model look again until it has what it needs, or its budget is used up."""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import dataclass, replace

from generator.answering.answer_so_far import AnswerSoFar
from generator.answering.looking.actions import Action, ActionKind
from generator.answering.looking.next_steps import NextStep, StepAsker
from generator.answering.looking.page_tools import PageTools, Sight
from generator.answering.steps import StepKind, StepTaken
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

    A model that does not say what to do as it should, or asks for the same again, looks no further, and what
    would make the prompt too long or too dear is left out. Raises BackendError.
    """
    began = time.monotonic()
    asker = StepAsker(writer, budget.uses_tools)
    looking = _Looking(request, tools)
    n_tokens = 0.0
    while len(looking.turns) < budget.steps:
        if limit := _limit_reached(budget, time.monotonic() - began, n_tokens, so_far.cost):
            yield StepTaken("limit", limit)
        if limit or request.is_cancelled():
            return looking.request
        try:
            reply = asker.ask(looking.request, looking.turns)
        except (PromptTooDear, PromptTooLong):
            yield StepTaken("limit", NO_MORE_FITS)
            return request
        request = looking.request  # it fits
        so_far.spend(reply.usage)
        n_tokens += sum(reply.usage.get(name, 0) for name in ("prompt_tokens", "completion_tokens"))
        if not reply.steps or request.is_cancelled():
            return request
        for step in reply.steps[: budget.steps - len(looking.turns)]:
            if step_taken := looking.take(step):
                yield step_taken
            if looking.repeats:
                return looking.request
    yield StepTaken("limit", f"{budget.steps} steps used up")
    return looking.request


class _Looking:
    """What a model has seen: `request` has it all, `turns` what the model was told.

    repeats  it has asked for what it had seen
    """

    def __init__(self, request: WritingRequest, tools: PageTools) -> None:
        self.request = request
        self.turns: list[ToolTurn] = []
        self.repeats = False
        self._tools = tools
        self._sights: set[tuple[Action, str]] = set()

    def take(self, step: NextStep) -> StepTaken | None:
        """Do what a step says; None where that cannot be read, or was done before."""
        action = step.action
        if isinstance(action, str):
            self.turns.append(ToolTurn(step.call, action))
            return None
        sight = self._tools.run(action, prompt_pages(self.request))
        if (action, sight.text) in self._sights:
            self.repeats = True
            return None
        self._sights.add((action, sight.text))
        self.request = _with(self.request, sight)
        self.turns.append(ToolTurn(step.call, clean(f"{sight.text}: {sight.problem or 'done'}")))
        return StepTaken(_STEPS[action.kind], sight.text, sight.page_id)


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
