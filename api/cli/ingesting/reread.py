"""`pagesight reread`: documents that an older reader has read, from their stored originals."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any

import typer

from api.cli.ingesting.estimate import time_text
from api.cli.ingesting.ingest import tidy_up
from api.cli.ingesting.progress import page_progress, print_outcome, show_pages
from api.cli.output import (
    FAILED,
    OK,
    AsJson,
    InCollection,
    console,
    count_of,
    load_services,
    print_json,
    to_stderr,
)
from api.schemas.ingest import ingest_body
from api.services.wiring import Services, wire_estimator
from generator.answering.inert_text import printable
from indexer.catalog.collections import Collection
from indexer.catalog.document_records import Document
from indexer.ingest.outcomes import IngestOutcome
from indexer.inputs.sources import Source


def reread(
    collection: InCollection,
    document: Annotated[
        str | None, typer.Option("--document", help="Only this document, by name or id.")
    ] = None,
    everything: Annotated[
        bool,
        typer.Option(
            "--all", help="Also what today's reader has read: after a change of settings."
        ),
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Say what would be read, and forecast its time; no more."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Read documents anew that an older version has read: words, layout and vectors.

    Searches go on meanwhile, and each document is replaced at once, under the same ids. A document that
    cannot be read stays as it is.
    """
    services = load_services()
    target = services.stores.catalog.collections.get(collection)
    services.pipeline.check_encoder(target)
    documents = services.rereader.documents(target, document, also_read_today=everything)
    if dry_run:
        _print_plan(services, target, documents, as_json=as_json)
        return
    with services.rereader.alone():
        services.repairer.sweep()
        outcomes = _read_all(services, target, documents, lines=not as_json)
        if outcomes:
            with to_stderr.status("compacting"):
                services.compactor.run(target.name)
                tidy_up(services)
    n_failed = sum(not outcome.verdict.searchable for outcome in outcomes)
    if as_json:
        print_json(ingest_body(target.name, outcomes).model_dump(mode="json"))
    elif not outcomes:
        console.print(
            "nothing to read anew: today's reader has read all (`--all` reads them again)"
        )
    else:
        left_part = f"; {n_failed} left as they were" if n_failed else ""
        line = (
            f"{target.name}: {count_of(len(outcomes) - n_failed, 'document')} read anew{left_part}"
        )
        console.print(line, style="bold", markup=False)
    raise typer.Exit(FAILED if n_failed else OK)


def _read_all(
    services: Services, target: Collection, documents: Sequence[Document], *, lines: bool
) -> list[IngestOutcome]:
    outcomes = []
    with page_progress() as progress:
        total = progress.add_task("documents", total=len(documents))
        for document in documents:
            pages = progress.add_task(printable(document.name), total=None)
            outcome = services.rereader.read(target, document, partial(show_pages, progress, pages))
            progress.remove_task(pages)
            progress.advance(total)
            outcomes.append(outcome)
            if lines:
                print_outcome(outcome)
    return outcomes


def _print_plan(
    services: Services, target: Collection, documents: Sequence[Document], *, as_json: bool
) -> None:
    """Say what would be read anew, what cannot be, and how long it would take. Nothing is written."""
    losses = {document.id: services.rereader.lost_original(document) for document in documents}
    readable = [document for document in documents if losses[document.id] is None]
    originals = services.stores.originals
    estimator = wire_estimator(services.settings)
    sources = [
        Source(originals.local_path(document.sha256), document.name, media_type=document.media_type)
        for document in readable
    ]
    forecast = estimator.estimate(estimator.count(sources))
    n_pages = sum(document.n_pages for document in readable)
    if as_json:
        body = {
            "collection": target.name,
            "documents": [_document_body(document) for document in readable],
            "pages": n_pages,
            "seconds": round(forecast.seconds, 1),
            "lost": [
                _document_body(document) | {"reason": losses[document.id]}
                for document in documents
                if losses[document.id] is not None
            ],
        }
        print_json(body)
        return
    for document in documents:
        text = losses[document.id] or count_of(document.n_pages, "page")
        style = "" if losses[document.id] is None else "red"
        console.print(f"{document.name}  {text}", style=style, markup=False, soft_wrap=True)
    console.print(
        f"{target.name}: {count_of(len(readable), 'document')}, "
        f"{n_pages:,} {'page' if n_pages == 1 else 'pages'} to read anew, "
        f"about {time_text(forecast.seconds)}; nothing was written",
        style="bold",
        markup=False,
        soft_wrap=True,
    )


def _document_body(document: Document) -> dict[str, Any]:
    return {
        "id": document.id,
        "name": document.name,
        "pages": document.n_pages,
        "reader": document.reader,
    }
