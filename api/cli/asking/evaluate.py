"""`pagesight eval`: tables for a person, the same figures in JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import track

from api.cli.asking.evaluation_tables import print_changes, print_figures
from api.cli.output import FAILED, AsJson, InCollection, load_services, print_json, to_stderr
from api.diagnostics.evaluation.asking import Examiner
from api.diagnostics.evaluation.chance import add_chance
from api.diagnostics.evaluation.figures import figures_of
from api.diagnostics.evaluation.question_folders import read_question_folder
from api.diagnostics.evaluation.questions import read_questions
from api.diagnostics.evaluation.report import write_report
from api.diagnostics.evaluation.runs import compare_runs, read_run, write_run

Questions = Annotated[
    Path,
    typer.Argument(
        help="JSON lines: question, document, answer, evidence_pages; or a BEIR or ViDoRe folder."
    ),
]
WholeCollection = Annotated[
    bool, typer.Option("--open", help="Search the whole collection, not the question's document.")
]
Output = Annotated[
    Path | None,
    typer.Option(help="Keep every question, its answer and the verdicts in this JSON file."),
]
Report = Annotated[
    Path | None,
    typer.Option(help="Write all answers with their pages into this HTML file, to look through."),
]
Compare = Annotated[
    Path | None,
    typer.Option(help="An --output file of before: shows what changed, fails on a regression."),
]
Allow = Annotated[float, typer.Option(help="With --compare: a figure may fall by so much, 0 to 1.")]


def evaluate(
    questions: Questions,
    collection: InCollection,
    whole_collection: WholeCollection = False,
    output: Output = None,
    report: Report = None,
    compare: Compare = None,
    allow: Allow = 0.0,
    as_json: AsJson = False,
) -> None:
    """Ask your own questions and score answers, quotations, boxes, pages and refusals.

    An answer is right when its first line or first quotation holds the right one. docs/evaluation.md
    says how that is decided and what every figure means.
    """
    question_list = (read_question_folder if questions.is_dir() else read_questions)(questions)
    before = read_run(compare) if compare else None
    services = load_services()
    examiner = Examiner(
        collection,
        services.searcher,
        services.answerer,
        services.stores.catalog,
        whole_collection=whole_collection,
    )
    bar = track(
        question_list,
        "asking",
        console=to_stderr,
        transient=True,
        disable=not to_stderr.is_terminal,
    )
    records = list(examiner.ask(bar))
    add_chance(records)
    figures = figures_of(records)
    if output is not None:
        write_run(output, collection, figures, records)
    if report is not None:
        write_report(report, collection, figures, records, services.stores)
    changes = compare_runs(before, records) if before is not None else None
    if as_json:
        print_json(figures | ({"compared": changes.to_dict(allow)} if changes else {}))
    else:
        print_figures(figures)
        if changes is not None:
            print_changes(changes, allow)
    if changes is not None and changes.regressions(allow):
        raise typer.Exit(FAILED)
