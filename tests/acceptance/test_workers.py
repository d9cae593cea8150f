"""Worker processes on one queue: killed, stopped, many at once; every document is there once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.conftest import Cli, run_cli
from tests.conftest import ROOT, DrawPdf

FAKE = {"PAGESIGHT_ENCODER": "fake", "PAGESIGHT_OCR": "never"}
SHORT = FAKE | {"PAGESIGHT_JOB_LEASE_S": "2"}

StartWorker = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def start_worker(tmp_path: Path) -> Iterator[StartWorker]:
    """start_worker("--drain", PAGESIGHT_X="1"): a worker of the test's data folder."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*words: str, **environment: str) -> subprocess.Popen[bytes]:
        worker = subprocess.Popen(
            [sys.executable, "-m", "api.cli", "worker", *words],
            cwd=ROOT,
            env=os.environ
            | {"PAGESIGHT_DATA_DIR": str(tmp_path / "data"), "OMP_NUM_THREADS": "1"}
            | SHORT
            | environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        started.append(worker)
        return worker

    yield start
    for worker in started:
        if worker.poll() is None:
            worker.send_signal(signal.SIGCONT)
            worker.kill()
        worker.wait(30)


def jobs_of(cli: Cli) -> list[Any]:
    ran = cli("jobs", "list", "--limit", "200", "--json", **FAKE)
    assert ran.code == 0, ran.err
    jobs: list[Any] = ran.json["jobs"]
    return jobs


def wait_for(cli: Cli, fits: Callable[[list[Any]], bool], within_s: float = 90) -> list[Any]:
    deadline = time.monotonic() + within_s
    while not fits(jobs := jobs_of(cli)):
        assert time.monotonic() < deadline, jobs
        time.sleep(0.2)
    return jobs


def long_document(draw_pdf: DrawPdf, n_pages: int) -> Path:
    return draw_pdf("long.pdf", [f"page {n} " + "many words of text " * 40 for n in range(n_pages)])


def queue(cli: Cli, *paths: Path) -> list[Any]:
    ran = cli("ingest", *paths, "-c", "c", "--no-wait", "--json", **FAKE)
    assert ran.code == 0, ran.err
    queued: list[Any] = ran.json["jobs"]
    return queued


def assert_whole(cli: Cli, pages: dict[str, int]) -> None:
    """Each document stands there once with all its pages, no page twice, nothing damaged."""
    listed = cli("documents", "list", "-c", "c", "--json", **FAKE).json["documents"]
    assert {one["name"]: one["pages"] for one in listed} == pages
    assert len(listed) == len(pages)
    report = cli("verify", "--deep", "--json", **FAKE).json
    assert report["clean"], report["faults"]
    assert (report["documents"], report["pages"]) == (len(pages), sum(pages.values()))


def test_a_killed_workers_document_is_ended_by_another(
    cli: Cli, draw_pdf: DrawPdf, start_worker: StartWorker
) -> None:
    queue(cli, long_document(draw_pdf, 300))
    victim = start_worker()
    (job,) = wait_for(cli, lambda jobs: 0 < jobs[0]["pages_done"] < 300)
    assert job["state"] == "running"
    victim.kill()
    victim.wait(30)
    rescuer = start_worker()
    (done,) = wait_for(cli, lambda jobs: jobs[0]["state"] in ("done", "failed"))
    assert (done["state"], done["verdict"], done["attempts"]) == ("done", "indexed", 2)
    assert_whole(cli, {"long.pdf": 300})
    rescuer.terminate()
    assert rescuer.wait(30) == 0


def test_a_worker_that_slept_through_its_lease_changes_nothing_when_it_wakes(
    cli: Cli, draw_pdf: DrawPdf, start_worker: StartWorker
) -> None:
    queue(cli, long_document(draw_pdf, 300))
    sleeper = start_worker("--drain")
    wait_for(cli, lambda jobs: 0 < jobs[0]["pages_done"] < 300)
    sleeper.send_signal(signal.SIGSTOP)
    assert start_worker().poll() is None
    (done,) = wait_for(cli, lambda jobs: jobs[0]["state"] == "done")
    sleeper.send_signal(signal.SIGCONT)
    assert sleeper.wait(60) == 0
    assert jobs_of(cli) == [done]
    assert_whole(cli, {"long.pdf": 300})


def test_a_stopped_worker_gives_its_job_back_at_once(
    cli: Cli, draw_pdf: DrawPdf, start_worker: StartWorker
) -> None:
    queue(cli, long_document(draw_pdf, 300))
    worker = start_worker(PAGESIGHT_JOB_LEASE_S="600")
    wait_for(cli, lambda jobs: 0 < jobs[0]["pages_done"] < 300)
    worker.terminate()
    assert worker.wait(30) == 0
    (job,) = jobs_of(cli)
    assert (job["state"], job["attempts"], job["pages_done"]) == ("queued", 0, 0)
    assert start_worker("--drain").wait(60) == 0
    assert_whole(cli, {"long.pdf": 300})


def test_a_running_job_is_cancelled_and_tried_again_by_the_command_line(
    cli: Cli, draw_pdf: DrawPdf, start_worker: StartWorker
) -> None:
    (queued,) = queue(cli, long_document(draw_pdf, 300))
    worker = start_worker()
    wait_for(cli, lambda jobs: 0 < jobs[0]["pages_done"] < 300)
    asked = cli("jobs", "cancel", queued["id"], "--json", **FAKE)
    assert asked.code == 0 and asked.json["cancel_requested"]
    wait_for(cli, lambda jobs: jobs[0]["state"] == "cancelled")
    assert cli("documents", "list", "-c", "c", "--json", **FAKE).json["documents"] == []
    assert cli("jobs", "retry", queued["id"], **FAKE).code == 0
    wait_for(cli, lambda jobs: jobs[0]["state"] == "done")
    assert cli("jobs", "retry", queued["id"], **FAKE).code == 1
    assert cli("jobs", "show", "nothing", **FAKE).code == 1
    worker.terminate()
    assert worker.wait(30) == 0
    assert_whole(cli, {"long.pdf": 300})


def test_eight_workers_index_each_of_forty_documents_once(
    cli: Cli, tmp_path: Path, draw_pdf: DrawPdf, start_worker: StartWorker
) -> None:
    pages = {f"{n:02}.pdf": 1 + n % 3 for n in range(40)}
    for name, n_pages in pages.items():
        draw_pdf(f"in/{name}", [f"document {name} page {page}" for page in range(n_pages)])
    queue(cli, tmp_path / "in")
    workers = [start_worker("--drain") for _ in range(8)]
    assert [worker.wait(120) for worker in workers] == [0] * 8
    jobs = jobs_of(cli)
    assert {job["state"] for job in jobs} == {"done"} and len(jobs) == 40
    assert {job["attempts"] for job in jobs} == {1}
    assert_whole(cli, pages)


def test_ingest_in_the_foreground_is_safe_beside_workers(
    cli: Cli, tmp_path: Path, draw_pdf: DrawPdf, start_worker: StartWorker
) -> None:
    pages = {f"{n:02}.pdf": 2 for n in range(12)}
    for name in pages:
        draw_pdf(f"in/{name}", [f"document {name} page {page}" for page in range(2)])
    queue(cli, tmp_path / "in")
    worker = start_worker("--drain")
    ran = cli("ingest", tmp_path / "in", "-c", "c", "--json", **FAKE)
    assert ran.code == 0
    assert worker.wait(60) == 0
    assert {job["verdict"] for job in jobs_of(cli)} <= {"indexed", "unchanged"}
    assert_whole(cli, pages)


def test_what_is_no_pdf_is_refused_where_it_is_queued(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "notes.pdf").write_text("no PDF")
    ran = cli("ingest", tmp_path / "notes.pdf", "-c", "c", "--no-wait", "--json", **FAKE)
    assert ran.code == 1
    assert ran.json["jobs"] == []
    assert [one["verdict"] for one in ran.json["refused"]] == ["not_pdf"]


def test_a_worker_tells_each_job_it_ended(cli: Cli, tmp_path: Path, draw_pdf: DrawPdf) -> None:
    cut = draw_pdf("cut.pdf", ["alpha"])
    cut.write_bytes(cut.read_bytes()[:300])
    queue(cli, draw_pdf("a.pdf", ["alpha"]), cut)
    ran = run_cli(tmp_path / "data", "worker", "--drain", "--json", **FAKE)
    told = [json.loads(line) for line in ran.out.splitlines()]
    assert {one["name"]: one["verdict"] for one in told} == {
        "a.pdf": "indexed",
        "cut.pdf": "corrupt",
    }
    failed = cli("jobs", "list", "--state", "failed", "-c", "c", "--json", **FAKE).json["jobs"]
    assert [job["error"]["code"] for job in failed] == ["corrupt"]
