"""`pagesight heatmap`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.output import AsJson, console, load_services, print_json
from api.schemas.heat_maps import heat_body
from api.services.heat_images import heat_png
from api.services.stored_pages import page_image
from indexer.base.disk_errors import storage_error
from retriever.evidence.heatmap import Combine
from retriever.page_heat import PageHeat


def heatmap(
    query: Annotated[str, typer.Argument(help="What is looked for on the page.")],
    page: Annotated[int, typer.Option("--page", help="Id of the page; `search --json` has them.")],
    collection: Annotated[
        str | None, typer.Option("--collection", "-c", help="Refuse a page of another collection.")
    ] = None,
    token: Annotated[
        int | None, typer.Option(help="One token of the query, counted from 0 [default: all]")
    ] = None,
    combine: Annotated[
        Combine,
        typer.Option(help="max: the most similar word; sum: what makes up the page's score."),
    ] = "max",
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="PNG to write [default: heatmap-PAGE.png]"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show where on a page a query looks. With --json the grid; a PNG then only with -o."""
    services = load_services()
    page_heat = services.heats.of(query, page, token, combine, collection)
    if output is not None or not as_json:
        path = output or Path(f"heatmap-{page}.png")
        _write(path, heat_png(page_image(services.stores, page_heat.page), page_heat.heat))
        if not as_json:
            _print_tokens(page_heat)
            console.print(f"wrote {path}", markup=False, soft_wrap=True)
    if as_json:
        print_json(heat_body(page_heat).model_dump(mode="json"))


def _write(path: Path, png: bytes) -> None:
    try:
        path.write_bytes(png)
    except OSError as error:
        raise storage_error(path, error) from error


def _print_tokens(page_heat: PageHeat) -> None:
    """The query's tokens, those that carry its words in bold, each with its part of the score."""
    place = page_heat.page.place_in(page_heat.document.name)
    console.print(f"{place}  score {page_heat.heat.score:.2f}", style="cyan", markup=False)
    for token in page_heat.heat.tokens:
        is_bold = page_heat.heat.token in (None, token.n) and (
            token.content or page_heat.heat.token == token.n
        )
        console.print(f"{token.n:>4}  {token.score:6.3f}  ", style="dim", end="")
        console.print(token.text, style="bold" if is_bold else "dim", markup=False)
