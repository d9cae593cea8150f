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
from api.diagnostics.training.plan_file import TrainingRequest
from api.diagnostics.training.run import TrainingReport, train_adapter
from indexer.encoders.visual.training.plan import TrainingOptions

_OWN = TrainingOptions()


Questions = Annotated[
    Path,
    typer.Option(
        "--questions", help="JSON lines, as for `pagesight eval`: document, evidence_pages."
    ),
]
Name = Annotated[str, typer.Option("--name", help="What the adapter is to be called.")]
Encoder = Annotated[
    str | None,
    typer.Option(
        "--encoder", help="What it is fitted to, such as colqwen2. Default: PAGESIGHT_ENCODER."
    ),
]
Epochs = Annotated[int, typer.Option("--epochs", min=1, help="How often each question comes.")]
Batch = Annotated[
    int,
    typer.Option(
        "--batch", min=1, help="Questions of one step: each other's pages are wrong for them."
    ),
]
Negatives = Annotated[
    int,
    typer.Option(
        "--negatives",
        min=0,
        max=16,
        help="Wrong pages beside each right one: those that the collection's search confuses with it.",
    ),
]
Rank = Annotated[int, typer.Option("--rank", min=1, max=256, help="Of the adapter's matrices.")]
LearningRate = Annotated[float, typer.Option("--learning-rate", min=1e-8, max=1.0)]
HeldOut = Annotated[
    float,
    typer.Option("--held-out", min=0.0, max=0.9, help="Share of the documents that it never sees."),
]
Seed = Annotated[int, typer.Option("--seed", help="Another number holds out other documents.")]
Restart = Annotated[bool, typer.Option("--restart", help="Begin anew what was broken off.")]


def train(
    collection: InCollection,
    questions: Questions,
    name: Name,
    encoder: Encoder = None,
    epochs: Epochs = _OWN.epochs,
    batch: Batch = _OWN.batch,
    negatives: Negatives = 2,
    rank: Rank = _OWN.rank,
    learning_rate: LearningRate = _OWN.learning_rate,
    held_out: HeldOut = 0.2,
    seed: Seed = 0,
    restart: Restart = False,
    as_json: AsJson = False,
) -> None:
    """Fit a LoRA adapter to your questions, and say what it is worth on documents that it has not seen.

    A training that was broken off goes on when the same command is run again. The adapter is an encoder of
    that name: `pagesight reencode --encoder NAME` gives it to a collection. Needs the extra `train`.
    """
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
    else:
        _print(report, name, collection)


def _print(report: TrainingReport, name: str, collection: str) -> None:
    """Print a line for the questions that were learnt, one for those held out, and what to do next."""
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
