"""Conditions on the metadata of documents, as Dify writes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict

from api.http.limits.bodies import Text
from indexer.catalog.document_records import Document
from retriever.errors import InvalidFilter

_Test = Callable[[str, str], bool]

_OF_TEXT: Mapping[str, _Test] = {
    "contains": lambda own, value: value in own,
    "start with": lambda own, value: own.startswith(value),
    "end with": lambda own, value: own.endswith(value),
    "is": lambda own, value: own == value,
    # Dates are written so that their letters order them: 2026-11-27.
    "before": lambda own, value: own < value,
    "after": lambda own, value: own > value,
}
_OF_NUMBERS: Mapping[str, Callable[[float, float], bool]] = {
    "=": lambda own, value: own == value,
    ">": lambda own, value: own > value,
    "<": lambda own, value: own < value,
    "≥": lambda own, value: own >= value,
    "≤": lambda own, value: own <= value,
}
_OPPOSITES = {"not contains": "contains", "is not": "is", "not in": "in", "≠": "="}


class Condition(BaseModel):
    """`name` is a name of the metadata, `tags`, or `document` for the document's own name."""

    model_config = ConfigDict(extra="ignore")

    name: Text | list[Text]
    comparison_operator: str
    value: Text | float | list[Text] | None = None

    def holds_for(self, document: Document) -> bool:
        """Raises InvalidFilter for an operator that there is not, or a value that does not fit it."""
        names = [self.name] if isinstance(self.name, str) else self.name
        own_values = [value for name in names for value in _values_of(document, name)]
        operator = self.comparison_operator
        if operator in ("empty", "null"):
            return not any(own_values)
        if operator in ("not empty", "not null"):
            return any(own_values)
        if operator in _OPPOSITES:
            return not self._holds(_OPPOSITES[operator], own_values)
        return self._holds(operator, own_values)

    def _holds(self, operator: str, own_values: list[str]) -> bool:
        values = self.value if isinstance(self.value, list) else [self.value]
        if operator == "in":
            return any(own in map(_text, values) for own in own_values)
        if operator in _OF_TEXT:
            test = _OF_TEXT[operator]
            return any(test(own, _text(value)) for own in own_values for value in values)
        if operator in _OF_NUMBERS:
            compare, bound = _OF_NUMBERS[operator], _number(_text(self.value))
            if bound is None:
                raise InvalidFilter(f"{operator} needs a number, not {self.value!r}")
            numbers = [number for own in own_values if (number := _number(own)) is not None]
            return any(compare(number, bound) for number in numbers)
        raise InvalidFilter(f"no comparison operator {operator!r}")


class MetadataCondition(BaseModel):
    model_config = ConfigDict(extra="ignore")

    logical_operator: Literal["and", "or"] | None = "and"
    conditions: list[Condition] = []

    def holds_for(self, document: Document) -> bool:
        """Raises InvalidFilter."""
        verdicts = [condition.holds_for(document) for condition in self.conditions]
        return any(verdicts) if self.logical_operator == "or" else all(verdicts)


def _values_of(document: Document, name: str) -> list[str]:
    metadata = dict(document.properties.metadata)
    if name in metadata:
        return [metadata[name]]
    if name == "tags":
        return [*document.properties.tags]
    return [document.name] if name == "document" else []


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
