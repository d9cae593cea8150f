"""What is extracted from a document: a row of values, each with the page and the region that prove it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from indexer.base.pages import FractionBox


@dataclass(frozen=True, slots=True)
class ExtractedValue:
    """A value of a row.

    field      where it stands in the row: `pump.weight`, `items.0.torque`
    box        of the words that are the value, page fractions; None where the page does not show them
    quote      the words of the region that it was read from
    says       what the page calls it; empty where a model wrote it
    support    how well that region carries the value, 0..1, calibrated
    supported  whether that is enough
    """

    field: str
    value: Any
    page_id: int | None = None
    page_number: int | None = None
    page_label: str = ""
    box: FractionBox | None = None
    quote: str = ""
    says: str = ""
    support: float = 0.0
    supported: bool = False


@dataclass(frozen=True, slots=True)
class RowError:
    """Why a document has no row: its code, and a line for a person."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class ExtractedRow:
    """The row of one document.

    data      the object that was asked for; null where a value was not found; None with an `error`
    is_valid  `data` follows the schema
    problems  of a field, why it has no value although the document may have one; of `""`, what the schema
              does not allow
    usage     what a model took for it
    """

    document_id: str
    document: str
    data: dict[str, Any] | None
    is_valid: bool
    values: tuple[ExtractedValue, ...] = ()
    problems: dict[str, str] = field(default_factory=dict)
    error: RowError | None = None
    usage: dict[str, float] = field(default_factory=dict)
