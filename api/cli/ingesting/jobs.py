"""`pagesight jobs ...` and `pagesight worker`."""

from __future__ import annotations

import signal
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.text import Text

from api.cli.output import (
    FAILED,
    OK,
    AsJson,
    console,
    load_services,
    print_facts,
    print_json,
    print_json_line,
    table_of,
    to_stderr,
)
from api.http.cursors import next_cursor
from api.schemas.ingest import ingested_body
from api.schemas.jobs import job_body, jobs_body
from indexer.catalog.jobs.records import Job, JobState
from indexer.ingest.outcomes import IngestOutcome

jobs = typer.Typer(help="List, show, cancel and retry ingestion jobs.", no_args_is_help=True)

JobId = Annotated[str, typer.Argument(help="Id of the job.")]


@jobs.command("list")
def list_jobs(
    collection: Annotated[
        str | None, typer.Option("--collection", "-c", help="Of this collection only.")
    ] = None,
    state: Annotated[JobState | None, typer.Option(help="In this state only.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Most jobs to list.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List jobs, the newest first."""
    services = load_services()
    of = None if collection is None else services.stores.catalog.collections.get(collection).id
    listing = services.queue.jobs(of, state, limit=limit)
    if as_json:
        following = next_cursor(listing, limit, lambda job: (str(job.number),))
        within = None if of is None else {of}
        load, seconds_left = services.queue.load(within), services.queue.seconds_left(within)
        print_json(jobs_body(listing, load, seconds_left, following).model_dump(mode="json"))
        return
    table = table_of("id", "collection", "file", "state", "age", "pages", "worker", "told")
    now = datetime.now(UTC)
    for job in listing:
        text = job.error.message if job.error else job.verdict or ""
        age = age_text((now - job.created_at).total_seconds())
        owner = job.lease_owner or ""
        table.add_row(
            *(
                job.id,
                job.collection,
                Text(job.name),
                job.state,
                age,
                _pages(job),
                owner,
                Text(text),
            )
        )
    console.print(table if listing else "no jobs")


@jobs.command("show")
def show_job(job_id: JobId, as_json: AsJson = False) -> None:
    """Show one job."""
    _print(load_services().queue.job(job_id), as_json)


@jobs.command("cancel")
def cancel_job(job_id: JobId, as_json: AsJson = False) -> None:
    """Cancel a job: at once when it is queued, at its next page when it runs."""
    _print(load_services().queue.cancel(job_id), as_json)


@jobs.command("retry")
def retry_job(job_id: JobId, as_json: AsJson = False) -> None:
    """Queue a failed or cancelled job again."""
    _print(load_services().intake.retry(job_id), as_json)


@jobs.command("replay")
def replay_jobs(
    job_ids: Annotated[
        list[str] | None, typer.Argument(help="Ids of jobs that have ended.")
    ] = None,
    hours: Annotated[
        float | None, typer.Option(min=0, help="Also all that have ended in the last HOURS.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Tell the receivers of webhooks of jobs once more; each is tried once."""
    from api.worker.webhooks import webhooks_of

    services = load_services()
    ended_jobs = [services.queue.job(job_id) for job_id in job_ids or ()]
    if hours is not None:
        ended_jobs += services.queue.ended_since(datetime.now(UTC) - timedelta(hours=hours))
    if (webhooks := webhooks_of(services.settings)) is None:
        raise typer.BadParameter("nobody asked to be told: set PAGESIGHT_WEBHOOK_URL")
    for job in ended_jobs:
        if job.state.ended:
            webhooks.tell(job)
    webhooks.close()
    counts = webhooks.n_ended
    if as_json:
        print_json({"told": counts["told"], "failed": counts.total() - counts["told"]})
    else:
        console.print(f"{counts['told']} told, {counts.total() - counts['told']} not taken")
    raise typer.Exit(OK if counts.total() == counts["told"] else FAILED)


def worker(
    drain: Annotated[
        bool, typer.Option("--drain", help="End when no job is left to take.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Run queued jobs until stopped; start as many as the machine can take. SIGTERM gives the job back."""
    from api.base.logs import configure_logs
    from api.worker.background_compaction import background_compaction
    from api.worker.background_mending import background_mending
    from api.worker.background_reclaiming import background_reclaiming
    from api.worker.worker import Worker

    def print_outcome(_: Job, outcome: IngestOutcome) -> None:
        if as_json:
            print_json_line(ingested_body(outcome).model_dump(mode="json"))
        else:
            console.print(f"{outcome.verdict:<22}{outcome.name}", markup=False, soft_wrap=True)

    services = load_services()
    services.repairer.sweep()
    runs = Worker(services, print_outcome)
    configure_logs(services.settings.log_level, services.settings.log_format)
    to_stderr.print(f"worker {runs.owner}", style="bold")
    # In a thread: a signal handler must not meet the locks of what it interrupts.
    runs.start(drain=drain, daemon=False)
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: runs.stop())
    with (
        background_compaction(services),
        background_mending(services),
        background_reclaiming(services),
    ):
        runs.join()


def _print(job: Job, as_json: bool) -> None:
    body = job_body(job).model_dump(mode="json")
    print_json(body) if as_json else print_facts(body)


def age_text(seconds: float) -> str:
    """Two digits and a unit: `42 s`, `7 min`, `3 h`, `12 d`."""
    for size, unit, limit in ((1, "s", 100), (60, "min", 100), (3600, "h", 48)):
        if seconds < size * limit:
            return f"{max(seconds, 0) / size:.0f} {unit}"
    return f"{seconds / 86400:.0f} d"


def _pages(job: Job) -> str:
    return "" if job.pages_total is None else f"{job.pages_done}/{job.pages_total}"
