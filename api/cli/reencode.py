"""`pagesight reencode`: a collection by another encoder, while it is searched."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from api.base.errors import InvalidSettings
from api.cli.ingesting.ingest import tidy_up
from api.cli.output import (
    OK,
    AsJson,
    InCollection,
    console,
    count_of,
    load_services,
    print_json,
    to_stderr,
)
from api.diagnostics.evaluation.questions import Question, read_questions
from api.diagnostics.index_overlap import IndexOverlap, asked_questions, index_overlap
from api.services.wiring import Services
from indexer.base.errors import CannotReencode
from indexer.catalog.collections import Collection
from indexer.encoders.lazy import LazyEncoder


def reencode(
    collection: InCollection,
    encoder: Annotated[
        str | None, typer.Option("--encoder", help="Name of the encoder that it is to have.")
    ] = None,
    questions: Annotated[
        Path | None,
        typer.Option(
            "--questions",
            help="File of questions over which both indexes are compared, as for `pagesight eval`. "
            "Default: those of conversations.",
        ),
    ] = None,
    swap: Annotated[
        bool,
        typer.Option("--swap/--no-swap", help="Search the new index when it is whole, or not yet."),
    ] = True,
    rollback: Annotated[
        bool, typer.Option("--rollback", help="Go back to the encoder that it had before.")
    ] = False,
    drop: Annotated[
        bool, typer.Option("--drop", help="Remove the index that is not searched.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Encode a collection anew by another encoder, from what is stored of its pages, while it is searched.

    What broke off goes on when it is run again. The index of before stays beside, for a rollback, as long
    as PAGESIGHT_DROP_DELETED_DAYS says. Every process must know both encoders: PAGESIGHT_OTHER_ENCODERS.
    """
    if sum((encoder is not None, rollback, drop)) != 1:
        raise InvalidSettings("give one of --encoder NAME, --rollback and --drop")
    services = load_services()
    target = services.stores.catalog.collections.get(collection)
    with services.reencoder.alone():
        if drop:
            services.reencoder.drop(target)
            tidy_up(services)
            console.print(f"{target.name}: the index beside is removed", markup=False)
            return
        lazy_encoder = _encoder(services, target, encoder)
        golden_set = None if questions is None else read_questions(questions)
        _run(services, target, lazy_encoder, golden_set, swap=swap, as_json=as_json)
    raise typer.Exit(OK)


def _encoder(services: Services, target: Collection, name: str | None) -> LazyEncoder:
    """Return the encoder of that name, or the one of before. Raises CannotReencode, EncoderUnavailable."""
    if name is not None:
        return services.encoders.by_name(name)
    reencoding = services.stores.catalog.reencodings.find(target.id)
    if reencoding is None or not reencoding.was_searched:
        raise CannotReencode(f"nothing to go back to: {target.name!r} has no index of before")
    encoder = services.encoders.of(reencoding.fingerprint)
    return encoder or services.encoders.by_name(reencoding.fingerprint.name)


def _run(
    services: Services,
    target: Collection,
    encoder: LazyEncoder,
    golden_set: list[Question] | None,
    *,
    swap: bool,
    as_json: bool,
) -> None:
    with Progress(console=to_stderr, transient=True) as progress:
        bar = progress.add_task("pages", total=None)
        n_encoded = services.reencoder.build(
            target,
            encoder,
            lambda n_done, n_pages: progress.update(bar, completed=n_done, total=n_pages),
        )
    question_list = golden_set or asked_questions(services.conversations, target.name)
    overlap = index_overlap(services.searcher, target.name, question_list)
    if swap:
        services.reencoder.swap(target, encoder)
        with to_stderr.status("compacting"):
            services.compactor.run(target.name)
            tidy_up(services)
    if as_json:
        body = {
            "collection": target.name,
            "encoder": encoder.fingerprint.name,
            "encoded_pages": n_encoded,
            "swapped": swap,
            "overlap": asdict(overlap),
        }
        print_json(body)
        return
    console.print(_overlap_line(overlap), markup=False, soft_wrap=True)
    step = "it is searched now" if swap else "run it again without --no-swap to search it"
    console.print(
        f"{target.name}: {count_of(n_encoded, 'page')} encoded by {encoder.fingerprint}; {step}",
        style="bold",
        markup=False,
        soft_wrap=True,
    )


def _overlap_line(overlap: IndexOverlap) -> str:
    if not overlap.n_questions:
        return "nobody asked anything yet: give --questions FILE to compare the two indexes"
    line = (
        f"{count_of(overlap.n_questions, 'question')}: {overlap.same_pages:.0%} of the ten best pages "
        f"are the same, {overlap.same_first:.0%} of the best ones"
    )
    if overlap.n_with_pages:
        line += (
            f"; a right page is among the ten best of {overlap.n_found} of {overlap.n_with_pages}, "
            f"in the new index of {overlap.n_found_beside}"
        )
    return line
