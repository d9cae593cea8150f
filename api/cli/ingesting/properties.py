"""Tags and metadata on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from indexer.base.errors import InvalidProperties

Tags = Annotated[
    list[str] | None,
    typer.Option("--tag", help="Give the documents this tag, too (repeatable).", metavar="WORD"),
]
MetadataEntries = Annotated[
    list[str] | None,
    typer.Option(
        "--meta", help="Give the documents this metadata, too (repeatable).", metavar="NAME=VALUE"
    ),
]


def metadata_of(entries: Sequence[str]) -> dict[str, str]:
    """Read `NAME=VALUE`. Raises InvalidProperties."""
    metadata: dict[str, str] = {}
    for entry in entries:
        name, equals, value = entry.partition("=")
        if not equals:
            raise InvalidProperties(f"cannot read the metadata {entry!r}: write NAME=VALUE")
        metadata[name] = value
    return metadata
