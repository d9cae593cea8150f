"""Find the regions of a page and the cells of its tables, in the child.

The model reads upright pages: one with a rotation, or with text typeset sideways, is shown to it as a turned
copy, and what it finds is turned back. Boxes are fractions of the displayed page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any

from indexer.inputs.pdf.pages.paint_log import PaintLog
from indexer.inputs.pdf.regions import layout_model
from indexer.inputs.pdf.regions.table_rules import rules_of
from indexer.layout.placed_words import Box

# Clockwise degrees by which a page has to be turned for its text to be upright.
_TURNS = {"upright": 0, "up": 90, "upside_down": 180, "down": 270}


def regions_of(document: Any, page: Any, direction: str, paint: PaintLog) -> dict[str, Any]:
    """Return {"regions", "rules"} of a page whose text runs in `direction`, and of what it paints.

    A region is [class, x0, y0, x1, y1], of a table with its cells behind: [row, column, rows, columns,
    is head, x0, y0, x1, y1]. A rule is [x0, y0, x1, y1].
    """
    shown_page = page
    if not document.is_pdf:
        page = _pdf_copy(page)
        document = page.parent
    turn = _TURNS[direction]
    upright = page if turn == page.rotation == 0 else _turned_copy(document, page, turn)
    width, height = upright.rect.width, upright.rect.height
    if upright is not shown_page:
        paint = upright.get_bboxlog()
    groups = layout_model.groups_of(upright)
    tables = _tables(upright) if any(g["class_name"] == "table" for g in groups) else []

    def place(box: Sequence[float]) -> list[float]:
        x0, y0, x1, y1 = box
        return _turned_back((x0 / width, y0 / height, x1 / width, y1 / height), turn)

    regions: list[list[Any]] = [
        [group["class_name"], *place(group["group_bbox"])]
        for group in groups
        if group["class_name"] != "table" or not tables
    ]
    for table in tables:
        cells = [[*head, *place(box)] for *head, box in _cells(table)]
        regions.append(["table", *place(table.bbox), cells])
    return {
        "regions": regions,
        "rules": [place(box) for box in rules_of(upright, [t.bbox for t in tables], paint)],
    }


def _pdf_copy(page: Any) -> Any:
    """Return a page of another format as the only one of a PDF, as the model wants it."""
    import pymupdf
    from pymupdf import mupdf

    content = BytesIO()
    writer = pymupdf.DocumentWriter(content)
    device = mupdf.fz_begin_page(writer.this, mupdf.fz_bound_page(page.this))
    mupdf.fz_run_page(page.this, device, mupdf.FzMatrix(), mupdf.FzCookie())
    mupdf.fz_end_page(writer.this)
    writer.close()
    return pymupdf.open(stream=content.getvalue(), filetype="pdf").load_page(0)


def _turned_copy(document: Any, page: Any, turn: int) -> Any:
    """Return a page without a rotation that shows what is displayed, turned clockwise."""
    import pymupdf

    rotation = page.rotation
    sides = page.rect.width, page.rect.height
    width, height = sides if turn in (0, 180) else sides[::-1]
    copy = pymupdf.open()
    try:
        page.set_rotation(0)  # otherwise it would be shown scaled
        target = copy.new_page(width=width, height=height)
        target.show_pdf_page(target.rect, document, page.number, rotate=-(rotation + turn))
    finally:
        page.set_rotation(rotation)
    return target


def _turned_back(box: Box, turn: int) -> list[float]:
    """Return a box on the displayed page of one on the turned copy, both in fractions; inside the page."""
    x0, y0, x1, y1 = (min(1.0, max(0.0, float(v))) for v in box)
    match turn:
        case 90:
            return [y0, 1 - x1, y1, 1 - x0]
        case 180:
            return [1 - x1, 1 - y1, 1 - x0, 1 - y0]
        case 270:
            return [1 - y1, x0, 1 - y0, x1]
        case _:
            return [x0, y0, x1, y1]


def _tables(page: Any) -> list[Any]:
    """Return the tables of a page on which the model has seen some."""
    finder = page.find_tables(union=True, refine=True)
    return [] if finder is None else [table for table in finder.tables if table.placements]


def _cells(table: Any) -> Iterator[tuple[int, int, int, int, bool, Box]]:
    """Yield row, column, rows, columns, whether it is a head, and box of each cell, laid out as in HTML."""
    places: set[tuple[int, int]] = set()
    for row, placements in enumerate(table.placements):
        column = 0
        for placement in placements:
            if placement is None:
                column += 1
                continue
            while (row, column) in places:
                column += 1
            n_rows, n_columns = placement.rowspan, placement.colspan
            places.update((row + i, column + j) for i in range(n_rows) for j in range(n_columns))
            if placement.bbox is not None:
                is_head = placement.tag == "th" and row < max(1, table.header_rows)
                yield row, column, n_rows, n_columns, is_head, tuple(placement.bbox)
            column += n_columns
