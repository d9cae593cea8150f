"""`pagesight kinds`: what files can be read."""

from __future__ import annotations

from rich.markup import escape

from api.cli.output import AsJson, console, print_json, table_of
from api.schemas.kinds import kinds_body


def kinds(as_json: AsJson = False) -> None:
    """List the kinds of files that can be read; content decides, and not the ending of a name."""
    body = kinds_body()
    if as_json:
        print_json(body.model_dump(mode="json"))
        return
    table = table_of("kind", "endings", "media type", "")
    for kind in body.kinds:
        note = f"needs {escape(kind.needs)}" if kind.needs else ""
        table.add_row(kind.title, " ".join(kind.endings), kind.media_type, note)
    console.print(table)
