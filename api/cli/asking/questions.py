"""`pagesight questions`: a set of questions drafted from a collection, which a person approves."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Literal

import click
import typer

from api.base.errors import InvalidQuestions
from api.cli.output import AsJson, InCollection, console, count_of, load_services, print_json
from api.diagnostics.drafting.collection_questions import draft_questions
from api.diagnostics.drafting.question_file import (
    DraftStatus,
    QuestionDraft,
    read_drafts,
    write_drafts,
)
from api.diagnostics.evaluation.questions import read_questions
from api.diagnostics.evaluation.runs import check_writable
from api.diagnostics.training.chat_examples import write_chat_examples

questions = typer.Typer(help="Questions of your own, for `pagesight eval`.", no_args_is_help=True)

_CHOICES = click.Choice(["y", "n", "edit", "quit"])


@questions.command("draft")
def draft(
    collection: InCollection,
    output: Annotated[Path, typer.Option("--output", "-o", help="File to write, JSON lines.")],
    count: Annotated[int, typer.Option("-n", "--count", min=1, help="Questions at most.")] = 50,
    seed: Annotated[int, typer.Option(help="Another number drafts other questions.")] = 0,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the file, and what was approved in it.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Draft questions from cells of tables, fields of forms and definitions. No model is asked.

    The answer of each stands on its page word for word. Look through them with `questions approve`.
    """
    if output.exists() and not overwrite:
        raise InvalidQuestions(f"{output} is there already: give another name, or --overwrite")
    check_writable(output)
    drafts = draft_questions(load_services().stores.catalog, collection, count, seed)
    if not drafts:
        raise InvalidQuestions(
            f"nothing in {collection} makes a question: its pages have no tables, fields or "
            "definitions that were read"
        )
    write_drafts(output, drafts)
    _tell(output, drafts, as_json=as_json)


@questions.command("approve")
def approve(
    file: Annotated[Path, typer.Argument(help="What `questions draft` wrote.")],
    accept: Annotated[
        list[int] | None, typer.Option(help="Approve this one, counted from 1; asks nothing.")
    ] = None,
    reject: Annotated[
        list[int] | None, typer.Option(help="Reject this one, counted from 1; asks nothing.")
    ] = None,
    accept_all: Annotated[
        bool, typer.Option("--accept-all", help="Approve all that are left; asks nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Go through drafts: y keeps one, n drops it, edit changes it, quit goes on another time.

    Each decision is kept at once. `pagesight eval FILE` asks those that were approved.
    """
    drafts = read_drafts(file)
    if accept or reject or accept_all:
        _decide(drafts, accept or [], reject or [], accept_all=accept_all)
        write_drafts(file, drafts)
    elif not as_json:
        _go_through(file, drafts)
    _tell(file, drafts, as_json=as_json)


@questions.command("export")
def export(
    file: Annotated[Path, typer.Argument(help="Questions with answers and evidence_pages.")],
    collection: InCollection,
    output: Annotated[Path, typer.Option("--output", "-o", help="A new folder.")],
    file_format: Annotated[
        Literal["sharegpt"],
        typer.Option("--format", help="That of LLaMA-Factory for models that see."),
    ] = "sharegpt",
    pages: Annotated[
        int, typer.Option("--pages", min=1, max=20, help="Pages that each question comes with.")
    ] = 3,
    held_out: Annotated[
        float,
        typer.Option(
            "--held-out", min=0.0, max=0.9, help="Share of the documents that go into a file apart."
        ),
    ] = 0.2,
    seed: Annotated[int, typer.Option(help="The same holds out the same as `train`.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Write questions as conversations to train an answer model on, with the page images beside.

    Each is asked as the service would ask it, over the pages that a search finds.
    """
    services = load_services()
    examples = write_chat_examples(
        services, collection, read_questions(file), output,
        n_pages=pages, held_out=held_out, seed=seed,
    )  # fmt: skip
    if as_json:
        print_json({"folder": str(output), "format": file_format} | asdict(examples))
        return
    console.print(
        f"{output}: {count_of(examples.n_learnt, 'conversation')} to train on, "
        f"{examples.n_held_out} of documents held out; "
        f"{count_of(examples.n_left_out, 'question')} left out, without an answer or a page",
        markup=False,
        soft_wrap=True,
    )


def _decide(
    drafts: list[QuestionDraft], accept: list[int], reject: list[int], *, accept_all: bool
) -> None:
    for numbers, status in ((accept, DraftStatus.APPROVED), (reject, DraftStatus.REJECTED)):
        for n in numbers:
            if not 1 <= n <= len(drafts):
                raise InvalidQuestions(
                    f"there is no question {n}: they count from 1 to {len(drafts)}"
                )
            drafts[n - 1] = replace(drafts[n - 1], status=status)
    if accept_all:
        drafts[:] = [
            replace(item, status=DraftStatus.APPROVED) if item.status is DraftStatus.DRAFT else item
            for item in drafts
        ]


def _go_through(file: Path, drafts: list[QuestionDraft]) -> None:
    """Ask a person for each draft that is left; ends early at `quit` or the end of the input."""
    for i, question in enumerate(drafts):
        if question.status is not DraftStatus.DRAFT:
            continue
        _show(i + 1, len(drafts), question)
        try:
            choice = click.prompt("keep", type=_CHOICES, default="y")
            if choice == "quit":
                return
            drafts[i] = _after(choice, question)
        except click.Abort:  # the end of the input, or Ctrl-C: what was decided is kept
            console.print()
            return
        write_drafts(file, drafts)


def _after(choice: str, question: QuestionDraft) -> QuestionDraft:
    if choice == "n":
        return replace(question, status=DraftStatus.REJECTED)
    if choice == "edit":
        text = click.prompt("question", default=question.question)
        answer = click.prompt("answer", default=question.answer)
        question = replace(question, question=text, answer=answer)
    return replace(question, status=DraftStatus.APPROVED)


def _show(n: int, n_drafts: int, question: QuestionDraft) -> None:
    pages = ", ".join(map(str, question.evidence_pages))
    console.print(
        f"\n{n} of {n_drafts}  {question.document}, page {pages}", style="dim", markup=False
    )
    console.print(question.question, style="bold", markup=False, soft_wrap=True)
    console.print(question.answer, markup=False, soft_wrap=True)


def _tell(file: Path, drafts: list[QuestionDraft], *, as_json: bool) -> None:
    by_status = Counter(item.status for item in drafts)
    counts = {status.value: by_status[status] for status in DraftStatus}
    if as_json:
        print_json({"file": str(file), "questions": len(drafts)} | counts)
        return
    parts = ", ".join(f"{n} {name}" for name, n in counts.items() if n)
    console.print(
        f"{file}: {count_of(len(drafts), 'question')}: {parts}", markup=False, soft_wrap=True
    )
