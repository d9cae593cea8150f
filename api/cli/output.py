"""How commands speak: people on the terminal, programs in JSON, errors in one line."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from api.base.errors import InvalidQuestions, InvalidSettings
from api.base.settings import load_settings
from api.services.wiring import Services, wire
from indexer.base.errors import InvalidKey, InvalidName, NothingToIngest, PagesightError
from retriever.errors import InvalidQuery

OK, FAILED, USAGE = 0, 1, 2
_USAGE_ERRORS = (
    *(InvalidSettings, InvalidName, InvalidKey, InvalidQuery, InvalidQuestions, NothingToIngest),
)

PIPED_COLUMNS = 240  # nothing that a program reads is cut to the width of a terminal

console = Console(highlight=False, width=None if sys.stdout.isatty() else PIPED_COLUMNS)
to_stderr = Console(stderr=True, highlight=False)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]
InCollection = Annotated[str, typer.Option("--collection", "-c", help="Name of the collection.")]


def load_services() -> Services:
    """Return the services that the environment asks for."""
    return wire(load_settings())


def table_of(*columns: str) -> Table:
    """Return a plain table that folds long text: an id that is cut cannot be used."""
    table = Table(box=None)
    for name in columns:
        table.add_column(name, overflow="fold")
    return table


def print_json(body: Any) -> None:
    json.dump(body, sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")


def print_json_line(body: Any) -> None:
    """Print one body on a line of its own, at once."""
    print(json.dumps(body, ensure_ascii=False), flush=True)


def report_error(error: PagesightError, *, as_json: bool, **beside: Any) -> int:
    """Tell the error in one line; returns the exit code. `found`: what JSON shows beside the error."""
    if as_json:
        body = {"message": str(error), "type": type(error).__name__, "code": error.code}
        print_json({"error": body, **beside})
    to_stderr.print(f"error: {error}", style="red", markup=False, soft_wrap=True)
    return USAGE if isinstance(error, _USAGE_ERRORS) else FAILED
