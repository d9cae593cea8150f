"""What the rasterizer says about the parts of a page, before its words are put in order.

A box is (x0, y0, x1, y1), origin top left, in 1/65535 of the page's width and height, as the words have it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from indexer.base.layout import BlockKind, LayoutSource, PageBox


class TextDirection(StrEnum):
    """Where most text of a page runs, as it is displayed."""

    UPRIGHT = "upright"
    UP = "up"  # typeset sideways: the head has to be bent to the left
    DOWN = "down"
    UPSIDE_DOWN = "upside_down"
    COLUMNS = "columns"  # East Asian: downwards, in columns from the right


@dataclass(frozen=True, slots=True)
class RegionCell:
    """A cell of a table, as in `indexer.base.layout.Cell`, of which the words are not known yet."""

    row: int
    column: int
    box: PageBox
    n_rows: int = 1
    n_columns: int = 1
    is_head: bool = False


@dataclass(frozen=True, slots=True)
class Region:
    """A part of the page that the layout model found; `cells` of a table, row by row."""

    kind: BlockKind
    box: PageBox
    cells: tuple[RegionCell, ...] = ()


@dataclass(frozen=True, slots=True)
class FormField:
    """A field of a form (a widget).

    label      what the document calls it for its readers; "" where it says nothing
    value      its text; "" where it is empty
    is_ticked  of a check box or a radio button
    is_drawn   the words inside the box are its value; false where they say something else
    """

    box: PageBox
    label: str = ""
    value: str = ""
    is_ticked: bool | None = None
    is_drawn: bool = True


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment that someone put on the page.

    about     what it marks: the highlighted words; where it stands, if it marks nothing
    is_drawn  its text stands on the page inside of `box`
    """

    box: PageBox
    text: str
    author: str = ""
    about: PageBox | None = None
    is_drawn: bool = False


@dataclass(frozen=True, slots=True)
class PageRegions:
    """Regions, fields and remarks of a page.

    rules       inside its tables, across and upright, as boxes
    tick_boxes  small squares that are drawn on it
    form_rules  all rules of a page that may be a form, the sides of boxes among them
    source      `lines` where no model looked at the page
    """

    regions: tuple[Region, ...] = ()
    rules: tuple[PageBox, ...] = ()
    tick_boxes: tuple[PageBox, ...] = ()
    form_rules: tuple[PageBox, ...] = ()
    fields: tuple[FormField, ...] = ()
    remarks: tuple[Remark, ...] = ()
    source: LayoutSource = LayoutSource.LINES
    direction: TextDirection = TextDirection.UPRIGHT
