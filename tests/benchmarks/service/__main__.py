"""`python -m tests.benchmarks service`: streams, readers who leave, and overload, as times.

The server is a process of its own, as `pagesight serve` runs it; a model that is a clock writes the answers.
Clients share the machine's cores with it. The load average stands beside the figures: other people's
work makes all of them worse.
"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import count, repeat

from tests.benchmarks.service.streams import Clients, Seen, ask, figures, request
from tests.small_library import QUESTION

N_STREAMS, N_TOKENS, PAUSE_S = 200, 200, 0.05
ANSWER = {"question": QUESTION, "collections": ["manuals"]}
ASK = request("/v1/answers", ANSWER | {"stream": True})
WRITING = "pagesight_answers_writing"
CPU = "process_cpu_seconds_total"


def main() -> None:
    print(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}")
    asyncio.run(_bench())


async def _bench() -> None:
    async with _server(N_TOKENS, PAUSE_S, max_answers=256) as port:
        await _streams(port)
        await _leaving(port)
    async with _server(20, PAUSE_S, max_answers=40, max_waiting=40) as port:
        asked = repeat(request("/v1/answers", ANSWER | {"stream": True}, keep=True))
        await _overload(port, "answers of 1 s, 40 places", asked, 40)
    real = {"encoder": "lite", "query_cache_size": 0}  # a search that costs what searches cost
    async with _server(0, 0.0, max_waiting=16, **real) as port:
        await _overload(port, "searches", map(_search, count()), 32)
    print(f"load average at the end {os.getloadavg()[0]:.1f}")


def _search(number: int) -> bytes:
    """No two ask the same."""
    body = {"query": f"{QUESTION} Case {number}.", "collections": ["manuals"]}
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


async def _overload(port: int, what: str, messages: Iterator[bytes], n_closed: int) -> None:
    """Peak: so many clients, one request after another. Then five times that rate, and peak again."""
    clients = Clients(port)
    await _closed(clients, messages, n_closed, 2.0)
    before, peak_cores = await _best(clients, messages, n_closed)
    started = await figures(port)
    seen, took_s = await _open(clients, messages, 5 * before, 10.0)
    cores = ((await figures(port))[CPU] - started[CPU]) / took_s
    good = [one for one in seen if one.status == 200 and not one.error]
    refused = [one for one in seen if one.status == 503]
    calm = await _until_calm(clients, messages)
    after, _ = await _best(clients, messages, n_closed)
    clients.close()
    peak = (before + after) / 2
    print(f"overload, {what}: {before:.0f} and {after:.0f}/s at best, {5 * before:.0f}/s asked")
    _tell("answered, a second", len(good) / took_s, "")
    _tell("goodput", 100 * len(good) / took_s / peak, "% of the best")
    _tell("cores that the server got, at best", peak_cores, "")
    _tell("cores that the server got, overloaded", cores, "")
    _tell("refused", len(refused), "")
    _tell("other errors", len(seen) - len(good) - len(refused), "")
    if refused:
        _tell("refusal, median", _at(refused, 0.5, "head_s"), "ms")
        _tell("refusal, p95", _at(refused, 0.95, "head_s"), "ms")
    _tell("until it answers as before", calm, "s")


async def _best(clients: Clients, messages: Iterator[bytes], n: int) -> tuple[float, float]:
    """Answers a second, and the cores that the server needed for them."""
    started = (await figures(clients.port))[CPU]
    n_done, took_s = await _closed(clients, messages, n, 6.0)
    return n_done / took_s, ((await figures(clients.port))[CPU] - started) / took_s


async def _closed(
    clients: Clients, messages: Iterator[bytes], n: int, seconds: float
) -> tuple[int, float]:
    began = time.perf_counter()
    done = 0

    async def client() -> None:
        nonlocal done
        while time.perf_counter() - began < seconds:
            seen = await clients.ask(next(messages))
            done += seen.status == 200

    await asyncio.gather(*(client() for _ in range(n)))
    return done, time.perf_counter() - began


async def _open(
    clients: Clients, messages: Iterator[bytes], rate: float, seconds: float
) -> tuple[list[Seen], float]:
    """Requests come when they come, whatever became of those before."""
    began = time.perf_counter()
    asked: list[asyncio.Task[Seen]] = []
    while (now := time.perf_counter() - began) < seconds:
        while len(asked) < now * rate:
            asked.append(asyncio.create_task(clients.ask(next(messages))))
        await asyncio.sleep(0.002)
    seen = await asyncio.gather(*asked)
    return seen, time.perf_counter() - began


async def _until_calm(clients: Clients, messages: Iterator[bytes]) -> float:
    """Until the first of ten in a row that are answered is asked."""
    began = time.perf_counter()
    in_a_row, since = 0, began
    while in_a_row < 10:
        asked = time.perf_counter()
        good = (await clients.ask(next(messages))).status == 200
        since = since if good and in_a_row else asked
        in_a_row = in_a_row + 1 if good else 0
    return since - began


@asynccontextmanager
async def _server(n_tokens: int, pause_s: float, **settings: object) -> AsyncIterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    with tempfile.TemporaryDirectory() as folder:
        words = [folder, str(port), str(n_tokens), str(pause_s)]
        words += [f"{name}={value}" for name, value in settings.items()]
        command = [sys.executable, "-m", "tests.benchmarks.service.server", *words]
        server = subprocess.Popen(command)
        try:
            while True:
                try:
                    await figures(port)
                    break
                except OSError:
                    await asyncio.sleep(0.1)
            await ask(port, ASK, leave_after=1)  # loads what is loaded once
            yield port
        finally:
            server.terminate()
            server.wait()


def _at(seen: list[Seen], share: float, figure: str = "first_event_s") -> float:
    """A quantile, in milliseconds."""
    values = sorted(getattr(one, figure) for one in seen)
    return float(values[min(len(values) - 1, int(share * len(values)))]) * 1e3


def _tell(what: str, value: float, unit: str) -> None:
    print(f"  {what:<42} {value:>10.1f} {unit}", flush=True)


if __name__ == "__main__":
    main()
