"""How commands speak: people on the terminal, programs in JSON, errors in one line."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import Annotated, Any

import typer
from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderHook, RenderResult
from rich.segment import Segment
from rich.table import Table

from api.base.errors import InvalidQuestions, InvalidRowFile, InvalidSettings
from api.base.json_escapes import without_controls
from api.base.settings import load_settings
from api.services.wiring import Services, wire
from generator.answering.inert_text import printable
from generator.errors import InvalidSchema
from indexer.base.errors import (
    InvalidKey,
    InvalidName,
    InvalidSigningKey,
    NothingToIngest,
    PagesightError,
)
from retriever.errors import InvalidQuery

OK, FAILED, USAGE = 0, 1, 2
_USAGE_ERRORS = (
    *(InvalidSettings, InvalidName, InvalidKey, InvalidQuery, InvalidQuestions, NothingToIngest),
    *(InvalidSigningKey, InvalidRowFile, InvalidSchema),
)

PIPED_COLUMNS = 240  # nothing that a program reads is cut to the width of a terminal


@dataclass(frozen=True, slots=True)
class _Printable:
    """Prints something without the control characters of its text: they would command the terminal."""

    content: ConsoleRenderable

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for segment in console.render(self.content, options):
            is_ours = segment.control is not None
            yield segment if is_ours else Segment(printable(segment.text), segment.style)


class _OnlyPrintable(RenderHook):
    """Applies `_Printable` to all that is printed: any name or page may hold a terminal sequence."""

    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        return [_Printable(renderable) for renderable in renderables]


def _console(**options: Any) -> Console:
    safe_console = Console(highlight=False, emoji=False, **options)
    safe_console.push_render_hook(_OnlyPrintable())
    return safe_console


console = _console(width=None if sys.stdout.isatty() else PIPED_COLUMNS)
to_stderr = _console(stderr=True)

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


def print_facts(body: dict[str, Any]) -> None:
    """Print the fields of a body below each other, in words; those that say nothing are left out."""
    facts = {name: in_words(value) for name, value in body.items()}
    width = max(len(name) for name, words in facts.items() if words)
    for name, words in facts.items():
        if words:
            console.print(f"{name:<{width}}  {words}", markup=False, soft_wrap=True)


def in_words(value: Any) -> str:
    """Return a value of a body as people read it; empty where it says nothing."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(in_words, value))
    if isinstance(value, dict):
        pairs = [(name, in_words(part)) for name, part in value.items()]
        return "; ".join(f"{name} {words}" for name, words in pairs if words)
    return "" if value is None else str(value)


def count_of(n: int, noun: str) -> str:
    """Return a number with what it counts: `1 page`, `2 pages`."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def print_json(body: Any) -> None:
    text = json.dumps(body, ensure_ascii=False, indent=2)
    sys.stdout.write(without_controls(text) + "\n")


def print_json_line(body: Any) -> None:
    """Print one body on a line of its own, at once."""
    print(without_controls(json.dumps(body, ensure_ascii=False)), flush=True)


def report_error(error: PagesightError, *, as_json: bool, **beside: Any) -> int:
    """Tell the error in one line; returns the exit code. `found`: what JSON shows beside the error."""
    if as_json:
        body = {"message": str(error), "type": type(error).__name__, "code": error.code}
        print_json({"error": body, **beside})
    to_stderr.print(f"error: {error}", style="red", markup=False, soft_wrap=True)
    return USAGE if isinstance(error, _USAGE_ERRORS) else FAILED
