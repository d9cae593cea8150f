"""`pagesight search` and `pagesight ask`."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from api.cli.output import (
    AsJson,
    InCollection,
    console,
    count_of,
    load_services,
    print_json,
    report_error,
    to_stderr,
)
from api.schemas.answers import answer_body
from api.schemas.hits import hit_body, search_body
from generator.answering.answer_form import AnswerForm
from generator.answering.answers import Answer, AnswerDone, PagesFound, Token
from generator.answering.steps import StepTaken
from generator.errors import GeneratorError
from generator.grounding.pointings import Pointing
from indexer.base.document_properties import AUTHORS, DATE, TITLE
from retriever.hits import MissingPages, PageHit
from retriever.query.filters import Versions as FilterVersions
from retriever.query.filters import parse_filters

Filters = Annotated[
    list[str] | None,
    typer.Option(
        "--filter",
        help="document=NAME, tag=WORD, meta.NAME=VALUE (repeatable), pages=3-10 or as-of=DATE.",
        metavar="FILTER",
    ),
]
MAX_NAMES = 5  # of documents in a note
_MAX_FURTHER = 160  # characters of a passage that is not cited
Versions = Annotated[
    FilterVersions,
    typer.Option("--versions", help="Of documents of one name: newest or all.", metavar="VERSIONS"),
]
K = Annotated[int, typer.Option("-k", help="Pages to return.")]


def search(
    query: Annotated[str, typer.Argument(help="What to look for.")],
    collection: InCollection,
    k: K = 5,
    filters: Filters = None,
    versions: Versions = "newest",
    as_json: AsJson = False,
) -> None:
    """Rank the pages of a collection, each with the regions that made it match."""
    page_filter = replace(parse_filters(filters or []), versions=versions)
    result = load_services().searcher.search(query, [collection], k, page_filter)
    if as_json:
        print_json(search_body(result).model_dump(mode="json"))
        return
    if not result.hits:
        console.print("no page matches: the collection, or what the filter leaves of it, is empty")
    for hit in result.hits:
        _print_hit(hit)
    _print_missing(result.missing_pages)


def ask(
    question: Annotated[str, typer.Argument(help="The question.")],
    collection: InCollection,
    k: Annotated[int, typer.Option("-k", help="Pages to read.")] = 5,
    filters: Filters = None,
    versions: Versions = "newest",
    whole: Annotated[
        bool,
        typer.Option("--whole", help="Let the model read every page that the filters allow."),
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="With --whole: begin without asking.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Answer a question, with the pages that prove it."""
    page_filter = replace(parse_filters(filters or []), versions=versions)
    answer: Answer | None = None
    pages: tuple[PageHit, ...] = ()
    try:
        events = load_services().answerer.stream(
            question, [collection], k, page_filter, form=AnswerForm(whole=whole)
        )
        for event in events:
            if isinstance(event, PagesFound):
                pages = event.pages
            elif isinstance(event, StepTaken):
                _tell_step(event, is_asked=yes or as_json)
            elif isinstance(event, Token) and not as_json:
                style = "bold" if event.is_value else None
                console.print(event.text, end="", style=style, markup=False, soft_wrap=True)
            elif isinstance(event, AnswerDone):
                answer = event.answer
    except GeneratorError as error:  # the pages were found all the same
        if as_json:
            bodies = [hit_body(hit).model_dump(mode="json") for hit in pages]
            raise typer.Exit(report_error(error, as_json=True, pages=bodies)) from error
        console.print("\nno whole answer, but these pages were found:")
        for hit in pages:
            _print_hit(hit)
        raise
    assert answer is not None, "the stream of an answer ends with AnswerDone"
    if as_json:
        print_json(answer_body(answer).model_dump(mode="json"))
        return
    console.print()
    _print_citations(answer)
    _print_missing(answer.missing_pages)


def _tell_step(step: StepTaken, *, is_asked: bool) -> None:
    """Show what is done; what an answer over whole documents takes is asked about before it begins."""
    to_stderr.print(f"{step.kind}: {step.text}", style="dim", markup=False, soft_wrap=True)
    if step.kind == "cost" and not is_asked:
        typer.confirm("begin?", abort=True, err=True)


def _print_hit(hit: PageHit) -> None:
    console.print(f"{hit.rank:>3}  ", style="bold", end="")
    _print_place(hit.page.place_in(hit.document.title))
    console.print(f"  score {hit.score:.2f}", style="dim")
    properties = hit.document.properties
    facts = filter(None, (properties.value_of(name) for name in (TITLE, AUTHORS, DATE)))
    if line := " · ".join(facts):
        console.print(f"     {line}", style="dim", markup=False, soft_wrap=True)
    console.print(f"     {' '.join(hit.snippet.split())}", markup=False, soft_wrap=True)


def _print_citations(answer: Answer) -> None:
    for citation in answer.citations:
        console.print(f"[{citation.n}] ", style="bold", markup=False, end="")
        _print_place(citation.place)
        box = " ".join(f"{value:.3f}" for value in citation.box)
        support = f"{citation.support:.2f}" + ("" if citation.supported else ", too little")
        console.print(f"  box {box}  support {support}", style="dim", markup=False)
        facts = filter(None, (citation.document_title, citation.authors, citation.date))
        if line := " · ".join(facts):
            console.print(f"    {line}", style="dim", markup=False, soft_wrap=True)
    _print_further(answer)
    if "cost" in answer.usage:
        console.print(f"cost {answer.usage['cost']:.4g}", style="dim", markup=False)
    for pointing in answer.pointings:
        _print_pointing(pointing)
    if n_wrong := int(answer.usage.get("wrong_citations", 0)):
        console.print(f"left out: {n_wrong} citations of pages that were not read", style="yellow")
    for claim in answer.unsupported_claims:
        console.print(f"no page supports: {claim}", style="yellow", markup=False, soft_wrap=True)


def _print_further(answer: Answer) -> None:
    """Show the next best passages of what is not sure, a line each."""
    if answer.further:
        console.print("if it is not that, see also:", style="dim")
    for citation in answer.further:
        quote = " ".join(citation.quote.split())
        line = f"    {citation.place}: {_beginning_of(quote)}"
        console.print(line, style="dim", markup=False, soft_wrap=True)


def _beginning_of(text: str) -> str:
    return text if len(text) <= _MAX_FURTHER else f"{text[: _MAX_FURTHER - 1].rstrip()}…"


def _print_pointing(pointing: Pointing) -> None:
    pointer = "the model points at" if pointing.agrees_with else "the model's own pointing"
    box = " ".join(f"{value:.3f}" for value in pointing.box)
    agrees = f", which agrees with the {pointing.agrees_with} there" if pointing.agrees_with else ""
    console.print(
        f"{pointer}: {pointing.document}, page {pointing.page_number}, box {box}{agrees}",
        style="dim" if pointing.agrees_with else "yellow",
        markup=False,
        soft_wrap=True,
    )


def _print_place(place: str) -> None:
    console.print(place, style="cyan", markup=False, end="")


def _print_missing(pages: MissingPages | None) -> None:
    if pages is None:
        return
    names = ", ".join(pages.documents[:MAX_NAMES])
    and_more = " and others" if len(pages.documents) > MAX_NAMES else ""
    console.print(
        f"damaged files: {count_of(pages.n_pages, 'page')} of {names}{and_more} not looked at; "
        "`pagesight verify --deep --repair` indexes them anew",
        style="yellow",
        markup=False,
        soft_wrap=True,
    )
