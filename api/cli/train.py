"""`pagesight train`: an adapter for a visual encoder, from questions of your own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from api.cli.output import (
    AsJson,
    InCollection,
    console,
    load_services,
    print_json,
    table_of,
    to_stderr,
)
from api.diagnostics.evaluation.questions import read_questions
from indexer.encoders.visual.training.plan import TrainingOptions

_OWN = TrainingOptions()


def train(
    collection: InCollection,
    questions: Annotated[
        Path,
        typer.Option(
            "--questions", help="JSON lines, as for `pagesight eval`: document, evidence_pages."
        ),
    ],
    name: Annotated[str, typer.Option("--name", help="What the adapter is to be called.")],
    encoder: Annotated[
        str | None,
        typer.Option(
            "--encoder", help="What it is fitted to, such as colqwen2. Default: PAGESIGHT_ENCODER."
        ),
    ] = None,
    epochs: Annotated[
        int, typer.Option("--epochs", min=1, help="How often each question comes.")
    ] = _OWN.epochs,
    batch: Annotated[
        int,
        typer.Option(
            "--batch", min=1, help="Questions of one step; their pages are each other's negatives."
        ),
    ] = _OWN.batch,
    negatives: Annotated[
        int,
        typer.Option(
            "--negatives", min=0, max=16, help="Pages beside it that the search confuses with it."
        ),
    ] = 2,
    rank: Annotated[
        int, typer.Option("--rank", min=1, max=256, help="Of the adapter.")
    ] = _OWN.rank,
    learning_rate: Annotated[
        float, typer.Option("--learning-rate", min=1e-8, max=1.0)
    ] = _OWN.learning_rate,
    held_out: Annotated[
        float,
        typer.Option(
            "--held-out", min=0.0, max=0.9, help="Share of the documents that it never sees."
        ),
    ] = 0.2,
    seed: Annotated[
        int, typer.Option("--seed", help="Another number holds out other documents.")
    ] = 0,
    restart: Annotated[
        bool, typer.Option("--restart", help="Begin anew what was broken off.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Fit a LoRA adapter to your questions, and say what it is worth on documents that it has not seen.

    A training that was broken off goes on when the same command is run again. The adapter is an encoder of
    that name: `pagesight reencode --encoder NAME` gives it to a collection. Needs the extra `train`.
    """
    from api.diagnostics.training.run import TrainingRequest, train_adapter  # scoring kernels

    services = load_services()
    request = TrainingRequest(
        collection=collection,
        questions=tuple(read_questions(questions)),
        name=name,
        encoder=encoder or services.settings.encoder,
        options=TrainingOptions(rank, learning_rate, epochs, batch, seed),
        held_out=held_out,
        n_negatives=negatives,
    )
    with Progress(console=to_stderr, transient=True) as progress:
        bar = progress.add_task("steps", total=None)

        def on_step(n_done: int, n_steps: int, loss: float) -> None:
            progress.update(bar, completed=n_done, total=n_steps, description=f"loss {loss:.3f}")

        report = train_adapter(services, request, on_step, restart=restart)
    if as_json:
        print_json({"adapter": name} | report.to_dict())
        return
    table = table_of("questions", "n", "pages", "nDCG@5 by chance", "before", "after")
    for kind, pair in (("learnt", report.learnt), ("held out", report.held_out)):
        if pair is not None:
            n, n_pages = str(pair[0].n_questions), str(pair[0].n_pages)
            figures = (f"{value:.3f}" for value in (pair[0].chance, pair[0].ndcg, pair[1].ndcg))
            table.add_row(kind, n, n_pages, *figures)
    console.print(table)
    if report.held_out is None:
        console.print("no document was held out: these figures say nothing of other documents")
    console.print(
        f"use it: PAGESIGHT_OTHER_ENCODERS={name} pagesight reencode -c {collection} --encoder {name}",
        markup=False,
        soft_wrap=True,
    )
