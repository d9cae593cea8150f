"""What a program printed is a table: figures below each other, a space apart, in a text of the model."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from indexer.base.layout import BlockKind
from indexer.base.pages import PageWords
from indexer.base.regions import Region
from indexer.layout.assembly import assemble
from tests.unit.indexer.layout.test_assembly import Line, box, page_of, rows_of, seen, text_of
from tests.unit.indexer.layout.test_mended_tables import heads_of, tables_of
from tests.unit.indexer.layout.test_tables import lines_of, table

TWO = [(45.0, 145.0), (145.0, 345.0)]


def printed(*rows: str) -> PageWords:
    """The words of a text in letters of one width, as the rows are typed."""
    lines: list[Line] = [
        (50.0 + 5.0 * word.start(), 100.0 + 12 * i, word[0])
        for i, row in enumerate(rows)
        for word in re.finditer(r"\S+", row)
    ]
    page = page_of(lines, seen(Region(BlockKind.TEXT, box(40, 95, 600, 115 + 12 * len(rows)))))
    numbers = [i for i, row in enumerate(rows) for _ in row.split()]
    return assemble(replace(page, words=replace(page.words, lines=np.array(numbers, np.int32))))


def table_in(rows: Sequence[str]) -> list[list[str]]:
    (block,) = tables_of(words := printed(*rows))
    return rows_of(words, block)


def test_figures_behind_names_have_the_heads_that_end_where_they_do() -> None:
    words = printed(
        "The second fit of the model says what it says",
        "            Estimate Std. Error t value",
        "age == 0     0.01996    0.03221   0.620",
        "waist == 0   0.21049    0.06714   3.135 *",
        "elbow == 0  -0.41237    1.02291  -0.403",
        "--- Codes: * for less than a twentieth",
    )
    (block,) = tables_of(words)
    assert rows_of(words, block) == [
        ["", "Estimate", "Std. Error", "t value"], ["age == 0", "0.01996", "0.03221", "0.620"],
        ["waist == 0", "0.21049", "0.06714", "3.135 *"], ["elbow == 0", "-0.41237", "1.02291", "-0.403"],
    ]  # fmt: skip
    assert heads_of(words) == ["Estimate", "Std. Error", "t value"]
    names = [words.quote(c.start, c.stop) for c in block.cells if c.is_row_head]
    assert names == ["age == 0", "waist == 0", "elbow == 0"]
    texts = [text_of(words, b) for b in words.layout.blocks if b.kind == BlockKind.TEXT]
    assert texts == ["The second fit of the model says what it says",
                     "--- Codes: * for less than a twentieth"]  # fmt: skip


def test_heads_wide_apart_do_not_keep_the_figures_below_them_together() -> None:
    rows = ["  educ    fit     se  lower  upper", "1  6.4 35.864 2.9865 29.930 41.798",
            "2  8.8 42.965 1.8275 39.334 46.596", "3 11.0 49.474 1.2842 46.923 52.026"]  # fmt: skip
    assert table_in(rows) == [["", *rows[0].split()], *(row.split() for row in rows[1:])]


def test_code_and_prose_with_figures_are_none() -> None:
    for rows in (
        ["x <- c(9.7, 8.7, 5.4,", "       5.0, 9.6, 8.8,", "       5.6, 3.6, 9.0,"],
        ["It was 12 in 1990 20", "and rather more in 21 30", "while later it fell to 7 41"],
    ):
        assert tables_of(printed(*rows)) == []


def test_numbered_lines_of_code_are_text_and_a_numbered_list_is_a_table() -> None:
    for rows, n_tables in (
        ([("1", "if (a) {"), ("2", "b = 7;"), ("3", "}")], 0),
        ([("1", "Casing"), ("2", "Wear ring"), ("3", "Shaft")], 1),
    ):
        words = assemble(page_of(lines_of(rows, (50.0, 150.0)), table(TWO, 3, n_heads=0)))
        assert len(tables_of(words)) == n_tables
