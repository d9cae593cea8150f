"""Which cells of a row name what is right of them, where pairs of label and value stand beside each other."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from indexer.base.word_marks import BOLD
from indexer.layout.assembly import assemble
from tests.unit.indexer.layout.test_assembly import page_of
from tests.unit.indexer.layout.test_mended_tables import tables_of
from tests.unit.indexer.layout.test_tables import lines_of, table

XS = (50.0, 150.0, 250.0, 350.0)
FOUR = [(45.0 + 100 * n, 145.0 + 100 * n) for n in range(4)]
FIGURES = [("Flow", "26 m³/h", "Supply", "400 V"), ("Head", "34 m", "Current", "4.9 A"),
           ("Lift", "7.5 m", "Weight", "61 kg")]  # fmt: skip
TEXTS = [("Name", "Ann Lee", "Club", "Rowers"), ("Town", "Hull", "Coach", "Bo Day")]
PEOPLE = [("Ann", "Hull", "Rowers", "Bo"), ("Cy", "York", "Fives", "Di")]


def row_heads(
    rows: Sequence[tuple[str, ...]], *, n_heads: int = 0, bold: Sequence[str] = ()
) -> set[str]:
    lines = lines_of(rows, XS)
    marks = [BOLD if text in bold else 0 for _, _, text in lines for _ in text.split()]
    words = assemble(page_of(lines, table(FOUR, len(rows), n_heads=n_heads), marks=marks))
    (block,) = tables_of(words)
    return {words.quote(c.start, c.stop) for c in block.cells if c.is_row_head and c.stop > c.start}


def labels_in(rows: Sequence[tuple[str, ...]], *columns: int) -> set[str]:
    return {row[column] for row in rows for column in columns if row[column]}


@pytest.mark.parametrize(
    ("heads", "rows"),
    [
        (None, FIGURES),
        (("Hydraulics", "", "Motor", ""), FIGURES),
        (("Item", "Said", "Item", "Said"), TEXTS),
        (None, [(f"{a}:", b, f"{c}:", d) for a, b, c, d in TEXTS]),
    ],
)
def test_labels_of_a_second_pair_name_their_values(
    heads: tuple[str, ...] | None, rows: list[tuple[str, ...]]
) -> None:
    all_rows = [heads, *rows] if heads else rows
    assert row_heads(all_rows, n_heads=int(heads is not None)) == labels_in(rows, 0, 2)


def test_bold_tells_labels_from_values() -> None:
    labels = labels_in(TEXTS, 0, 2)
    assert row_heads(TEXTS, bold=sorted(labels)) == labels


@pytest.mark.parametrize("heads", [None, ("Name", "Town", "Club", "Coach")])
def test_rows_of_people_have_one_name_each(heads: tuple[str, ...] | None) -> None:
    rows = [heads, *PEOPLE] if heads else PEOPLE
    assert row_heads(rows, n_heads=int(heads is not None)) == labels_in(PEOPLE, 0)
