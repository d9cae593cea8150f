"""Extracted rows as JSON."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from generator.extraction.rows import ExtractedRow, ExtractedValue, RowError


class RowBody(BaseModel):
    """The row of a document: `data` follows the schema where `is_valid`, and is null with an `error`.

    `values` prove it, one for each that was found: `field` is its place in `data`, such as `items.0.torque`;
    `box` holds the words of the value; `says` is what the page calls it. `problems` say of a field why it is
    null although the document may say it, and under `""` what the schema does not allow.
    """

    document_id: str
    document: str
    data: dict[str, Any] | None
    is_valid: bool
    values: tuple[ExtractedValue, ...]
    problems: dict[str, str]
    error: RowError | None
    usage: dict[str, float]

    @classmethod
    def of(cls, row: ExtractedRow) -> RowBody:
        return cls(
            document_id=row.document_id,
            document=row.document,
            data=row.data,
            is_valid=row.is_valid,
            values=row.values,
            problems=row.problems,
            error=row.error,
            usage=row.usage,
        )


class RowsResponse(BaseModel):
    """Rows of a part of the documents. `left` are those behind it, `ended_by` what was used up."""

    rows: list[RowBody]
    left: int
    ended_by: str
    next_cursor: str | None
