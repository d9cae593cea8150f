"""Files of extracted rows, JSON lines or CSV: written row by row, and gone on with another time."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TextIO

from api.base.errors import InvalidRowFile
from generator.extraction.rows import ExtractedRow, ExtractedValue

_FIRST_COLUMNS = ("document_id", "document", "is_valid")
_LAST_COLUMNS = ("problems", "error", "schema")
_FORMULA = re.compile(r"[=+@\t\r]|-(?!\s*\d)")
_ANOTHER_FILE = "give another file for this schema"


class RowFormat(StrEnum):
    JSONL = "jsonl"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class RowForm:
    """How rows of one schema are written. `key` is the schema's, `names` those of its values."""

    format: RowFormat
    key: str
    names: Sequence[str]

    def header(self) -> str:
        """Return the first line; empty where there is none."""
        return _csv_line(self._columns()) if self.format is RowFormat.CSV else ""

    def line(self, row: ExtractedRow) -> str:
        """Return a row as a line, with its end."""
        if self.format is RowFormat.CSV:
            return _csv_line(self._cells(row))
        return json.dumps(row_body(row) | {"schema": self.key}, ensure_ascii=False) + "\n"

    def _columns(self) -> list[str]:
        proofs = ([name, f"{name}.page", f"{name}.box", f"{name}.support"] for name in self.names)
        return [*_FIRST_COLUMNS, *(column for four in proofs for column in four), *_LAST_COLUMNS]

    def _cells(self, row: ExtractedRow) -> list[str]:
        values = {value.field: value for value in row.values}
        cells = [row.document_id, _harmless(row.document), "true" if row.is_valid else "false"]
        for name in self.names:
            cells += [_text(_at(row.data, name)), *_proof_cells(values.get(name))]
        problems = "; ".join(
            filter(None, (": ".join(filter(None, p)) for p in row.problems.items()))
        )
        return [*cells, problems, row.error.message if row.error else "", self.key]


def row_body(row: ExtractedRow) -> dict[str, Any]:
    """Return a row as JSON."""
    return asdict(row)


def rows_done(path: Path, form: RowForm) -> set[str]:
    """Return the ids of the documents that have a row in a file, which then ends with a whole row.

    What was cut in the middle and what failed is taken out of it, to be read again. Raises InvalidRowFile.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            lines = [*file]
    except FileNotFoundError:
        return set()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRowFile(f"cannot read {path}: it is no file of rows") from error
    is_csv = form.format is RowFormat.CSV
    whole_lines, ids = _kept_csv(lines, form, path) if is_csv else _kept_json(lines, form, path)
    draft = path.with_name(f".{path.name}.part")
    try:
        draft.write_text("".join(whole_lines), encoding="utf-8", newline="")
        draft.replace(path)
    except OSError as error:
        raise InvalidRowFile(f"cannot write {path}: {error.strerror}") from error
    finally:
        draft.unlink(missing_ok=True)
    return ids


def open_rows(path: Path, form: RowForm) -> TextIO:
    """Open a file to add rows to; a new one gets its header. Raises InvalidRowFile."""
    try:
        file = path.open("a", encoding="utf-8", errors="replace", newline="")
    except OSError as error:
        raise InvalidRowFile(f"cannot write {path}: {error.strerror}") from error
    if file.tell() == 0:
        file.write(form.header())
    return file


def _kept_json(lines: Sequence[str], form: RowForm, path: Path) -> tuple[list[str], set[str]]:
    whole_lines, ids = list[str](), set[str]()
    for n, line in enumerate(lines, start=1):
        try:
            row = json.loads(line)
            key, document_id, error = row["schema"], row["document_id"], row["error"]
        except (ValueError, KeyError, TypeError) as failure:
            if n == len(lines) and not line.endswith("\n"):
                break  # a row that was being written
            raise InvalidRowFile(f"{path}, line {n}, is no row of `pagesight extract`") from failure
        _check_key(key, form, path)
        if error is None and line.endswith("\n"):
            whole_lines.append(line)
            ids.add(document_id)
    return whole_lines, ids


def _kept_csv(lines: Sequence[str], form: RowForm, path: Path) -> tuple[list[str], set[str]]:
    """Keep the rows of a CSV file; a quoted cell may go over several lines."""
    if not lines:
        return [], set()
    columns = next(csv.reader(io.StringIO(form.header())))
    rows = csv.reader(lines)
    if next(rows, []) != columns:
        raise InvalidRowFile(f"{path} has other columns: {_ANOTHER_FILE}")
    whole_lines, ids = [form.header()], set[str]()
    for row in rows:
        if len(row) != len(columns) or (
            rows.line_num == len(lines) and not lines[-1].endswith("\n")
        ):
            break
        record = dict(zip(columns, row, strict=True))
        _check_key(record["schema"], form, path)
        if not record["error"]:
            whole_lines.append(_csv_line(row))
            ids.add(record["document_id"])
    return whole_lines, ids


def _check_key(key: str, form: RowForm, path: Path) -> None:
    if key != form.key:
        raise InvalidRowFile(f"{path} has rows of another schema: {_ANOTHER_FILE}")


def _at(data: Mapping[str, Any] | None, name: str) -> Any:
    value: Any = data
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _text(value: Any) -> str:
    if value is None or isinstance(value, str):
        return _harmless(value or "")
    return json.dumps(value, ensure_ascii=False)


def _harmless(text: str) -> str:
    """Keep a spreadsheet from taking words of a page for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def _proof_cells(value: ExtractedValue | None) -> list[str]:
    if value is None:
        return ["", "", ""]
    box = " ".join(f"{edge:.4f}" for edge in value.box or ())
    return [str(value.page_number or ""), box, f"{value.support:.4f}"]


def _csv_line(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue()
