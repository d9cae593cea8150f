"""Every row of every table of the samples is exported as it was drawn, each cell in its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pymupdf
import pytest

from indexer.base.layout import LayoutSource
from indexer.inputs.sources import Source
from indexer.layout.export.page_content import page_content
from indexer.layout.export.table_grid import grid_of
from tests.builders import fake_services
from tests.conftest import ROOT

SAMPLES = ROOT / "samples"


def drawn_rows(file: str, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """The rows that the program of a sample draws, without those that only head a section."""
    monkeypatch.syspath_prepend(str(SAMPLES))
    import draw  # type: ignore[import-not-found]
    from drawing.tables import Table  # type: ignore[import-not-found]

    rows: list[tuple[str, ...]] = []
    draw_table = Table.draw

    def note(self: Any, canvas: Any, x: float, y: float, table_rows: Any) -> Any:
        rows.extend(tuple(row.cells) for row in table_rows if row.kind != "section")
        return draw_table(self, canvas, x, y, table_rows)

    monkeypatch.setattr(Table, "draw", note)
    sample = next(sample for sample in draw.SAMPLES if sample.file == file)
    sample.build(pymupdf.open())
    return rows


def letters_of(cells: tuple[str, ...]) -> tuple[str, ...]:
    return tuple("".join(cell.split()) for cell in cells)


@pytest.mark.parametrize("file", ["financial-statements.pdf", "pump-manual.pdf"])
def test_every_cell_is_in_its_place(
    file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = fake_services(tmp_path / "data", layout="always")
    collection = services.create_collection("c")
    outcome = services.pipeline.ingest(collection, Source(SAMPLES / file, file))
    assert outcome.document_id is not None
    pages = services.stores.catalog.pages
    page_ids = [page.id for page in pages.of_document(outcome.document_id)]
    contents = [page_content(words) for words in pages.words(page_ids).values()]
    assert {content.layout for content in contents} == {LayoutSource.MODEL}
    grids = [grid_of(table) for content in contents for table in content.tables]
    exported = {letters_of(row) for grid in grids for row in (grid.heads, *grid.rows)}
    drawn = drawn_rows(file, monkeypatch)
    assert len(drawn) > 50
    assert [row for row in drawn if not is_among(row, exported)] == []


def is_among(row: tuple[str, ...], exported: set[tuple[str, ...]]) -> bool:
    """Whether a row was exported, whole or parted in two: lists beside each other are tables of their own."""
    parted = (
        letters_of(row[:n]) in exported and letters_of(row[n:]) in exported
        for n in range(1, len(row))
    )
    return letters_of(row) in exported or any(parted)
