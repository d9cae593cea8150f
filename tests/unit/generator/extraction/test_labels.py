"""Which label names a field, and what is read of the value behind it."""

from __future__ import annotations

from generator.answering.structured.row_schema import read_row_schema
from generator.answering.structured.schema_fields import SchemaField
from generator.answering.structured.table_records import table_records
from generator.extraction.budget import Budget, Spending
from generator.extraction.label_matching import match_label
from generator.extraction.labelled_values import labelled_values
from indexer.base.layout import BlockKind
from tests.support.laid_out import block, page_of, plain_table
from tests.support.laid_out import field as form_field


def field(name: str, kind: str = "string", *labels: str) -> SchemaField:
    return SchemaField((name,), kind, name, True, labels=(*labels, name.replace("_", " ")))


def test_a_label_names_a_field_whole_or_not_at_all() -> None:
    lines = ("Due date: 3 May 2026", "Invoice no. A-17 of this year", "Net weight, empty: 12 kg")
    found = list(labelled_values(page_of(*(block(BlockKind.TEXT, line) for line in lines))))
    assert [(value.label, value.value.text) for value in found] == [
        ("Due date", "3 May 2026"), ("Invoice no.", "A-17"), ("Net weight, empty", "12 kg"),
    ]  # fmt: skip
    assert match_label(field("due_date"), found).value == "3 May 2026"
    assert match_label(field("invoice_number", "string", "invoice no."), found).value == "A-17"
    assert match_label(field("net_weight", "integer"), found).value == 12
    for unnamed in ("weight_of_the_box", "date_of_payment", "invoice_total"):
        assert match_label(field(unnamed), found).position is None


def test_two_values_of_one_name_are_told_and_not_chosen_between() -> None:
    found = list(labelled_values(page_of(form_field("Date", "3 May"), form_field("Date", "4 May"))))
    match = match_label(field("date"), found)
    assert match.value is None and match.problem == "the document names several: 3 May; 4 May"
    again = page_of(form_field("Date", "3 May"), form_field("Date:", "3 May"))
    assert match_label(field("date"), list(labelled_values(again))).value == "3 May"
    years = page_of(plain_table(["", "2024", "2023"], ["Net income", "29", "25"]))
    latest = match_label(field("net_income", "integer"), list(labelled_values(years)))
    assert latest.value == 29, "of one row the latest year, as answers have it"


def test_lists_of_objects_are_parted_from_the_values() -> None:
    schema = {
        "properties": {
            "total": {"type": "number"},
            "order": {
                "type": "object",
                "properties": {"lines": {"type": "array", "items": {"$ref": "#/$defs/line"}}},
            },
        },
        "$defs": {"line": {"type": "object", "properties": {"item": {"type": "string"}}}},
    }
    row_schema = read_row_schema(schema)
    assert row_schema.names == ["total", "order.lines"]
    assert [part.name for part in row_schema.lists[0].fields] == ["item"]


def test_a_list_goes_on_over_the_pages_of_its_table_and_two_tables_are_not_mixed() -> None:
    heads = ["Item", "Price, EUR"]
    schema = {
        "properties": {
            "lines": {
                "type": "array",
                "items": {"properties": {"item": {"type": "string"}, "price": {"type": "number"}}},
            }
        }
    }
    (lines,) = read_row_schema(schema).lists
    first = page_of(plain_table(heads, ["Bolt", "1.50"], ["Nut", "on request"]))
    second = page_of(plain_table(heads, ["Washer", "0.20"]))
    other = page_of(plain_table(["Item", "Price, EUR", "Colour"], ["Rose", "3.00", "red"]))
    records, problem = table_records(lines, [(1, first), (2, second), (3, page_of())])
    assert not problem and [record.page_number for record in records] == [1, 1, 2]
    values = [{name: value for name, (value, _) in record.cells.items()} for record in records]
    assert values == [
        {"item": "Bolt", "price": 1.5}, {"item": "Nut"}, {"item": "Washer", "price": 0.2},
    ]  # fmt: skip
    records, problem = table_records(lines, [(1, first), (2, other)])
    assert records == [] and problem.startswith("2 tables")


def test_a_budget_is_looked_at_between_documents_and_lets_the_first_through() -> None:
    times = iter([0.0, 5.0, 5.0])
    spending = Spending(Budget(seconds=1.0, tokens=10), clock=lambda: next(times))
    assert spending.end() == ""
    spending.add({"prompt_tokens": 4, "completion_tokens": 2})
    assert spending.end() == "1 s"
    by_tokens = Spending(Budget(tokens=6))
    by_tokens.add({"prompt_tokens": 4, "completion_tokens": 2})
    assert by_tokens.end() == "6 tokens"
