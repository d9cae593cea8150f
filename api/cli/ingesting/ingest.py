"""`pagesight ingest`: files, folders and addresses of the web into a collection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from api.cli.ingesting.estimate import print_estimate
from api.cli.ingesting.progress import page_progress, print_outcome, show_pages
from api.cli.ingesting.properties import MetadataEntries, Tags, metadata_of
from api.cli.output import (
    FAILED,
    OK,
    AsJson,
    console,
    count_of,
    load_services,
    print_json,
    to_stderr,
)
from api.schemas.ingest import ingest_body, ingested_body
from api.schemas.jobs import UploadResponse, job_body
from api.services.wiring import Services
from generator.answering.inert_text import printable
from indexer.base.document_properties import DocumentProperties, properties_of
from indexer.base.errors import (
    AddressRefused,
    DocumentRejected,
    InvalidProperties,
    StorageError,
    WebPageUnavailable,
)
from indexer.base.verdicts import Verdict
from indexer.catalog.collections import Collection
from indexer.catalog.document_records import DocumentError
from indexer.ingest.outcomes import IngestOutcome
from indexer.inputs.sources import Source, find_sources
from indexer.inputs.stated_properties import read_side_file


def ingest(
    places: Annotated[
        list[str],
        typer.Argument(
            help="Files, folders, read recursively, and https:// addresses of PAGESIGHT_WEB_HOSTS."
        ),
    ],
    collection: Annotated[
        str | None,
        typer.Option("--collection", "-c", help="Name of the collection; --estimate needs none."),
    ] = None,
    estimate: Annotated[
        bool,
        typer.Option("--estimate", help="Forecast time, disk and memory from five pages; no more."),
    ] = False,
    no_wait: Annotated[
        bool, typer.Option("--no-wait", help="Only queue the files; a worker indexes them.")
    ] = False,
    tags: Tags = None,
    metadata: MetadataEntries = None,
    as_json: AsJson = False,
) -> None:
    """Index files (`pagesight kinds`); one bad file never stops the others. Same bytes: `unchanged`."""
    addresses = [place for place in places if _is_address(place)]
    paths = [Path(place) for place in places if not _is_address(place)]
    if estimate:
        if addresses:
            raise typer.BadParameter("only files can be looked at", param_hint="--estimate")
        print_estimate(paths, collection, as_json=as_json)
    if collection is None:
        raise typer.BadParameter("name a collection", param_hint="--collection / -c")
    properties = properties_of(tags or (), metadata_of(metadata or ()))
    sources = find_sources(paths) if paths else []
    sources = [replace(source, properties=properties) for source in sources]
    services = load_services()
    target = services.collection_for_ingest(collection, queue_only=no_wait)
    services.pipeline.check_encoder(target)
    with services.stores.folder.staging_folder("web-") as folder:
        fetched_files, refusals = _fetch_all(services, addresses, folder, properties)
        if no_wait:
            _queue(services, target, [*sources, *fetched_files], refusals, as_json)
        services.repairer.sweep()
        outcomes = ingest_all(services, target, [*sources, *fetched_files], lines=not as_json)
    with to_stderr.status("compacting"):
        services.compactor.run(target.name)
        tidy_up(services)
    outcomes += refusals
    if as_json:
        print_json(ingest_body(target.name, outcomes).model_dump(mode="json"))
    else:
        for refusal in refusals:
            print_outcome(refusal)
        _print_totals(target.name, outcomes)
    raise typer.Exit(OK if all(outcome.verdict.searchable for outcome in outcomes) else FAILED)


def _is_address(place: str) -> bool:
    return place.lower().startswith(("https://", "http://"))


def _fetch_all(
    services: Services, addresses: Sequence[str], folder: Path, properties: DocumentProperties
) -> tuple[list[Source], list[IngestOutcome]]:
    """Fetch files of the web; also returns what became of those that cannot be had."""
    sources, refusals = [], []
    for address in addresses:
        try:
            with to_stderr.status(f"fetching {printable(address)}"):
                sources.append(services.web_files.get().source(address, folder, properties))
        except (AddressRefused, WebPageUnavailable) as error:
            reason = DocumentError.of(error)
            refusals.append(IngestOutcome(address, Verdict.FAILED, None, 0, 0.0, reason))
    return sources, refusals


def tidy_up(services: Services) -> None:
    """Remove what may go, copy the catalog; what cannot be done now is done the next time."""
    try:
        services.reclaimer.run_once()
    except StorageError as error:
        to_stderr.print(f"not tidied up: {error}", style="yellow", markup=False, soft_wrap=True)


def _queue(
    services: Services,
    target: Collection,
    sources: Sequence[Source],
    refusals: list[IngestOutcome],
    as_json: bool,
) -> None:
    """Keep the files and queue them; what cannot be read by its looks is refused here and now."""
    accepted_sources: list[Source] = []
    for source in sources:
        try:
            services.pipeline.check_file(source)
            accepted_sources.append(_with_side_file(source))
        except DocumentRejected as error:
            reason = DocumentError(error.verdict.value, str(error))
            refusals.append(IngestOutcome(source.name, error.verdict, None, 0, 0.0, reason))
    jobs = services.intake.copy_in(target, accepted_sources) if accepted_sources else []
    if as_json:
        body = UploadResponse(collection=target.name, jobs=[job_body(job) for job in jobs])
        refused_bodies = [ingested_body(outcome).model_dump(mode="json") for outcome in refusals]
        print_json(body.model_dump(mode="json") | {"refused": refused_bodies})
    else:
        for outcome in refusals:
            print_outcome(outcome)
        console.print(
            f"{target.name}: {count_of(len(jobs), 'file')} queued", style="bold", markup=False
        )
    raise typer.Exit(FAILED if refusals else OK)


def _with_side_file(source: Source) -> Source:
    """Return a file that is queued with what its side file says: the worker sees a copy of the file alone."""
    if source.side_file is None:
        return source
    try:
        properties = read_side_file(source.side_file)
        return replace(source, properties=properties.with_more(source.properties))
    except FileNotFoundError:
        return source
    except (InvalidProperties, OSError) as error:
        to_stderr.print(f"{source.name}: side file: {error}", style="yellow", markup=False)
        return source


def ingest_all(
    services: Services, target: Collection, sources: Sequence[Source], *, lines: bool
) -> list[IngestOutcome]:
    """Ingest each file, with bars on a terminal and, if `lines`, a line per file."""
    outcomes = []
    with page_progress() as progress:
        files = progress.add_task("documents", total=len(sources))
        for source in sources:
            pages = progress.add_task(printable(source.name), total=None)
            show = partial(show_pages, progress, pages)
            outcome = services.pipeline.ingest(target, source, show)
            if source.properties and outcome.document_id is not None:
                services.stores.catalog.documents.add_properties(
                    outcome.document_id, source.properties
                )
            progress.remove_task(pages)
            progress.advance(files)
            outcomes.append(outcome)
            if lines:
                print_outcome(outcome)
    return outcomes


def _print_totals(name: str, outcomes: Sequence[IngestOutcome]) -> None:
    searchable = [outcome for outcome in outcomes if outcome.verdict.searchable]
    n_pages = sum(outcome.n_pages for outcome in searchable)
    n_refused = len(outcomes) - len(searchable)
    console.print(
        f"{name}: {len(searchable)} of {count_of(len(outcomes), 'file')} searchable, "
        f"{count_of(n_pages, 'page')}" + (f"; {n_refused} refused" if n_refused else ""),
        style="bold",
        markup=False,
    )
