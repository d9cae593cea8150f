"""`pagesight verify` and `pagesight doctor`: care of the data and of the installation."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from api.base.settings import load_settings
from api.cli.ingesting.ingest import ingest_all
from api.cli.output import FAILED, OK, AsJson, InCollection, console, load_services, print_json
from api.diagnostics.doctor import Finding, examine, model_fits
from api.services.wiring import Services
from indexer.maintenance.verification import Report


def verify(
    deep: Annotated[bool, typer.Option("--deep", help="Read and check every byte.")] = False,
    repair: Annotated[
        bool, typer.Option("--repair", help="Index damaged documents anew, remove garbage.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Compare the catalog with the data folder. Exit code 1 when something is damaged."""
    services = load_services()
    report = services.repairer.verify(deep=deep)
    if repair:
        _repair(services, report, lines=not as_json)
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
    findings = examine(load_settings())
    model_list = model_fits()
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
                f"{model.role:<10}{model.name:<16}", style="" if model.fits else "dim", end=""
            )
            console.print(model.summary(), markup=False, soft_wrap=True)
    raise typer.Exit(OK if all(finding.ok for finding in findings) else FAILED)


def _repair(services: Services, report: Report, *, lines: bool) -> None:
    for reindex in services.repairer.repair(report):
        ingest_all(services, reindex.collection, [reindex.source], lines=lines)


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
        "garbage": report.garbage,
    }


def _print_report(report: Report) -> None:
    for fault in report.faults:
        console.print(f"damaged  {fault.message}", style="red", markup=False, soft_wrap=True)
    if report.garbage:
        console.print(
            f"garbage  {len(report.garbage)} files that nothing uses; "
            "`pagesight verify --repair` removes them",
            style="yellow",
        )
    console.print(
        f"{'clean' if report.clean else 'DAMAGED'}: {report.n_documents} documents, "
        f"{report.n_pages} pages, {report.n_vectors} vectors",
        style="bold green" if report.clean else "bold red",
    )


def _print_finding(finding: Finding) -> None:
    console.print(
        "ok    " if finding.ok else "WRONG ", style="green" if finding.ok else "red", end=""
    )
    console.print(f"{finding.subject:<12} {finding.state}", markup=False, soft_wrap=True)
    if finding.fix:
        console.print(f"{'':<19}{finding.fix}", style="yellow", markup=False, soft_wrap=True)
