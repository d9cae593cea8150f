"""A server as a process of its own, and rounds of requests against it."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.benchmarks.service.clients import Clients
from tests.support.small_library import QUESTION
from tests.support.streams import Seen, ask, figures, request

ANSWER = {"question": QUESTION, "collections": ["manuals"]}
ASK = request("/v1/answers", ANSWER | {"stream": True})
CPU = "process_cpu_seconds_total"


@dataclass(frozen=True, slots=True)
class Round:
    """Cores in the mean.

    server   that the server got
    clients  that the clients took
    """

    seen: list[Seen]
    took_s: float
    server: float
    clients: float

    @property
    def good_per_s(self) -> float:
        return sum(one.status == 200 and not one.error for one in self.seen) / self.took_s


async def _measured(port: int, asked: Awaitable[list[Seen]]) -> Round:
    server_s, ours_s = (await figures(port))[CPU], time.process_time()
    began = time.perf_counter()
    seen = await asked
    took_s = time.perf_counter() - began
    ours_s = time.process_time() - ours_s
    server_s = (await figures(port))[CPU] - server_s
    return Round(seen, took_s, server_s / took_s, ours_s / took_s)


async def closed_loop(clients: Clients, messages: Iterator[bytes], n: int, seconds: float) -> Round:
    """Let `n` clients send one request after another."""
    until = time.perf_counter() + seconds
    seen: list[Seen] = []

    async def client() -> None:
        while time.perf_counter() < until:
            seen.append(await clients.ask(next(messages)))

    async def all_of_them() -> list[Seen]:
        await asyncio.gather(*(client() for _ in range(n)))
        return seen

    return await _measured(clients.port, all_of_them())


async def open_loop(
    clients: Clients, messages: Iterator[bytes], rate: float, seconds: float
) -> Round:
    """Send `rate` requests a second, whatever became of those before."""

    async def all_of_them() -> list[Seen]:
        began = time.perf_counter()
        asked: list[asyncio.Future[Seen]] = []
        while (now := time.perf_counter() - began) < seconds:
            while len(asked) < now * rate:
                asked.append(clients.ask(next(messages)))
            await asyncio.sleep(0.002)
        return await asyncio.gather(*asked)

    return await _measured(clients.port, all_of_them())


async def until_calm(clients: Clients, messages: Iterator[bytes]) -> float:
    """Return the seconds until the first of ten answered requests in a row was sent."""
    began = time.perf_counter()
    in_a_row, since = 0, began
    while in_a_row < 10:
        asked = time.perf_counter()
        good = (await clients.ask(next(messages))).status == 200
        since = since if good and in_a_row else asked
        in_a_row = in_a_row + 1 if good else 0
    return since - began


@asynccontextmanager
async def server(
    n_tokens: int, pause_s: float, n_pages: int = 0, **settings: object
) -> AsyncIterator[int]:
    """Yield the port of `tests.benchmarks.service.server`, whose parameters these are."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    with tempfile.TemporaryDirectory() as folder:
        words = [folder, str(port), str(n_tokens), str(pause_s), str(n_pages)]
        words += [f"{name}={value}" for name, value in settings.items()]
        command = [sys.executable, "-m", "tests.benchmarks.service.server", *words]
        process = subprocess.Popen(command)
        try:
            while True:
                try:
                    await figures(port)
                    break
                except OSError:
                    assert process.poll() is None, "the server ended"
                    await asyncio.sleep(0.1)
            await ask(port, ASK, leave_after=1)  # loads what is loaded once
            yield port
        finally:
            process.terminate()
            process.wait()
