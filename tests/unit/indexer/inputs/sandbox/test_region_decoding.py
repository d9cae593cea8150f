"""Layout frames that lie, one lie at a time."""

from __future__ import annotations

from typing import Any

import pytest

from indexer.base.layout import BlockKind, LayoutSource
from indexer.base.regions import TextDirection
from indexer.inputs.sandbox.frames import MAX_FIELD_CHARACTERS, MAX_REGIONS, BadFrame, Frame
from indexer.inputs.sandbox.region_decoding import decode_regions

NAN = float("nan")
BOX = [0.1, 0.2, 0.5, 0.6]
CELLS = [[0, 0, 1, 1, True, *BOX], [0, 1, 1, 2, False, *BOX], [1, 0, 2, 1, False, *BOX]]
FIELD = {"box": BOX, "label": "Name", "value": "", "is_ticked": None, "is_drawn": True}
REMARK = {"box": BOX, "text": "no", "author": "R. Osei", "about": BOX, "is_drawn": False}


def frame(**changes: Any) -> Frame:
    header = {
        "direction": "upright",
        "source": "model",
        "regions": [["text", *BOX], ["table", *BOX, CELLS]],
        "rules": [BOX],
        "tick_boxes": [BOX],
        "form_rules": [BOX],
        "fields": [FIELD],
        "remarks": [REMARK],
    }
    return Frame(header | changes, bytearray())


def test_an_honest_frame_becomes_regions() -> None:
    page = decode_regions(frame())
    assert (page.source, page.direction) == (LayoutSource.MODEL, TextDirection.UPRIGHT)
    assert [region.kind for region in page.regions] == [BlockKind.TEXT, BlockKind.TABLE]
    assert page.regions[0].box == (6554, 13107, 32768, 39321)
    assert [(c.row, c.column, c.n_columns, c.is_head) for c in page.regions[1].cells] == [
        (0, 0, 1, True),
        (0, 1, 2, False),
        (1, 0, 1, False),
    ]
    assert page.fields[0].label == "Name"
    assert page.remarks[0].author == "R. Osei"


def _cell(**changes: Any) -> list[Any]:
    places = {"row": 0, "column": 0, "n_rows": 1, "n_columns": 1, "is_head": False} | changes
    return [["table", *BOX, [[*places.values(), *BOX]]]]


@pytest.mark.parametrize(
    "lie",
    [
        {"direction": "sideways"},
        {"direction": None},
        {"source": "none"},
        {"source": 7},
        {"regions": None},
        {"regions": [["text", *BOX]] * (MAX_REGIONS + 1)},
        {"regions": [["advert", *BOX]]},
        {"regions": [["text", *BOX[:3]]]},
        {"regions": [["text", *BOX, CELLS]]},
        {"regions": [["table", *BOX, "cells"]]},
        {"regions": [["table", *BOX, CELLS[::-1]]]},
        {"regions": [["table", *BOX, [CELLS[0], CELLS[0]]]]},
        {"regions": _cell(row=-1)},
        {"regions": _cell(row=True)},
        {"regions": _cell(column=10**6)},
        {"regions": _cell(n_rows=0)},
        {"regions": _cell(is_head=1)},
        {"rules": [[0.1, 0.2, 0.5]]},
        {"tick_boxes": [BOX] * 501},
        {"form_rules": None},
        {"rules": [[0.1, 0.2, 0.5, NAN]]},
        {"rules": [[0.1, 0.2, 0.5, 1.5]]},
        {"rules": [[0.5, 0.2, 0.1, 0.6]]},
        {"rules": [[0.1, 0.2, 0.5, True]]},
        {"fields": [FIELD | {"box": None}]},
        {"fields": [FIELD | {"label": "x" * (MAX_FIELD_CHARACTERS + 1)}]},
        {"fields": [FIELD | {"value": "a\0b"}]},
        {"fields": [FIELD | {"value": "\udfff"}]},
        {"fields": [FIELD | {"is_ticked": 1}]},
        {"fields": [FIELD | {"is_drawn": None}]},
        {"fields": ["a field"]},
        {"remarks": [REMARK | {"text": None}]},
        {"remarks": [REMARK | {"about": [1]}]},
        {"remarks": [None]},
    ],
    ids=str,
)
def test_a_lie_is_not_believed(lie: dict[str, Any]) -> None:
    with pytest.raises(BadFrame):
        decode_regions(frame(**lie))


def test_a_layout_has_no_body() -> None:
    with pytest.raises(BadFrame):
        decode_regions(Frame(frame().header, bytearray(1)))
