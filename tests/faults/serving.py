"""`pagesight serve` and workers that are killed at random while files are uploaded and indexed."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from api.serve.app import create_app
from api.serve.process import run
from api.worker.worker import Worker
from tests.faults import oracle
from tests.faults.facts import Facts
from tests.faults.papers import Paper, services_over
from tests.faults.zygote import in_child, start_child
from tests.support.served_process import free_port

UPLOAD_EVERY_S = 0.15
READY_S = 600.0  # only so that what hangs ends
# A killed job comes again at once, and however often: nothing is wrong with the files.
SETTINGS = {"job_lease_s": 1.0, "job_attempts": 10_000, "upkeep_interval_s": 0.5}


def _serve(data_dir: Path, port: int, embedded_worker: bool) -> None:
    services = services_over(data_dir, embedded_worker=embedded_worker, **SETTINGS)
    run(create_app(services), "127.0.0.1", port)


def _work(data_dir: Path) -> None:
    Worker(services_over(data_dir, **SETTINGS)).run()


def _upload(port: int, facts: Facts, last: Path) -> None:
    """Upload one file after another until `last` exists; tell each that was acknowledged."""
    number = 0
    while not last.exists():
        paper = Paper(f"u{number}x{1 + number % 3}", 1 + number % 3)
        files = {"files": (paper.name, paper.content, "application/pdf")}
        try:
            answer = httpx.post(
                f"http://127.0.0.1:{port}/v1/collections/c/documents", files=files, timeout=10
            )
        except httpx.HTTPError:  # killed meanwhile: nothing was acknowledged, it comes again
            time.sleep(UPLOAD_EVERY_S / 3)
            continue
        if answer.status_code == 202:
            facts.tell("queued", "c", paper.stem)
            number += 1
        time.sleep(UPLOAD_EVERY_S)


def random_kills(folder: str, kind: str, n_kills: int, seed: int) -> dict[str, Any]:
    """Kill `serve` or a `worker` again and again under load; return what is wrong in the end."""
    root = Path(folder) / f"{kind}-{seed}"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    data_dir, port, chance = root / "data", free_port(), random.Random(seed)
    code, error = in_child(lambda: services_over(data_dir).create_collection("c") and None)
    assert code == 0, error
    start: Callable[[], Any] = partial(_serve, data_dir, port, kind == "serve")
    server = start_child(start)
    uploader = start_child(lambda: _upload(port, Facts(root / "facts"), root / "last"))
    _wait_until_ready(port)
    pid = server if kind == "serve" else start_child(partial(_work, data_dir))
    for _ in range(n_kills):
        # Some are killed while they start.
        if kind == "serve" and chance.random() < 0.8:
            _wait_until_ready(port)
        time.sleep(chance.uniform(0.0, 0.6))
        _kill(pid)
        pid = start_child(start if kind == "serve" else partial(_work, data_dir))
    _wait_until_ready(port)
    (root / "last").touch()
    os.waitpid(uploader, 0)
    verdict = in_child(partial(_judge, root), limit_s=1800)
    for process in {pid, server} if kind == "worker" else {pid}:
        _kill(process)
    code, result = verdict
    shutil.rmtree(root, ignore_errors=True)
    return result if code == 0 else {"n_uploads": 0, "violations": [f"{code}: {result}"]}


def _kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def _wait_until_ready(port: int) -> None:
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.02)
    raise RuntimeError("the server does not answer")


def _judge(root: Path) -> dict[str, Any]:
    """Wait until the queue is worked off, then ask the oracle."""
    services, facts = services_over(root / "data"), Facts(root / "facts")
    while True:
        load = services.queue.load()
        if load.n_queued + load.n_running == 0:
            break
        time.sleep(0.1)
    for _, stem in sorted(facts.of_kind("queued")):
        facts.tell("indexed", "c", stem)
    report = services.repairer.verify(deep=True)
    sentences = oracle.violations(services, facts, report)
    sentences += oracle.unfinished_jobs(services)
    return {"n_uploads": len(facts.of_kind("queued")), "violations": sentences}
