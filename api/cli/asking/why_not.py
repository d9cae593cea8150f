"""`pagesight why-not`."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Annotated

import typer

from api.cli.asking.question import Filters, Versions
from api.cli.output import AsJson, InCollection, console, load_services, print_json
from api.diagnostics.page_loss import PageQuestion, page_loss
from retriever.query.filters import parse_filters


def why_not(
    question: Annotated[str, typer.Argument(help="The question.")],
    collection: InCollection,
    document: Annotated[str, typer.Option("--document", "-d", help="Name or id of the document.")],
    page: Annotated[int, typer.Option("--page", help="Page of the document, from 1.")],
    region: Annotated[
        str, typer.Option(help="Words of the part of the page that should be quoted.")
    ] = "",
    k: Annotated[int, typer.Option("-k", help="Pages that the search returns.")] = 5,
    filters: Filters = None,
    versions: Versions = "newest",
    as_json: AsJson = False,
) -> None:
    """Show where a page, or a part of it, was lost for a question, and what would have kept it.

    It follows the page through filter, index, candidates, rank, words and support, as `ask` would read it
    without a model.
    """
    page_filter = replace(parse_filters(filters or []), versions=versions)
    loss = page_loss(
        load_services(),
        PageQuestion(question, collection, document, page, k, page_filter, region),
    )
    lost_at = loss.lost_at
    if as_json:
        stages = [
            {name: value for name, value in asdict(stage).items() if name != "is_final"}
            for stage in loss.stages
        ]
        print_json({"lost_at": lost_at.name if lost_at else None, "stages": stages})
        return
    for stage in loss.stages:
        mark, style = ("kept", "green") if stage.is_passed else ("lost", "red")
        console.print(f"{mark}  ", style=style, end="")
        console.print(f"{stage.name:<11}", style="bold", end="")
        console.print(stage.says, markup=False, soft_wrap=True)
        if stage.advice and not stage.is_passed:
            console.print(
                f"      try: {stage.advice}", style="yellow", markup=False, soft_wrap=True
            )
    if lost_at is None:
        console.print("the page came through all stages")
