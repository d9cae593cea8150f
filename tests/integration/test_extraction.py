"""Rows that a model writes, and files of rows that are gone on with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.base.errors import InvalidRowFile
from api.services.row_files import RowForm, RowFormat, open_rows, rows_done
from api.services.wiring import Services
from generator.backends.fake import FakeAnswerModel
from generator.errors import BackendCut
from generator.extraction.rows import ExtractedRow, RowError
from tests.support.small_library import library, written_by

SCHEMA = {
    "type": "object",
    "properties": {"torque": {"type": "string"}, "colours": {"type": "array", "items": {}}},
    "required": ["torque"],
}


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    yield library(tmp_path_factory.mktemp("extract"))


def test_a_model_writes_the_row_and_the_page_proves_it(services: Services) -> None:
    model = FakeAnswerModel(['{"torque": ', '"45 Nm", "colours": ["mauve"]}'])
    extraction = written_by(services, model).extractor.extract(SCHEMA, "manuals")
    (row,) = extraction.rows
    assert row.is_valid and row.data == {"torque": "45 Nm", "colours": ["mauve"]}
    assert [(v.field, v.value, v.page_number) for v in row.values] == [("torque", "45 Nm", 2)]
    assert row.values[0].box is not None and "45 Nm" in row.values[0].quote
    assert row.problems == {"colours.0": "no page proves mauve"}
    assert model.prompts[0].json_schema == SCHEMA  # what holds the model to it while it writes


def test_a_document_that_fails_has_a_row_that_says_why(services: Services) -> None:
    for model in (
        FakeAnswerModel(['{"torque": 45']),
        FakeAnswerModel([], error=BackendCut("the answer server cut the stream")),
    ):
        extraction = written_by(services, model).extractor.extract(SCHEMA, "manuals")
        (row,) = extraction.rows
        assert row.data is None and not row.is_valid and row.error is not None
        assert extraction.documents == [] and extraction.ended_by == ""


@pytest.mark.parametrize("format_", RowFormat)
def test_a_file_is_gone_on_with_behind_its_last_whole_row(
    format_: RowFormat, tmp_path: Path
) -> None:
    form = RowForm(format_, "abc", ["torque"])
    path = tmp_path / "rows"
    good = ExtractedRow("1", '=cmd|" /C', {"torque": "a\nb"}, True)
    failed = ExtractedRow("2", "b.pdf", None, False, error=RowError("backend_cut", "cut"))
    with open_rows(path, form) as file:
        file.write(form.line(good) + form.line(failed) + form.line(good).replace("1", "3")[:-4])
    assert rows_done(path, form) == {"1"}
    assert rows_done(path, form) == {"1"}, "what was taken out stays out"
    text = path.read_bytes().decode()
    assert text == form.header() + form.line(good)
    if format_ is RowFormat.CSV:
        assert "'=cmd" in text, "no spreadsheet takes it for a formula"
    else:
        assert json.loads(text)["schema"] == "abc"
    with pytest.raises(InvalidRowFile, match="another file"):
        rows_done(path, RowForm(format_, "other", ["torque"]))
