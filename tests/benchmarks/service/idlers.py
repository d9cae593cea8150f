"""`python -m tests.benchmarks.service.idlers [N]`: others search while N connections are idle or drip.

Three processes: the server, as `pagesight serve` runs it, those who hold connections, this one, which asks.
Quiet and crowded rounds take turns, so that other people's work on the machine makes both of them worse.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count, cycle, islice
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory

import httpx2

from tests.conftest import ROOT
from tests.support.served_process import served
from tests.support.small_library import QUESTION, library
from tests.support.streams import request

N_ROUNDS, ROUND_S, SETTLE_S = 5, 12.0, 4.0
DRIP_S = 1.0
_SEARCH = request("/v1/search", {"query": QUESTION, "collections": ["manuals"]})
_UPLOAD = (
    b"POST /v1/collections/manuals/documents HTTP/1.1\r\nhost: localhost\r\n"
    b"content-type: multipart/form-data; boundary=b\r\ncontent-length: 100000\r\n\r\n"
    b'--b\r\ncontent-disposition: form-data; name="files"; filename="a.pdf"\r\n\r\n%PDF-1.4'
)
# What each sends at once, and then a byte of at a time; None: nothing more.
KINDS = (
    (b"", None),
    (b"POST /v1/search HTTP/1.1\r\nhost: localhost\r\nx: ", b"y"),
    (_SEARCH.partition(b"\r\n\r\n")[0].replace(b"ength: ", b"ength: 9") + b"\r\n\r\n{", b" "),
    (_UPLOAD, b"-"),
    (b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n", None),
)


def main(n_connections: int = 1000) -> None:
    print(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}")
    with TemporaryDirectory() as folder:
        services = library(Path(folder))
        services.database.engine.dispose()
        environment = {
            "PAGESIGHT_ENCODER": "fake",
            "PAGESIGHT_QUERY_CACHE_SIZE": "0",
            "PAGESIGHT_LOG_LEVEL": "error",
        }
        with served(Path(folder) / "data", **environment) as address:
            _bench(address, n_connections)


def _bench(address: str, n_connections: int) -> None:
    quiet: list[float] = []
    crowded: list[float] = []
    quiet_health: list[float] = []
    health: list[float] = []
    memory = [_figure(address, "process_resident_memory_bytes")]
    n_open = 0.0
    with httpx2.Client(base_url=address, timeout=600) as client:
        for _ in range(N_ROUNDS):
            _ask(client, quiet, quiet_health)
            with _crowd(address, n_connections):
                while _figure(address, "pagesight_connections") < n_connections:
                    time.sleep(SETTLE_S)
                _ask(client, crowded, health)
                n_open = max(n_open, _figure(address, "pagesight_connections"))
                memory.append(_figure(address, "process_resident_memory_bytes"))
            time.sleep(SETTLE_S)
    print(f"connections held at a time: {n_open:.0f}")
    print(f"searches quiet: {len(quiet)}, p95 {_p95(quiet):.1f} ms")
    print(f"searches crowded: {len(crowded)}, p95 {_p95(crowded):.1f} ms")
    print(f"p95 crowded / quiet: {_p95(crowded) / _p95(quiet):.2f}")
    print(f"/healthz quiet: longest {max(quiet_health):.0f} ms")
    print(f"/healthz crowded: longest {max(health):.0f} ms, p95 {_p95(health):.0f} ms")
    print("memory (MB): " + ", ".join(f"{n / 1e6:.0f}" for n in memory))


def _ask(client: httpx2.Client, search_ms: list[float], health_ms: list[float]) -> None:
    """Search for one round, one search after the other, and look at the health in between."""
    until = time.monotonic() + ROUND_S
    for number in count():
        if time.monotonic() > until:
            return
        body = {"query": f"{QUESTION} Case {number}.", "collections": ["manuals"]}
        search_ms.append(_timed(client, "POST", "/v1/search", body))
        if number % 10 == 0:
            health_ms.append(_timed(client, "GET", "/healthz", None))


def _timed(client: httpx2.Client, method: str, path: str, body: object) -> float:
    began = time.perf_counter()
    response = client.request(method, path, json=body)
    assert response.status_code == 200, response.text
    return 1000 * (time.perf_counter() - began)


def _figure(address: str, name: str) -> float:
    lines = httpx2.get(f"{address}/metrics", timeout=600).text.splitlines()
    return sum(
        float(line.split()[-1]) for line in lines if line.split("{")[0].split(" ")[0] == name
    )


def _p95(milliseconds: list[float]) -> float:
    return quantiles(milliseconds, n=20)[-1]


@contextmanager
def _crowd(address: str, n_connections: int) -> Iterator[None]:
    command = [sys.executable, "-m", __spec__.name, "hold", address, str(n_connections)]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        yield
    finally:
        process.kill()
        process.wait()


async def _hold_all(port: int, n_connections: int) -> None:
    await asyncio.gather(*(_hold(port, *kind) for kind in islice(cycle(KINDS), n_connections)))


async def _hold(port: int, begin: bytes, drip: bytes | None) -> None:
    """Hold a connection for ever: one that the server ends comes again."""
    while True:
        with suppress(OSError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(begin)
            ended = asyncio.ensure_future(reader.read())
            while not ended.done():
                await asyncio.wait([ended], timeout=DRIP_S)
                if drip is not None:
                    writer.write(drip)
            ended.exception()  # it is the server that ends it
            writer.close()
        await asyncio.sleep(DRIP_S)


if __name__ == "__main__":
    if sys.argv[1:2] == ["hold"]:
        asyncio.run(_hold_all(int(sys.argv[2].rpartition(":")[2]), int(sys.argv[3])))
    else:
        main(*map(int, sys.argv[1:]))
