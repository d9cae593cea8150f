"""Worker processes on one queue: killed, stopped, many at once; every document is there once."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from api.services.wiring import Services, wire
from indexer.catalog.jobs.records import Job
from tests.acceptance.conftest import FAKE, Cli, run_cli
from tests.builders import settings_of
from tests.conftest import DrawPdf
from tests.support.cluster_layout import environment_over
from tests.support.command_zygote import RunningCommand

SMALL = FAKE | {"PAGESIGHT_PAGE_DPI": "48"}
SHORT = SMALL | {"PAGESIGHT_JOB_LEASE_S": "2"}

N_PAGES = 120
N_WORKERS, N_DOCUMENTS = 4, 20

StartWorker = Callable[..., RunningCommand]


@pytest.fixture
def start_worker(tmp_path: Path) -> Iterator[StartWorker]:
    """start_worker("--drain", PAGESIGHT_X="1"): a worker of the test's data folder."""
    started: list[RunningCommand] = []

    def start(*words: str, **environment: str) -> RunningCommand:
        data = {"PAGESIGHT_DATA_DIR": str(tmp_path / "data"), "OMP_NUM_THREADS": "1"}
        whole = environment_over(tmp_path / "data", os.environ | data | SHORT | environment)
        worker = RunningCommand(["worker", *words], whole, err=os.devnull)
        started.append(worker)
        return worker

    yield start
    for worker in started:
        if worker.poll() is None:
            worker.send_signal(signal.SIGCONT)
            worker.kill()
        worker.wait(600)


@pytest.fixture
def watched(tmp_path: Path) -> Services:
    """The data folder seen from this process: asking it is cheaper than a command."""
    return wire(settings_of(tmp_path / "data", encoder="fake"))


def wait_for(watched: Services, fits: Callable[[Job], bool], within_s: float = 600) -> Job:
    """The only job, once it fits."""
    deadline = time.monotonic() + within_s
    while True:
        (job,) = watched.queue.jobs()
        if fits(job):
            return job
        assert time.monotonic() < deadline, job
        time.sleep(0.02)


def in_the_middle(job: Job) -> bool:
    return job.state == "running" and 0 < job.pages_done < N_PAGES


@pytest.fixture
def long_document(draw_pdf: DrawPdf) -> Path:
    return draw_pdf("long.pdf", [f"page {n} " + "words of text " * 40 for n in range(N_PAGES)])


def queue(cli: Cli, *paths: Path) -> None:
    ran = cli("ingest", *paths, "-c", "c", "--no-wait", "--json", **SMALL)
    assert ran.code == 0, ran.err


def assert_whole(watched: Services, pages: dict[str, int]) -> None:
    """Each document stands there once with all its pages, no page twice, nothing damaged."""
    listed = watched.stores.catalog.documents.of_collection(
        watched.stores.catalog.collections.get("c").id
    )
    assert {one.name: one.n_pages for one in listed} == pages
    assert len(listed) == len(pages)
    report = watched.repairer.verify(deep=True)
    assert report.clean, report.faults
    assert (report.n_documents, report.n_pages) == (len(pages), sum(pages.values()))


def test_a_killed_workers_document_is_ended_by_another(
    cli: Cli, watched: Services, long_document: Path, start_worker: StartWorker
) -> None:
    queue(cli, long_document)
    victim = start_worker()
    wait_for(watched, in_the_middle)
    victim.kill()
    victim.wait(600)
    rescuer = start_worker()
    done = wait_for(watched, lambda job: job.state.ended)
    assert (done.state, done.verdict, done.attempts) == ("done", "indexed", 2)
    assert_whole(watched, {"long.pdf": N_PAGES})
    rescuer.terminate()
    assert rescuer.wait(600) == 0


def test_a_worker_that_slept_through_its_lease_changes_nothing_when_it_wakes(
    cli: Cli, watched: Services, long_document: Path, start_worker: StartWorker
) -> None:
    queue(cli, long_document)
    sleeper = start_worker("--drain")
    wait_for(watched, in_the_middle)
    sleeper.send_signal(signal.SIGSTOP)
    start_worker()
    done = wait_for(watched, lambda job: job.state.ended)
    sleeper.send_signal(signal.SIGCONT)
    assert sleeper.wait(600) == 0
    assert watched.queue.jobs() == [done]
    assert_whole(watched, {"long.pdf": N_PAGES})


