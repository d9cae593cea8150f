"""`pagesight models`: every encoder and generator there is, before one is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from api.base.settings import load_settings
from api.cli.output import AsJson, console, print_json, table_of
from generator.registry import GENERATORS, GeneratorFacts
from indexer.encoders.registry import ENCODERS, EncoderFacts

Facts = EncoderFacts | GeneratorFacts


def models(as_json: AsJson = False) -> None:
    """List the encoders and generators; `*` marks those that are set. `doctor` says which fit here."""
    settings = load_settings()
    encoders = [facts.facts for facts in ENCODERS.values()]
    if as_json:
        print_json(
            {
                "encoders": [asdict(facts) for facts in encoders],
                "generators": [asdict(facts) for facts in GENERATORS.values()],
                "set": {"encoder": settings.encoder, "generator": settings.generator},
            }
        )
        return
    _print_table("encoder", encoders, settings.encoder)
    console.print()
    _print_table("generator", list(GENERATORS.values()), settings.generator)


def size_text(n_bytes: int) -> str:
    """What weights take on disk, for a person; nothing where there are none."""
    if n_bytes == 0:
        return ""
    return f"{n_bytes / 1e9:.1f} GB" if n_bytes >= 1e9 else f"{n_bytes / 1e6:.0f} MB"


def _print_table(role: str, models: Sequence[Facts], configured_name: str) -> None:
    table = table_of("", role, "weights", "licence", "what it does")
    for facts in models:
        mark = "*" if facts.name == configured_name else ""
        table.add_row(mark, facts.name, size_text(facts.size_bytes), facts.licence, facts.summary)
    console.print(table)
