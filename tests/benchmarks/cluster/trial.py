"""Many processes over one PostgreSQL and one S3 server, some of them killed: is anything lost, or wrong?

`python -m tests.benchmarks.cluster.trial [DOCUMENTS]`: three API processes and three workers, one upload
after the other, searches all the time. On the way two workers and an API process are killed, and started
again some seconds later as any supervisor does, and the database is restarted once. At the end every document
must be there once, byte for byte, and no search may have failed but with 503 while the database was away. A
search that finds its process gone goes to the next one, as behind a proxy. At last a process begins with an
empty folder and little room for copies.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import httpx2

from api.services.wiring import Services, wire
from tests.builders import pdf_bytes, settings_of
from tests.conftest import ROOT
from tests.support.postgres import new_database, restart, running_server
from tests.support.s3 import KEYS
from tests.support.served_process import free_port

N_APIS = N_WORKERS = 3
SMALL_CACHE_BYTES = 1_000_000
RESTART_S = 5.0  # a supervisor starts again what has ended
SEARCH_EVERY_S = 0.5


class Cluster:
    """The processes of a trial."""

    def __init__(self, root: Path, database_url: str, s3_address: str) -> None:
        self.root = root
        self.settings = {
            "database_url": database_url, "storage": "s3://pages/trial", "s3_endpoint": s3_address,
            "encoder": "fake", "ocr": "never", "page_dpi": 48, "reserve_bytes": 0,
        }  # fmt: skip
        self.ports = [
            free_port() for _ in range(N_APIS + 1)
        ]  # the last for the one that begins late
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str) -> None:
        """Start or restart `api-N` or `worker-N`, with a data folder of its own that may be there already."""
        kind, _, number = name.partition("-")
        words = (
            ["worker"] if kind == "worker" else ["serve", "--port", str(self.ports[int(number)])]
        )
        names = {f"PAGESIGHT_{key.upper()}": str(value) for key, value in self.settings.items()}
        names |= {"PAGESIGHT_DATA_DIR": str(self.root / name), "PAGESIGHT_EMBEDDED_WORKER": "false"}
        # Modules are compiled once, as where they are installed.
        names |= {"OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": ""}
        if number == str(N_APIS):
            names["PAGESIGHT_CACHE_BYTES"] = str(SMALL_CACHE_BYTES)
        with (self.root / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", "api.cli", *words],
                cwd=ROOT, env=os.environ | names, stdout=log, stderr=log,
            )  # fmt: skip

    def kill(self, name: str) -> None:
        self.processes[name].kill()
        self.processes[name].wait()

    def end(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()

    def ask(self, client: httpx2.Client, first: int, method: str, path: str, **options: Any) -> Any:
        """Ask one API process after the other until one takes the request."""
        deadline = time.monotonic() + 300
        while True:
            for i in range(N_APIS):
                url = f"http://127.0.0.1:{self.ports[(first + i) % N_APIS]}{path}"
                try:
                    return client.request(method, url, **options)
                except httpx2.TransportError:
                    continue
            assert time.monotonic() < deadline, "no API process answers"
            time.sleep(0.5)

    def services(self) -> Services:
        return wire(settings_of(self.root / "judge", **self.settings))


class Searches(threading.Thread):
    """Searches until it is told to stop, and counts how they end."""

    def __init__(self, cluster: Cluster) -> None:
        super().__init__(name="searches")
        self._cluster = cluster
        self.stopping = threading.Event()
        self.ends: Counter[str] = Counter()
        self.times_of_503: list[float] = []

    def run(self) -> None:
        with httpx2.Client(timeout=120) as client:
            n = 0
            while not self.stopping.wait(SEARCH_EVERY_S):
                n += 1
                body = {"query": f"number{n % 50}", "collections": ["c"]}
                answer = self._cluster.ask(client, n, "POST", "/v1/search", json=body)
                if answer.status_code == 503 and "error" in answer.json():
                    self.ends[f"503 {answer.json()['error']['code']}"] += 1
                    self.times_of_503.append(time.monotonic())
                else:
                    self.ends[str(answer.status_code)] += 1


@contextmanager
def s3_server() -> Iterator[str]:
    """Moto in a process of its own."""
    port = free_port()
    os.environ.update(KEYS)
    words = [sys.executable, "-m", "moto.server", "-p", str(port), "-H", "127.0.0.1"]
    server = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        boto3.client("s3", endpoint_url=address, config=_patient()).create_bucket(Bucket="pages")
        yield address
    finally:
        server.terminate()
        server.wait(30)


def _patient() -> Any:
    from botocore.config import Config

    return Config(retries={"mode": "standard", "max_attempts": 10})


def late_start(cluster: Cluster) -> dict[str, float]:
    """Start an API process with an empty folder; say when it answers, and what lies there then."""
    began = time.monotonic()
    cluster.start(f"api-{N_APIS}")
    url = f"http://127.0.0.1:{cluster.ports[N_APIS]}"
    copies = cluster.root / f"api-{N_APIS}" / "bucket" / "copies"
    most_bytes = 0
    with httpx2.Client(timeout=120) as client:
        while True:
            try:
                client.get(f"{url}/healthz")
                break
            except httpx2.TransportError:
                time.sleep(0.05)
        listens_s = time.monotonic() - began
        for n in range(30):
            body = {"query": f"number{n}", "collections": ["c"]}
            answer = client.post(f"{url}/v1/search", json=body)
            assert answer.status_code == 200 and answer.json()["hits"], answer.text
            if n == 0:
                answers_s = time.monotonic() - began
                cpu_s = _cpu_s(cluster.processes[f"api-{N_APIS}"].pid)
            for hit in answer.json()["hits"]:
                assert client.get(f"{url}/v1/pages/{hit['page_id']}/image").status_code == 200
            files = [path.stat() for path in copies.rglob("*") if path.is_file()]
            most_bytes = max(most_bytes, sum(status.st_blocks * 512 for status in files))
    return {
        "listens_s": listens_s, "answers_s": answers_s, "cpu_s": cpu_s,
        "load_average": os.getloadavg()[0], "most_bytes_of_copies": most_bytes,
    }  # fmt: skip


def _cpu_s(pid: int) -> float:
    """Return the processor seconds that a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def run(n_documents: int) -> dict[str, Any]:
    with (
        running_server() as postgres,
        s3_server() as s3_address,
        tempfile.TemporaryDirectory() as folder,
    ):
        cluster = Cluster(Path(folder), new_database(postgres), s3_address)
        began = time.monotonic()
        cluster.services().create_collection("c")
        for name in [
            *(f"api-{i}" for i in range(N_APIS)),
            *(f"worker-{i}" for i in range(N_WORKERS)),
        ]:
            cluster.start(name)
        searches = Searches(cluster)
        try:
            with httpx2.Client(timeout=120) as client:
                cluster.ask(client, 0, "GET", "/healthz")
                searches.start()
                events = {
                    n_documents * 2 // 10: lambda: _bounce(cluster, "worker-0"),
                    n_documents * 4 // 10: lambda: _bounce(cluster, "api-1"),
                    n_documents * 6 // 10: lambda: restart(postgres),
                    n_documents * 8 // 10: lambda: _bounce(cluster, "worker-2"),
                }
                n_refused = 0
                for n in range(n_documents):
                    n_refused += _upload(cluster, client, n)
                    if n in events:
                        events[n]()
                uploaded_s = time.monotonic() - began
                judge = cluster.services()
                while [
                    job for job in judge.queue.jobs(limit=n_documents * 2) if not job.state.ended
                ]:
                    time.sleep(1.0)
            ended_s = time.monotonic() - began
            searches.stopping.set()
            searches.join(120)
            jobs = judge.queue.jobs(limit=n_documents * 2)
            failures = [f"{job.name}: {job.error}" for job in jobs if job.state != "done"]
            n_segments = len(judge.stores.catalog.segments.all())
            late = late_start(cluster) | {"n_segments": n_segments}
            report = judge.repairer.verify(deep=True)
            names = Counter(
                document.name for document in judge.stores.catalog.snapshot("c").documents
            )
        finally:
            searches.stopping.set()
            cluster.end()
        times = searches.times_of_503
        return {
            "documents": len(names), "twice": [name for name, n in names.items() if n > 1],
            "failed_jobs": failures,
            "verify": {"clean": report.clean, "faults": [f.message for f in report.faults[:5]],
                       "pages": report.n_pages, "garbage": len(report.garbage)},
            "searches": dict(searches.ends), "seconds_with_503": times[-1] - times[0] if times else 0.0,
            "late": late, "uploads_tried_again": n_refused, "uploaded_s": uploaded_s, "ended_s": ended_s,
        }  # fmt: skip


def _bounce(cluster: Cluster, name: str) -> None:
    """Kill a process; it is started again a while later."""
    cluster.kill(name)
    threading.Timer(RESTART_S, cluster.start, [name]).start()


def _upload(cluster: Cluster, client: httpx2.Client, n: int) -> int:
    """Upload a document until it is taken; returns how often it was not."""
    files = {"files": (f"{n}.pdf", pdf_bytes(f"page of number{n}", f"another page {n}"))}
    n_refused = 0
    while True:
        answer = cluster.ask(client, n, "POST", "/v1/collections/c/documents", files=files)
        if answer.status_code == 202:
            return n_refused
        assert answer.status_code == 503 and answer.json()["error"]["code"], answer.text
        n_refused += 1
        time.sleep(0.5)


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]) if len(sys.argv) > 1 else 500), indent=1))
