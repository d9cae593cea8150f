"""What the trick of the serving process is worth: the delay of the first event.

Servers with and without a trick stand side by side and take turns; the ones that wait cost next to nothing.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from statistics import fmean

from tests.benchmarks.service.rounds import ASK, server
from tests.benchmarks.worth import Worth, alternating
from tests.support.streams import ask

LITE: dict[str, object] = {"encoder": "lite"}  # with torch in memory, as in a real service
PATIENT = LITE | {"max_waiting": 1_000, "max_wait_s": 60}  # refuses nobody on a slow machine
N_STREAMS, N_TOKENS, PAUSE_S = 150, 60, 0.05


async def first_event_worth(n_pairs: int) -> Worth:
    """Measure how late answers begin while N_STREAMS others are streamed, with the trick and without."""
    worth = Worth(
        "PAGESIGHT_GC_FREEZE", f"first event beside {N_STREAMS} streams, mean", "ms", False
    )
    async with AsyncExitStack() as stack:
        ports: dict[bool, int] = {}
        for is_on in (True, False):
            settings = PATIENT | {"max_answers": 2 * N_STREAMS, "gc_freeze": is_on}
            ports[is_on] = await stack.enter_async_context(server(N_TOKENS, PAUSE_S, **settings))
        for pair in alternating(n_pairs):
            for is_on in pair:
                worth.add(1e3 * await _first_event_s(ports[is_on]), is_on=is_on)
    return worth


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