def test_a_stopped_worker_gives_its_job_back_at_once(
    cli: Cli, watched: Services, long_document: Path, start_worker: StartWorker
) -> None:
    queue(cli, long_document)
    worker = start_worker(PAGESIGHT_JOB_LEASE_S="600")
    wait_for(watched, in_the_middle)
    worker.terminate()
    assert worker.wait(600) == 0
    (job,) = watched.queue.jobs()
    assert (job.state, job.attempts, job.pages_done) == ("queued", 0, 0)


def test_a_running_job_is_cancelled_and_tried_again_by_the_command_line(
    cli: Cli, watched: Services, long_document: Path, start_worker: StartWorker
) -> None:
    queue(cli, long_document)
    worker = start_worker()
    job = wait_for(watched, in_the_middle)
    asked = cli("jobs", "cancel", job.id, "--json", **SMALL)
    assert asked.code == 0 and asked.json["cancel_requested"]
    wait_for(watched, lambda job: job.state == "cancelled")
    assert watched.stores.catalog.documents.of_collection(job.collection_id) == []
    assert cli("jobs", "retry", job.id, **SMALL).code == 0
    wait_for(watched, lambda job: job.state == "done")
    assert cli("jobs", "retry", job.id, **SMALL).code == 1
    assert cli("jobs", "show", "nothing", **SMALL).code == 1
    worker.terminate()
    assert worker.wait(600) == 0
    assert_whole(watched, {"long.pdf": N_PAGES})


def test_several_workers_index_each_document_once(
    cli: Cli, watched: Services, tmp_path: Path, draw_pdf: DrawPdf, start_worker: StartWorker
) -> None:
    pages = {f"{n:02}.pdf": 1 + n % 3 for n in range(N_DOCUMENTS)}
    for name, n_pages in pages.items():
        draw_pdf(f"in/{name}", [f"document {name} page {page}" for page in range(n_pages)])
    queue(cli, tmp_path / "in")
    # A lease that outlasts the crowd on the cores: nobody here falls silent.
    workers = [start_worker("--drain", PAGESIGHT_JOB_LEASE_S="60") for _ in range(N_WORKERS)]
    assert [worker.wait(600) for worker in workers] == [0] * N_WORKERS
    jobs = watched.queue.jobs()
    assert {job.state for job in jobs} == {"done"} and len(jobs) == N_DOCUMENTS
    assert {job.attempts for job in jobs} == {1}
    assert_whole(watched, pages)


def test_ingest_in_the_foreground_is_safe_beside_workers(
    cli: Cli, watched: Services, tmp_path: Path, draw_pdf: DrawPdf, start_worker: StartWorker
) -> None:
    pages = {f"{n:02}.pdf": 2 for n in range(12)}
    for name in pages:
        draw_pdf(f"in/{name}", [f"document {name} page {page}" for page in range(2)])
    queue(cli, tmp_path / "in")
    worker = start_worker("--drain")
    ran = cli("ingest", tmp_path / "in", "-c", "c", "--json", **SMALL)
    assert ran.code == 0
    assert worker.wait(600) == 0
    assert {job.verdict for job in watched.queue.jobs()} <= {"indexed", "unchanged"}
    assert_whole(watched, pages)


def test_what_is_no_pdf_is_refused_where_it_is_queued(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "notes.pdf").write_text("no PDF")
    ran = cli("ingest", tmp_path / "notes.pdf", "-c", "c", "--no-wait", "--json", **SMALL)
    assert ran.code == 1
    assert ran.json["jobs"] == []
    assert [one["verdict"] for one in ran.json["refused"]] == ["unsupported"]


def test_a_worker_tells_each_job_it_ended(cli: Cli, tmp_path: Path, draw_pdf: DrawPdf) -> None:
    cut = draw_pdf("cut.pdf", ["alpha"])
    cut.write_bytes(cut.read_bytes()[:300])
    queue(cli, draw_pdf("a.pdf", ["alpha"]), cut)
    ran = run_cli(tmp_path / "data", "worker", "--drain", "--json", **SMALL)
    told = [json.loads(line) for line in ran.out.splitlines()]
    assert {one["name"]: one["verdict"] for one in told} == {
        "a.pdf": "indexed",
        "cut.pdf": "corrupt",
    }
    failed = cli("jobs", "list", "--state", "failed", "-c", "c", "--json", **SMALL).json["jobs"]
    assert [job["error"]["code"] for job in failed] == ["corrupt"]
