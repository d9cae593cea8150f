"""Pairs of label and value beside each other: each value is named by the label before it."""

from __future__ import annotations

from generator.extraction.labelled_values import labelled_values
from generator.passages.questions.parsed_question import read_question
from generator.passages.splitting.page_passages import passages_of
from generator.passages.values.cells import answers_in_kind
from generator.passages.values.value import value_of
from indexer.base.pages import PageWords
from tests.support.laid_out import page_of, plain_table, table


def data_sheet() -> PageWords:
    rows = [("Hydraulics", "", "Motor", ""), ("Flow", "26 m³/h", "Supply", "400 V"),
            ("General",), ("Water", "2 to 60 °C", "Weight", "61 kg")]  # fmt: skip
    cells = [
        (i, j, text, {"is_head": i == 0, "is_row_head": i > 0 and j % 2 == 0,
                      "n_columns": 4 if len(row) == 1 else 1})
        for i, row in enumerate(rows) for j, text in enumerate(row)
    ]  # fmt: skip
    return page_of(table(cells))


def test_each_pair_is_a_passage_and_its_value_is_named_by_its_own_label() -> None:
    words = data_sheet()
    passages = passages_of(words)
    quotes = [passage.quote for passage in passages]
    assert quotes == ["Hydraulics", "Motor", "Flow 26 m³/h", "Supply 400 V", "General",
                      "Water 2 to 60 °C", "Weight 61 kg"]  # fmt: skip
    value = value_of(read_question("What is the weight of the pump?"), words, passages[-1])
    assert value is not None and (value.text, value.says) == ("61 kg", "General, Weight")


def test_extraction_reads_each_pair_by_its_label() -> None:
    pairs = [(value.label, value.value.text) for value in labelled_values(data_sheet())]
    assert pairs == [("Flow", "26 m³/h"), ("Supply", "400 V"), ("Water", "2 to 60 °C"),
                     ("Weight", "61 kg")]  # fmt: skip


def test_how_often_is_answered_by_a_row_with_an_interval() -> None:
    question = read_question("How often must the oil be changed?")
    for head, is_answer in (("Interval", True), ("Grade", False)):
        words = page_of(plain_table([head, "Task"], ["2,000 h", "Change the oil"]))
        tasks = passages_of(words)[-1].table
        assert tasks is not None
        assert answers_in_kind(question, tasks, 1, tasks.rows[1][1]) == is_answer
