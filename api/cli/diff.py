"""`pagesight diff`: what is different between two versions of a document."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from api.cli.export import write_whole
from api.cli.output import (
    AsJson,
    InCollection,
    console,
    count_of,
    load_services,
    print_json,
    to_stderr,
)
from api.schemas.version_diffs import diff_body, n_words
from api.services.version_comparison import VersionComparison, VersionDiff, version_label
from indexer.layout.export.version_diff import PageChange, PagePair, WordChange, WordRun

_STYLES = {WordChange.REMOVED: "red strike", WordChange.ADDED: "green"}
_CONTEXT_WORDS = 8  # of what is the same, around what is not


def diff(
    document: Annotated[str, typer.Argument(help="Name of a document, or the id of a version.")],
    collection: InCollection,
    old: Annotated[
        str | None,
        typer.Argument(
            help="The version to compare with: its number, its id, or a date (2026-03-01)."
        ),
    ] = None,
    new: Annotated[
        str | None, typer.Argument(help="The other version, named in the same way.")
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option("--html", help="Write a file that shows both side by side, with pictures."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show which pages of a document another version has changed, and which words on them.

    Without versions the last two are compared; of a version that is named by its id, it and the one before.
    """
    if (old is None) != (new is None):
        raise typer.BadParameter("name both versions, or none")
    comparison = VersionComparison(load_services().stores)
    terms = [term for term in (old, new) if term is not None]
    version_diff = comparison.of_terms(document, collection, terms)
    if html is not None:
        write_whole(html, comparison.html(version_diff))
        to_stderr.print(f"wrote {html}", markup=False, soft_wrap=True)
    if as_json:
        print_json(diff_body(comparison, version_diff).model_dump(mode="json"))
    elif html is None:
        _print(comparison, version_diff)


def _print(comparison: VersionComparison, version_diff: VersionDiff) -> None:
    for sign, version in (("-", version_diff.old), ("+", version_diff.new)):
        console.print(f"{sign} {version_label(version)}", style="bold", markup=False)
    for pair in version_diff.pairs:
        runs = [] if pair.change is PageChange.MOVED else comparison.words(pair)
        console.print(_heading(pair, runs), style="cyan", markup=False)
        if pair.change is PageChange.CHANGED:
            console.print(_words(runs), soft_wrap=True)
    n_different = len(version_diff.pairs)
    console.print(
        f"{count_of(n_different, 'page')} {'differs' if n_different == 1 else 'differ'}, "
        f"{version_diff.n_same} {'is' if version_diff.n_same == 1 else 'are'} the same",
        style="bold",
    )


def _heading(pair: PagePair, runs: list[WordRun]) -> str:
    numbers = [str(page.number) for page in (pair.old, pair.new) if page is not None]
    counts = f"-{n_words(runs, WordChange.REMOVED)} +{n_words(runs, WordChange.ADDED)} words"
    text = f"page {' -> '.join(dict.fromkeys(numbers))}: {pair.change.value}"
    if pair.change is not PageChange.CHANGED:
        return text
    only_looks = all(run.change is WordChange.SAME for run in runs)
    return f"{text}, {'it looks different, its words are the same' if only_looks else counts}"


def _words(runs: list[WordRun]) -> Text:
    text = Text()
    for i, run in enumerate(runs):
        words = run.text.split()
        if run.change is WordChange.SAME and len(words) > 2 * _CONTEXT_WORDS:
            before = words[:_CONTEXT_WORDS] if i else []
            behind = words[-_CONTEXT_WORDS:] if i < len(runs) - 1 else []
            words = [*before, "…", *behind]
        text.append(" ".join(words), style=_STYLES.get(run.change, ""))
        text.append(" ")
    return text
