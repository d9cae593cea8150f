"""What a person sees while documents are read: bars on a terminal, a line for each document."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from api.cli.output import console, count_of, to_stderr
from indexer.ingest.outcomes import IngestOutcome


def show_pages(progress: Progress, task: TaskID, n_done: int, n_pages: int) -> None:
    progress.update(task, completed=n_done, total=n_pages)


@contextmanager
def page_progress() -> Iterator[Progress]:
    """Bars for a person; nothing at all where standard error is not a terminal."""
    with Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(),
        console=to_stderr,
        transient=True,
        disable=not to_stderr.is_terminal,
    ) as progress:
        yield progress


_COLOURS = {"indexed": "green", "unchanged": "dim", "indexed_with_warnings": "yellow"}


def print_outcome(outcome: IngestOutcome, attachment_of: str | None = None) -> None:
    """Print a line for a file, one for each warning, and those of what is attached to it."""
    verdict = outcome.verdict.value
    text = (
        f"{count_of(outcome.n_pages, 'page')}, {outcome.seconds:.1f} s" if outcome.n_pages else ""
    )
    if outcome.n_copied_pages:
        text += f"; {outcome.n_copied_pages} of them were stored already"
    if outcome.error is not None:
        text = outcome.error.message
    if outcome.note is not None:
        text = f"{text}; {outcome.note}"
    if attachment_of is not None:
        text = f"attachment of {attachment_of}; {text}"
    console.print(f"{verdict:<22}", style=_COLOURS.get(verdict, "red"), end="")
    console.print(f"{outcome.name}  {text}", markup=False, soft_wrap=True)
    for warning in outcome.warnings:
        console.print(f"{'':<22}  {warning}", style="yellow", markup=False, soft_wrap=True)
    for attachment in outcome.attachments:
        print_outcome(attachment, outcome.name)
