"""Calls of tools: each takes the limit that its policy declares, and runs where nobody waits behind it."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from threading import Event

from starlette.concurrency import run_in_threadpool

from api.base.errors import ToolCancelled
from api.base.links import Links
from api.http.running import Running
from api.http.streams.event_streams import answering
from api.http.streams.threaded_stream import ThreadedStream
from api.mcp.shapes import Arguments
from api.mcp.tools import Outcome, Tools, ToolSpec
from api.services.authorization import Caller

_LOOK_S = 60.0  # how often a silent tool is looked at; results come as soon as they are there


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call of a tool. `links` is None where no address of this service is known."""

    spec: ToolSpec
    arguments: Arguments
    caller: Caller
    links: Links | None

    async def outcome(self, running: Running) -> Outcome:
        """Return what the tool gives, once its limit has a slot for it.

        A search or an answer runs in a thread of its own, like those of the other routes. When this task
        is cancelled the thread is told, and its slot is free when it has really ended. Raises Overloaded,
        NotAllowed, QuotaReached, ToolCancelled, and what the tool raises.
        """
        policy = self.spec.policy
        if policy.scope is not None:
            self.caller.authorize(policy.scope, {})
        key = self.caller.key
        if policy.limit in ("searches", "answers") and key is not None:
            await run_in_threadpool(self.caller.services.quotas.take_question, key)
        match policy.limit:
            case "answers":
                return await _last(await answering(running, self._answer))
            case "searches":
                return await _last(await self._search(running))
            case "renders":
                with await running.admission.renders.take():
                    return await run_in_threadpool(self._whole, Event())
            case None:
                return await run_in_threadpool(self._whole, Event())

    async def _search(self, running: Running) -> ThreadedStream[Outcome]:
        """Start a tool that is one search."""
        cancellation = Event()
        slot = await running.admission.searches.take()

        def search() -> Generator[Outcome]:
            yield self._whole(cancellation)

        try:
            return ThreadedStream(search(), cancellation, slot.release)
        except BaseException:
            slot.release()
            raise

    def _whole(self, cancellation: Event) -> Outcome:
        outcome = self._call(cancellation)
        assert isinstance(outcome, Outcome)
        return outcome

    def _answer(self, cancellation: Event) -> Generator[Outcome]:
        """Search, and give what writes the answer."""
        writing = self._call(cancellation)
        assert isinstance(writing, Generator)
        return writing

    def _call(self, cancellation: Event) -> Outcome | Generator[Outcome]:
        tools = Tools(self.caller, self.links, cancellation.is_set)
        return self.spec.call(tools, self.arguments)


async def _last(stream: ThreadedStream[Outcome]) -> Outcome:
    outcome: Outcome | None = None
    try:
        while (batch := await stream.batch(_LOOK_S)) is not None:
            outcome = batch[-1] if batch else outcome
    finally:
        stream.leave()
    if outcome is None:
        raise ToolCancelled("the call was cancelled")
    return outcome
