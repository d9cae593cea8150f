"""Decode layout frames. The child is not trusted: every size, name and number is checked here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, TypeVar

from indexer.base.layout import BlockKind, LayoutSource, PageBox
from indexer.base.pages import BOX_SCALE
from indexer.base.regions import (
    FormField,
    PageRegions,
    Region,
    RegionCell,
    Remark,
    TextDirection,
)
from indexer.inputs.sandbox.frames import (
    MAX_CELLS,
    MAX_FIELD_CHARACTERS,
    MAX_FIELDS,
    MAX_REGIONS,
    MAX_REMARKS,
    MAX_RULES,
    MAX_TICK_BOXES,
    BadFrame,
    Frame,
)

# The classes of the layout model inside PyMuPDF 2.0.
_KINDS = {
    "title": BlockKind.TITLE,
    "section-header": BlockKind.HEADING,
    "text": BlockKind.TEXT,
    "list-item": BlockKind.LIST_ITEM,
    "table": BlockKind.TABLE,
    "picture": BlockKind.PICTURE,
    "caption": BlockKind.CAPTION,
    "formula": BlockKind.FORMULA,
    "footnote": BlockKind.FOOTNOTE,
    "page-header": BlockKind.PAGE_HEADER,
    "page-footer": BlockKind.PAGE_FOOTER,
}
_MAX_LOAD_S = 1e6
_MAX_SIDE = 10_000  # rows or columns of a table

T = TypeVar("T")


def decode_regions(frame: Frame) -> PageRegions:
    """Return what a layout frame says. Raises BadFrame when the child may not send it."""
    header = frame.header
    if frame.body:
        raise BadFrame("a layout with a body")
    try:
        direction = TextDirection(str(header.get("direction")))
        source = LayoutSource(str(header.get("source")))
    except ValueError as error:
        raise BadFrame("a layout of an unknown kind") from error
    if source == LayoutSource.NONE:
        raise BadFrame("a layout from nowhere")
    regions = _entries(header, "regions", MAX_REGIONS, _region)
    if sum(len(region.cells) for region in regions) > MAX_CELLS:
        raise BadFrame("more cells than a page has")
    return PageRegions(
        regions=regions,
        rules=_entries(header, "rules", MAX_RULES, _box),
        tick_boxes=_entries(header, "tick_boxes", MAX_TICK_BOXES, _box),
        form_rules=_entries(header, "form_rules", MAX_RULES, _box),
        fields=_entries(header, "fields", MAX_FIELDS, _field),
        remarks=_entries(header, "remarks", MAX_REMARKS, _remark),
        source=source,
        direction=direction,
    )


def decode_load_s(frame: Frame) -> float:
    """Return the seconds that the child says it took to load the layout model; raises BadFrame."""
    load_s = frame.header.get("load_s", 0.0)
    if type(load_s) not in (int, float) or not 0 <= load_s < _MAX_LOAD_S:
        raise BadFrame("a model that took no time to load")
    return float(load_s)


def is_model_loaded(frame: Frame) -> bool:
    """Say whether the child asked the layout model, and had it."""
    return frame.header.get("is_loaded") is True


def _entries(
    header: dict[str, Any], name: str, limit: int, decode: Callable[[Any], T]
) -> tuple[T, ...]:
    entries = header.get(name)
    if not isinstance(entries, list) or len(entries) > limit:
        raise BadFrame(f"no {name}, or too many")
    return tuple(map(decode, entries))


def _region(entry: Any) -> Region:
    if not isinstance(entry, list) or len(entry) not in (5, 6) or not isinstance(entry[0], str):
        raise BadFrame("a region that is none")
    kind = _KINDS.get(entry[0])
    if kind is None:
        raise BadFrame("a region of an unknown class")
    cells: Sequence[Any] = entry[5] if len(entry) == 6 else []
    if not isinstance(cells, list) or len(cells) > MAX_CELLS or (cells and kind != BlockKind.TABLE):
        raise BadFrame("cells where there are none")
    region_cells = tuple(map(_cell, cells))
    if any((b.row, b.column) <= (a.row, a.column) for a, b in pairwise(region_cells)):
        raise BadFrame("cells out of order")
    return Region(kind, _box(entry[1:5]), region_cells)


def _cell(entry: Any) -> RegionCell:
    if not isinstance(entry, list) or len(entry) != 9 or type(entry[4]) is not bool:
        raise BadFrame("a cell that is none")
    numbers = entry[:4]
    if not all(type(number) is int and 0 <= number < _MAX_SIDE for number in numbers):
        raise BadFrame("a cell without a place in its table")
    row, column, n_rows, n_columns = numbers
    if n_rows < 1 or n_columns < 1:
        raise BadFrame("a cell without a size")
    return RegionCell(row, column, _box(entry[5:]), n_rows, n_columns, entry[4])


def _field(entry: Any) -> FormField:
    if not isinstance(entry, dict):
        raise BadFrame("a field that is none")
    is_ticked, is_drawn = entry.get("is_ticked"), entry.get("is_drawn")
    if not (is_ticked is None or type(is_ticked) is bool) or type(is_drawn) is not bool:
        raise BadFrame("a field that is neither ticked nor not")
    return FormField(
        _box(entry.get("box")), _text(entry, "label"), _text(entry, "value"), is_ticked, is_drawn
    )


def _remark(entry: Any) -> Remark:
    if not isinstance(entry, dict) or type(entry.get("is_drawn")) is not bool:
        raise BadFrame("a remark that is none")
    about = entry.get("about")
    return Remark(
        _box(entry.get("box")),
        _text(entry, "text"),
        _text(entry, "author"),
        None if about is None else _box(about),
        entry["is_drawn"],
    )


def _text(entry: dict[str, Any], name: str) -> str:
    text = entry.get(name)
    if not isinstance(text, str) or len(text) > MAX_FIELD_CHARACTERS or "\0" in text:
        raise BadFrame(f"no {name}")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise BadFrame("text that is not Unicode") from error
    return text


def _box(entry: Any) -> PageBox:
    """Return a box of page fractions in the steps of words' boxes."""
    if not isinstance(entry, list) or len(entry) != 4:
        raise BadFrame("no box")
    if not all(type(v) in (int, float) and 0 <= v <= 1 for v in entry):  # false for NaN
        raise BadFrame("a box that is not on the page")
    x0, y0, x1, y1 = (round(v * BOX_SCALE) for v in entry)
    if x0 > x1 or y0 > y1:
        raise BadFrame("a box that is inside out")
    return x0, y0, x1, y1
