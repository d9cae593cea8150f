"""`pagesight eval`: a table for a person, the same figures in JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import track
from rich.table import Table

from api.cli.output import AsJson, InCollection, console, load_services, print_json, to_stderr
from api.diagnostics import evaluation

_FIGURES = ("ndcg@5", "recall@1", "recall@5", "recall@10")


def evaluate(
    questions: Annotated[
        Path, typer.Argument(help="JSON lines: question, document, evidence_pages.")
    ],
    collection: InCollection,
    whole_collection: Annotated[
        bool,
        typer.Option("--open", help="Search the whole collection, not the question's document."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Ask your own questions and score the pages found, the citations and the abstentions."""
    question_list = evaluation.read_questions(questions)
    services = load_services()
    bar = track(
        question_list,
        "asking",
        console=to_stderr,
        transient=True,
        disable=not to_stderr.is_terminal,
    )
    figures = evaluation.evaluate(
        bar, collection, services.searcher, services.answerer, whole_collection=whole_collection
    )
    if as_json:
        print_json(figures)
        return
    _print_ranking(figures)
    _print_answers(figures["abstention"])


def _print_ranking(figures: dict[str, Any]) -> None:
    table = Table("evidence", "questions", *_FIGURES, box=None)
    for source, row in figures["by"].items():
        table.add_row(
            source, str(row["questions"]), *(_figure_text(row[name]) for name in _FIGURES)
        )
    every = (_figure_text(figures[name]) for name in _FIGURES)
    table.add_row("all", str(figures["answerable"]), *every, style="bold")
    console.print(table)


def _print_answers(abstention: dict[str, Any]) -> None:
    table = Table("", "answered", "not found", box=None)
    counts = {name: str(value) for name, value in abstention.items()}
    table.add_row("answerable", counts["answered"], counts["wrongly_abstained"])
    table.add_row("not answerable", counts["wrongly_answered"], counts["rightly_abstained"])
    console.print(table)
    share = _figure_text(abstention["first_citation_on_gold_page"])
    console.print(f"first citation on a right page: {share}")


def _figure_text(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
