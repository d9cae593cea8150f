"""A JSON schema as fields, and the words of a page as their values."""

from __future__ import annotations

from typing import Any

import pytest

from generator.answering.structured.schema_fields import (
    MAX_FIELDS,
    SchemaField,
    check_schema,
    complaint_about,
    fields_of,
    filled_object,
)
from generator.errors import InvalidSchema


def field(kind: str, *options: Any) -> SchemaField:
    return SchemaField(("x",), kind, "x", False, options)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("string", " 45 Nm ", "45 Nm"), ("string", " ", None),
        ("number", "1,234.5 EUR", 1234.5), ("number", "−3.5 °C", -3.5), ("number", "none", None),
        ("integer", "45 Nm", 45), ("integer", "5.1 A", None), ("integer", "1,200 h", 1200),
        ("boolean", "yes", True), ("boolean", "No", False), ("boolean", "perhaps", None),
    ],
)  # fmt: skip
def test_words_are_read_as_the_kind_of_value_that_is_asked_for(
    kind: str, text: str, value: Any
) -> None:
    assert field(kind).value_of(text) == value


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1.922,00 €", 1922), ("5.717,71 €", 5717.71), ("1.234.567", 1234567), ("12,5 %", 12.5),
        ("0,375", 0.375), ("1,500", 1500), ("1'234.50 CHF", 1234.5), ("1 234,50", 1234.5),
        ("1,00,000", 100000), ("–€641", -641), ("− 5 °C", -5), ("$ (1,215)", -1215),
        ("10 m2", 10), ("3rd", 3),
    ],
)  # fmt: skip
def test_a_number_is_read_in_any_form_that_leaves_no_doubt(text: str, number: float) -> None:
    assert field("number").value_of(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "2 to 60 °C", "3 h 35 min", "5.50 - 6.50", "26 April 2025", "12.5.2024", "1/2",
        "0117 496 0331", "KD-340", "45k", "1,5,6",
    ],
)  # fmt: skip
def test_what_is_no_number_or_several_is_none(text: str) -> None:
    assert field("number").value_of(text) is None


def test_a_field_of_the_format_date_is_written_as_json_has_dates() -> None:
    schema = {
        "type": "object",
        "properties": {"due": {"type": ["string", "null"], "format": "date"}},
    }
    (due,) = fields_of(schema)
    assert due.value_of("Due by 26 April 2025.") == "2025-04-26"
    assert due.value_of("12.5.2024") == "2024-05-12"
    for text in ("04/05/2024", "April 2025", "1 May 2025 to 3 May 2025", "ten days"):
        assert due.value_of(text) is None


def test_of_options_the_longest_that_stands_in_the_text_is_taken() -> None:
    pump = field("string", "pump", "pump set", "valve")
    assert pump.value_of("The Pump set is blue.") == "pump set"
    assert pump.value_of("A pumping station") is None


def test_objects_references_and_nulls_become_fields_with_paths() -> None:
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {
            "maker": {"$ref": "#/$defs/Maker"},
            "weightKg": {"anyOf": [{"type": "number"}, {"type": "null"}]},
            "state": {"type": ["string", "null"], "description": "state of repair"},
        },
        "$defs": {"Maker": {"type": "object", "properties": {"name": {"type": "string"}}}},
    }
    check_schema(schema)
    maker, weight, state = fields_of(schema)
    assert (maker.name, maker.about, maker.is_nullable) == ("maker.name", "name of maker", False)
    assert (weight.kind, weight.about, weight.is_nullable) == ("number", "weight Kg", True)
    assert state.is_described and state.about == "state of repair"
    values = {maker.path: "Hale", weight.path: None, state.path: "good"}
    assert filled_object(values) == {"maker": {"name": "Hale"}, "weightKg": None, "state": "good"}


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array"},
        {"type": 7},
        {"type": "object", "properties": {"a": {"$ref": "https://example.org/a.json"}}},
    ],
)
def test_what_is_no_schema_of_an_object_is_refused(schema: Any) -> None:
    with pytest.raises(InvalidSchema):
        check_schema(schema)


@pytest.mark.parametrize(
    "properties",
    [
        {},
        {"a": {"type": "array", "items": {"type": "string"}}},
        {"a": {"type": ["string", "number"]}},
        {str(n): {"type": "string"} for n in range(MAX_FIELDS + 1)},
    ],
)
def test_what_quotations_cannot_fill_is_refused(properties: Any) -> None:
    with pytest.raises(InvalidSchema):
        fields_of({"type": "object", "properties": properties})


def test_a_schema_that_refers_to_itself_ends() -> None:
    part = {"type": "object", "properties": {"a": {"$ref": "#/$defs/P"}}}
    with pytest.raises(InvalidSchema, match="too deep"):
        fields_of({**part, "$defs": {"P": part}})


def test_a_complaint_names_the_place() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["b"]}
    assert complaint_about({"a": 1, "b": 2}, schema) == ""
    assert complaint_about({"a": "x", "b": 2}, schema).startswith("a: ")
    assert "required" in complaint_about({"a": 1}, schema)


def test_complaints_name_several_places_in_words_of_json() -> None:
    fields = {name: {"type": "integer"} for name in "abcdefg"}
    complaint = complaint_about(dict.fromkeys("abcdefg"), {"type": "object", "properties": fields})
    assert complaint.startswith("a: null is not of type 'integer'; b: null is not")
    assert complaint.endswith("; and 2 more")
