"""`pagesight eval`: tables for a person, the same figures in JSON."""

from __future__ import annotations

from collections.abc import Sequence
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
from api.diagnostics.evaluation.questions import Question, read_questions
from api.diagnostics.evaluation.records import QuestionRecord
from api.diagnostics.evaluation.report import write_report
from api.diagnostics.evaluation.runs import check_writable, compare_runs, read_run, write_run
from api.services.wiring import Services

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

    An answer is right when its first line or first quotation holds the right one: numbers whole, with
    their units; dates and lists in any form; words in their order.

    - ndcg@5, recall@k: right pages among the best k found

    - right in the first line or quotation; in any quotation; "share" counts parts of an answer

    - answer and box right: the words of the page inside the cited box hold the answer, too

    - right answers of other questions in it: how often chance would make an answer right

    - wrong and marked grounded: answered, and nothing in the first line or quotation is right

    - cited pages that are right; right pages that are cited (precision and recall)

    - risk and coverage: the share wrong among the best supported answers, over all shares

    - printed: questions whose right answer stands in the words of a right page

    With 95 % intervals over resampled questions. docs/evaluation.md has each formula and its source.
    """
    question_list = (read_question_folder if questions.is_dir() else read_questions)(questions)
    before = read_run(compare) if compare else None
    for path in filter(None, (output, report)):
        check_writable(path)
    services = load_services()
    records = _ask(services, question_list, collection, whole_collection=whole_collection)
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


def _ask(
    services: Services,
    questions: Sequence[Question],
    collection: str,
    *,
    whole_collection: bool,
) -> list[QuestionRecord]:
    examiner = Examiner(
        collection,
        services.searcher,
        services.answerer,
        services.stores.catalog,
        whole_collection=whole_collection,
    )
    bar = track(
        questions,
        "asking",
        console=to_stderr,
        transient=True,
        disable=not to_stderr.is_terminal,
    )
    records = list(examiner.ask(bar))
    add_chance(records)
    return records
