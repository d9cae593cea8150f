"""`pagesight extract`: a row of values for each document of a collection."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from api.base.errors import InvalidRowFile
from api.base.json_escapes import without_controls
from api.cli.asking.question import Filters, Versions
from api.cli.output import (
    FAILED,
    AsJson,
    InCollection,
    count_of,
    load_services,
    print_json,
    to_stderr,
)
from api.services.row_files import RowForm, RowFormat, open_rows, row_body, rows_done
from generator.answering.structured.row_schema import read_row_schema
from generator.extraction.budget import Budget
from generator.extraction.extractor import Extraction
from generator.extraction.rows import ExtractedRow
from retriever.query.filters import parse_filters


def extract(
    schema: Annotated[Path, typer.Argument(help="JSON schema of a row; docs/extraction.md.")],
    collection: InCollection,
    filters: Filters = None,
    versions: Versions = "newest",
    format_: Annotated[
        RowFormat, typer.Option("--format", help="What to write.")
    ] = RowFormat.JSONL,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="File to write; it goes on where it ended. Else standard output."
        ),
    ] = None,
    max_documents: Annotated[
        int | None, typer.Option(min=1, help="Stop after so many documents.")
    ] = None,
    max_seconds: Annotated[
        float | None, typer.Option(min=0, help="Begin no other document after so many seconds.")
    ] = None,
    max_tokens: Annotated[
        int | None, typer.Option(min=1, help="Begin no other one after so many tokens of a model.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write a row for each document: values of a schema, each with page, box and support.

    Without a model, from fields of forms, cells of tables and labelled lines: a value that no label names
    is null. A model writes the row by the schema, and each value is looked up on the pages.

    Run it again with the same file to go on: only documents without a row are read.
    """
    json_schema = _read_schema(schema)
    services = load_services()
    extractor = services.extractor
    with_model = services.answerer.writes_json
    row_schema = read_row_schema(json_schema, with_model=with_model)
    form = RowForm(format_, row_schema.key, row_schema.names)
    ids = rows_done(output, form) if output is not None else set()
    page_filter = replace(parse_filters(filters or []), versions=versions)
    budget = Budget(max_documents, max_seconds, max_tokens)
    extraction = extractor.extract(json_schema, collection, page_filter, budget, ids)
    rows = _write(extraction, form, output, as_json=as_json)
    _tell(extraction, rows, len(ids), output, as_json=as_json)
    if any(row.error for row in rows):
        raise typer.Exit(FAILED)


def _read_schema(path: Path) -> dict[str, Any]:
    try:
        schema = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidRowFile(f"cannot read {path}: {error.strerror}") from error
    except ValueError as error:
        raise InvalidRowFile(f"cannot read {path}: it has to be a JSON schema") from error
    if not isinstance(schema, dict):
        raise InvalidRowFile(f"{path} is no JSON schema: it has to be an object")
    return schema


def _write(
    extraction: Extraction, form: RowForm, output: Path | None, *, as_json: bool
) -> list[ExtractedRow]:
    """Write each row as it is read: what was written stays when the program ends."""
    rows: list[ExtractedRow] = []
    if output is None:
        if not as_json:
            sys.stdout.write(form.header())
        for row in extraction.rows:
            rows.append(row)
            if not as_json:
                sys.stdout.write(without_controls(form.line(row)))
                sys.stdout.flush()
        return rows
    with closing(open_rows(output, form)) as file:
        for row in extraction.rows:
            rows.append(row)
            file.write(form.line(row))
            file.flush()
    return rows


def _tell(
    extraction: Extraction,
    rows: list[ExtractedRow],
    n_before: int,
    output: Path | None,
    *,
    as_json: bool,
) -> None:
    n_failed = sum(row.error is not None for row in rows)
    n_valid = sum(row.is_valid for row in rows)
    if as_json:
        body: dict[str, Any] = {"written": len(rows), "valid": n_valid, "failed": n_failed}
        body |= {
            "before": n_before,
            "left": len(extraction.documents),
            "ended_by": extraction.ended_by,
        }
        if output is None:
            body["rows"] = [row_body(row) for row in rows]
        print_json(body)
        return
    parts = [
        f"{count_of(len(rows), 'row')}, {n_valid} {'follows' if n_valid == 1 else 'follow'} the schema"
    ]
    parts += [f"{n_before} {'was' if n_before == 1 else 'were'} there"] * bool(n_before)
    parts += [f"{n_failed} failed"] * bool(n_failed)
    if extraction.documents:
        left = count_of(len(extraction.documents), "document")
        parts.append(f"{extraction.ended_by} used up, {left} left: run it again")
    to_stderr.print(", ".join(parts), markup=False, soft_wrap=True)
    for row in rows:
        if row.error is not None:
            to_stderr.print(f"{row.document}: {row.error.message}", markup=False, soft_wrap=True)
