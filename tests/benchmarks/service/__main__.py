"""`python -m tests.benchmarks service [PAGES]`: streams, readers who leave, and overload, as times.

The server is a process of its own, as `pagesight serve` runs it; a model that is a clock writes the answers.
Clients share the machine's cores with it. The load average stands beside the figures: other people's
work makes all of them worse.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from functools import partial
from itertools import count, pairwise, repeat
from statistics import fmean

import uvloop

from tests.benchmarks.service.clients import Clients
from tests.benchmarks.service.rounds import ANSWER, ASK, closed_loop, open_loop, server, until_calm
from tests.support.small_library import QUESTION
from tests.support.streams import Seen, ask, figures, request

N_STREAMS, N_TOKENS, PAUSE_S = 200, 200, 0.05
WRITING = "pagesight_answers_writing"


def main(n_pages: int = 500) -> None:
    """n_pages  that are searched under overload; 500 are ingested in two minutes"""
    print(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}")
    uvloop.run(_bench(n_pages))


async def _bench(n_pages: int) -> None:
    async with server(N_TOKENS, PAUSE_S, max_answers=256) as port:
        await _streams(port)
        await _leaving(port)
    async with server(20, PAUSE_S, max_answers=40, max_waiting=40) as port:
        asked = repeat(request("/v1/answers", ANSWER | {"stream": True}, keep=True))
        await _overload(port, "answers of 1 s, 40 places", asked, 40, n_rounds=2, seconds=6.0)
    real = {"encoder": "lite", "query_cache_size": 0}  # a search that costs what searches cost
    async with server(0, 0.0, n_pages, max_waiting=16, **real) as port:
        for what, name in (
            (f"searches of {n_pages} pages", "archive"),
            ("searches of 3", "manuals"),
        ):
            asked = map(partial(_search, name), count())
            await _overload(port, what, asked, 32, n_rounds=6, seconds=3.0)
    print(f"load average at the end {os.getloadavg()[0]:.1f}")


def _search(collection: str, number: int) -> bytes:
    """No two ask the same."""
    body = {"query": f"{QUESTION} Case {number}.", "collections": [collection]}
    return request("/v1/search", body, keep=True)


async def _streams(port: int) -> None:
    """Readers come evenly until N_STREAMS are there, and each comes a second time."""
    alone = [await ask(port, ASK, leave_after=1) for _ in range(30)]
    before = await figures(port)
    lasts_s = N_TOKENS * PAUSE_S

    async def reader(place: int) -> list[Seen]:
        await asyncio.sleep(lasts_s * place / N_STREAMS)
        return [await ask(port, ASK) for _ in range(2)]

    readers = [asyncio.create_task(reader(place)) for place in range(N_STREAMS)]
    await asyncio.sleep(1.5 * lasts_s)
    amid = await figures(port)
    seen = [one for two in await asyncio.gather(*readers) for one in two]
    bad = [one for one in seen if one.status != 200 or not one.done or one.error]
    crowded = seen[1::2]  # the second ones begin while all others run
    base = _at(alone, 0.5)
    rss = "process_resident_memory_bytes"
    print(f"{N_STREAMS} streams, {1 / PAUSE_S:.0f} tokens/s each, {len(seen)} answers")
    _tell("answers at a time, amid", amid[WRITING], "")
    _tell("errors", len(bad), "")
    _tell("first event alone, median", base, "ms")
    _tell("first event alone, p95", _at(alone, 0.95), "ms")
    _tell("added by the others, median", _at(crowded, 0.5) - base, "ms")
    _tell("added by the others, p95", _at(crowded, 0.95) - base, "ms")
    _tell("longest answer / shortest possible", max(o.total_s for o in seen) / lasts_s, "")
    _tell("memory of each", (amid[rss] - before[rss]) / N_STREAMS / 1e3, "kB")


async def _leaving(port: int) -> None:
    """All leave in one moment; the model must see it."""
    before = await figures(port)
    together = asyncio.Event()

    async def reader() -> None:
        reading, writing = await asyncio.open_connection("127.0.0.1", port)
        writing.write(ASK)
        await reading.readuntil(b"event: token")
        ready.append(True)
        await together.wait()
        writing.transport.abort()

    ready: list[bool] = []
    readers = [asyncio.create_task(reader()) for _ in range(N_STREAMS)]
    while len(ready) < N_STREAMS:
        await asyncio.sleep(0.05)
    running = (await figures(port))[WRITING]
    began = time.perf_counter()
    together.set()
    await asyncio.gather(*readers)
    while (now := await figures(port))[WRITING] > 0:
        await asyncio.sleep(0.02)
    took_s = time.perf_counter() - began
    await asyncio.sleep(1)
    now = await figures(port)
    print(f"{running:.0f} readers leave")
    _tell("until the model writes for nobody", took_s * 1e3, "ms")
    for name, what in (("process_open_fds", "descriptors"), ("process_threads", "threads")):
        if name in now:
            _tell(f"{what} left behind", now[name] - before[name], "")


async def _overload(
    port: int, what: str, messages: Iterator[bytes], n: int, n_rounds: int, seconds: float
) -> None:
    """Peak: `n` clients, one request after another. Five times that rate. In turn, n_rounds times.

    What other people do to the machine in those minutes is then done to both.
    """
    clients = Clients(port)
    await closed_loop(clients, messages, n, 2.0)
    best, over, calm_s = [await closed_loop(clients, messages, n, seconds)], [], []
    for _ in range(n_rounds):
        over.append(await open_loop(clients, messages, 5 * best[-1].good_per_s, seconds))
        calm_s.append(await until_calm(clients, messages))
        best.append(await closed_loop(clients, messages, n, seconds))
    clients.close()
    goodput = fmean(one.good_per_s for one in over)
    peak = fmean((a.good_per_s + b.good_per_s) / 2 for a, b in pairwise(best))
    seen = [one for round_ in over for one in round_.seen]
    refused = [one for one in seen if one.status == 503]
    print(f"overload, {what}: {peak:.0f}/s at best, {5 * peak:.0f}/s asked")
    _tell("answered, a second", goodput, "")
    _tell("goodput", 100 * goodput / peak, "% of the best")
    for when, rounds in (("at best", best), ("overloaded", over)):
        _tell(f"cores of the server, {when}", fmean(one.server for one in rounds), "")
        _tell(f"cores of the clients, {when}", fmean(one.clients for one in rounds), "")
    _tell("refused", len(refused), "")
    _tell("other errors", sum(one.status not in (200, 503) or bool(one.error) for one in seen), "")
    if refused:
        _tell("refusal, median", _at(refused, 0.5, "head_s"), "ms")
        _tell("refusal, p95", _at(refused, 0.95, "head_s"), "ms")
    _tell("until it answers as before, at most", max(calm_s), "s")


def _at(seen: list[Seen], share: float, figure: str = "first_event_s") -> float:
    """A quantile, in milliseconds."""
    values = sorted(getattr(one, figure) for one in seen)
    return float(values[min(len(values) - 1, int(share * len(values)))]) * 1e3


def _tell(what: str, value: float, unit: str) -> None:
    print(f"  {what:<42} {value:>10.2f} {unit}", flush=True)


if __name__ == "__main__":
    main()
