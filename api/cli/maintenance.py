"""`pagesight verify` and `pagesight doctor`: care of the data and of the installation."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from api.base.settings import load_settings
from api.cli.ingesting.ingest import ingest_all
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
from api.diagnostics.doctor import Finding, examine, model_fits
from api.services.places import open_stores
from indexer.maintenance.pairing import Pairing
from indexer.maintenance.verification import Report


def verify(
    deep: Annotated[bool, typer.Option("--deep", help="Read and check every byte.")] = False,
    repair: Annotated[
        bool,
        typer.Option("--repair", help="Index damaged documents anew, move garbage to quarantine."),
    ] = False,
    force: Annotated[
        bool,
        typer.Option("--force", help="With --repair: also when most of the files are garbage."),
    ] = False,
    adopt: Annotated[
        bool,
        typer.Option("--adopt", help="Say that this data folder and this catalog belong together."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Compare the catalog with the data folder. Exit code 1 when something is damaged."""
    if adopt:
        database, stores = open_stores(load_settings())
        mark = Pairing(stores, database).adopt()
        to_stderr.print(f"paired {stores.folder.root} with {database.address}: {mark.id}")
    services = load_services()
    report = services.repairer.verify(deep=deep)
    if repair:
        for reindex in services.repairer.repair(report, force=force):
            ingest_all(services, reindex.collection, [reindex.source], lines=not as_json)
        report = services.repairer.verify(deep=deep)
    if as_json:
        print_json(_report_body(report))
    else:
        _print_report(report)
    raise typer.Exit(OK if report.clean else FAILED)


def compact(collection: InCollection, as_json: AsJson = False) -> None:
    """Merge small segments, drop deleted pages, build what makes searches fast."""
    work = load_services().compactor.run(collection, eager=True)
    if as_json:
        print_json(
            {
                "merged": work.n_merged_segments,
                "dropped_pages": work.n_dropped_pages,
                "int8_copies": work.n_int8_copies,
                "candidate_indexes": work.n_candidate_indexes,
            }
        )
    elif work.is_empty:
        console.print("nothing to do")
    else:
        console.print(
            f"merged {work.n_merged_segments} segments, dropped {work.n_dropped_pages} deleted pages, "
            f"made {work.n_int8_copies} int8 copies and {work.n_candidate_indexes} candidate indexes"
        )


def doctor(as_json: AsJson = False) -> None:
    """Check the installation: what is wrong, how to mend it, and which models fit in memory."""
    settings = load_settings()
    findings, model_list = examine(settings), model_fits(settings)
    if as_json:
        bodies = [
            asdict(model) | {"needs_bytes": model.needs_bytes, "fits": model.fits}
            for model in model_list
        ]
        print_json({"findings": [finding.to_dict() for finding in findings], "models": bodies})
    else:
        for finding in findings:
            _print_finding(finding)
        console.print()
        for model in model_list:
            console.print(
                f"{model.role:<10}{model.name:<20}", style="" if model.fits else "dim", end=""
            )
            console.print(model.summary(), markup=False, soft_wrap=True)
    raise typer.Exit(OK if all(finding.ok for finding in findings) else FAILED)


def _report_body(report: Report) -> dict[str, object]:
    return {
        "clean": report.clean,
        "documents": report.n_documents,
        "pages": report.n_pages,
        "vectors": report.n_vectors,
        "faults": [
            {"message": f.message, "document_id": f.document_id, "collection": f.collection}
            for f in report.faults
        ],
        "unreadable": report.unreadable,
        "degraded": [
            {"document_id": document.id, "name": document.name, "reason": reason}
            for document, reason in report.degraded_documents
        ],
        "garbage": report.garbage,
        "garbage_is_most": report.garbage_is_most,
    }


def _print_report(report: Report) -> None:
    for fault in report.faults:
        console.print(f"damaged  {fault.message}", style="red", markup=False, soft_wrap=True)
    for message in report.unreadable:
        console.print(f"unknown  {message}", style="red", markup=False, soft_wrap=True)
    for document, _ in report.degraded_documents:
        line = (
            f"degraded {document.name}: still searched; ingest the same file again to make it whole"
        )
        console.print(line, style="yellow", markup=False, soft_wrap=True)
    if report.garbage:
        _print_garbage(report)
    state = "clean" if report.clean else "DAMAGED" if report.faults else "UNKNOWN"
    console.print(
        f"{state}: {count_of(report.n_documents, 'document')}, "
        f"{count_of(report.n_pages, 'page')}, {count_of(report.n_vectors, 'vector')}",
        style="bold green" if report.clean else "bold red",
    )


def _print_garbage(report: Report) -> None:
    n_files = count_of(len(report.garbage), "file")
    line = f"garbage  {n_files} of the data folder that nothing in the catalog names; "
    if report.garbage_is_most:
        line += (
            "they are most of what is stored: is this the right catalog? If so, `pagesight verify --repair "
            "--force` moves them to quarantine"
        )
    else:
        line += "`pagesight verify --repair` moves them to quarantine"
    console.print(line, style="yellow", soft_wrap=True)


def _print_finding(finding: Finding) -> None:
    console.print(
        "ok    " if finding.ok else "WRONG ", style="green" if finding.ok else "red", end=""
    )
    console.print(f"{finding.subject:<12} {finding.state}", markup=False, soft_wrap=True)
    if finding.fix:
        console.print(f"{'':<19}{finding.fix}", style="yellow", markup=False, soft_wrap=True)
