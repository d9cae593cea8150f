"""`pagesight export`: a document, or a page of it, as Markdown, HTML or JSON."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from api.base.json_escapes import without_controls
from api.cli.output import load_services, to_stderr
from api.services.document_export import document_named
from api.services.document_export import export as export_document
from generator.answering.inert_text import printable
from indexer.base.disk_errors import storage_error
from indexer.layout.export.documents import ExportFormat


def export(
    document: Annotated[str, typer.Argument(help="Name or id of the document.")],
    collection: Annotated[
        str | None,
        typer.Option("--collection", "-c", help="Collection that holds it; left out: any."),
    ] = None,
    page: Annotated[
        int | None, typer.Option("--page", help="Only this page, by its number in the file.")
    ] = None,
    format_: Annotated[
        ExportFormat, typer.Option("--format", help="What to write.")
    ] = ExportFormat.MARKDOWN,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write; else standard output.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Same as --format json.")] = False,
) -> None:
    """Write what was read of a document: headings, paragraphs, tables, form fields, notes, pictures."""
    format_ = ExportFormat.JSON if as_json else format_
    catalog = load_services().stores.catalog
    pieces = export_document(catalog, document_named(catalog, document, collection), format_, page)
    if output is not None:
        write_whole(output, pieces)
        to_stderr.print(f"wrote {output}", markup=False, soft_wrap=True)
        return
    # A terminal follows what stands in a text: no page may command it.
    clean = without_controls if format_ is ExportFormat.JSON else printable
    for piece in pieces:
        sys.stdout.write(clean(piece))


def write_whole(path: Path, pieces: Iterable[str]) -> None:
    """Write the whole file, or leave the one that is there as it is. Raises StorageError."""
    draft = path.with_name(f".{path.name}.part")
    try:
        with draft.open("w", encoding="utf-8", errors="replace") as file:
            file.writelines(pieces)
        draft.replace(path)
    except OSError as error:
        raise storage_error(path, error) from error
    finally:
        with suppress(OSError):  # the folder is a file
            draft.unlink(missing_ok=True)
