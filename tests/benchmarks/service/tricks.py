"""What the tricks of the serving process are worth: goodput under overload, delay of the first event.

Servers with and without a trick stand side by side and take turns; the ones that wait cost next to nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from itertools import count
from statistics import fmean

from tests.benchmarks.service.clients import Clients
from tests.benchmarks.service.rounds import ASK, closed_loop, open_loop, server, until_calm
from tests.benchmarks.worth import Worth, alternating
from tests.support.small_library import QUESTION
from tests.support.streams import ask, request

LITE: dict[str, object] = {"encoder": "lite"}  # with torch in memory, as in a real service
UNCACHED = LITE | {"query_cache_size": 0}  # searches that cost what searches cost
PATIENT = LITE | {"max_waiting": 1_000, "max_wait_s": 60}  # refuses nobody on a slow machine
N_CLIENTS, ROUND_S = 32, 3.0
N_STREAMS, N_TOKENS, PAUSE_S = 150, 60, 0.05


async def goodput_worth(n_pairs: int) -> Worth:
    """Ask for five times the searches that the service can answer, in rounds of ROUND_S seconds."""
    worth = Worth(
        "PAGESIGHT_EARLY_REFUSAL", "searches answered at five times the load", "a second", True
    )
    async with AsyncExitStack() as stack:
        clients: dict[bool, Clients] = {}
        for is_on in (True, False):
            port = await stack.enter_async_context(
                server(0, 0.0, max_waiting=16, early_refusal=is_on, **UNCACHED)
            )
            clients[is_on] = Clients(port)
            stack.callback(clients[is_on].close)
        searches = _searches()
        peaks = []
        for one_server in clients.values():
            await closed_loop(one_server, searches, N_CLIENTS, 1.0)
            peaks.append((await closed_loop(one_server, searches, N_CLIENTS, ROUND_S)).good_per_s)
        for pair in alternating(n_pairs):
            for is_on in pair:
                overload = await open_loop(clients[is_on], searches, 5 * max(peaks), ROUND_S)
                worth.add(overload.good_per_s, is_on=is_on)
                await until_calm(clients[is_on], searches)
    return worth


async def first_event_worths(n_pairs: int) -> list[Worth]:
    """Measure how late answers begin while N_STREAMS others are streamed, for two tricks by turns."""
    figure = f"first event beside {N_STREAMS} streams, mean"
    tricks = ("short_turns", "gc_freeze")
    worths = {name: Worth(f"PAGESIGHT_{name.upper()}", figure, "ms", False) for name in tricks}
    async with AsyncExitStack() as stack:
        ports: dict[str, int] = {}
        for name in ("", *tricks):
            settings = PATIENT | {"max_answers": 2 * N_STREAMS} | ({name: False} if name else {})
            ports[name] = await stack.enter_async_context(server(N_TOKENS, PAUSE_S, **settings))
        for name, pair in [(name, pair) for pair in alternating(n_pairs) for name in tricks]:
            for is_on in pair:
                delay_s = await _first_event_s(ports["" if is_on else name])
                worths[name].add(1e3 * delay_s, is_on=is_on)
    return list(worths.values())


async def _first_event_s(port: int) -> float:
    """Return the mean of the answers that begin while all the other streams run."""
    lasts_s = N_TOKENS * PAUSE_S

    async def reader(place: int) -> float:
        await asyncio.sleep(lasts_s * place / N_STREAMS)
        for _ in range(2):
            answer = await ask(port, ASK)
            assert answer.status == 200 and answer.done, answer
        return answer.first_event_s

    return fmean(await asyncio.gather(*(reader(place) for place in range(N_STREAMS))))


def _searches() -> Iterator[bytes]:
    """No two ask the same."""
    for number in count():
        body = {"query": f"{QUESTION} Case {number}.", "collections": ["manuals"]}
        yield request("/v1/search", body, keep=True)
