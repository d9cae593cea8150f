"""How commands speak: people on the terminal, programs in JSON, errors in one line."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer
from rich.console import Console

from api.errors import InvalidQuestions, InvalidSettings
from api.settings import load_settings
from api.wiring import Services, wire
from indexer.errors import InvalidKey, InvalidName, NothingToIngest, PagesightError
from retriever.errors import InvalidQuery

OK, FAILED, USAGE = 0, 1, 2
_USAGE_ERRORS = (
    *(InvalidSettings, InvalidName, InvalidKey, InvalidQuery, InvalidQuestions, NothingToIngest),
)

console = Console(highlight=False)
to_stderr = Console(stderr=True, highlight=False)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]
InCollection = Annotated[str, typer.Option("--collection", "-c", help="Name of the collection.")]


def services() -> Services:
    """The services that the environment asks for."""
    return wire(load_settings())


def print_json(body: Any) -> None:
    json.dump(body, sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")


def print_json_line(body: Any) -> None:
    """One of many: each on a line of its own, told at once."""
    print(json.dumps(body, ensure_ascii=False), flush=True)


def report_error(error: PagesightError, *, as_json: bool, **found: Any) -> int:
    """Tell the error in one line; returns the exit code. `found`: what JSON shows beside the error."""
    if as_json:
        told = {"message": str(error), "type": type(error).__name__, "code": error.code}
        print_json({"error": told, **found})
    to_stderr.print(f"error: {error}", style="red", markup=False, soft_wrap=True)
    return USAGE if isinstance(error, _USAGE_ERRORS) else FAILED
