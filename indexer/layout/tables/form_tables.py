"""Tell tables that have fields in their cells from forms that the layout model takes for tables."""

from __future__ import annotations

from collections.abc import Sequence

from indexer.base.layout import BlockKind
from indexer.base.regions import FormField, Region
from indexer.layout.drafts import DraftWord
from indexer.layout.holding import owners_of

_MIN_COLUMNS = 3
_MIN_FIELDS = 2
_MIN_NAMES = 0.6  # of the rows have words of the page in their first cell


def tables_with_fields(
    words: Sequence[DraftWord], regions: Sequence[Region], fields: Sequence[FormField]
) -> set[int]:
    """Return the numbers of the regions that are tables, with heads and names of rows, and have fields."""
    field_owners = owners_of([f.box for f in fields], [region.box for region in regions])
    return {
        number
        for number, region in enumerate(regions)
        if region.kind == BlockKind.TABLE
        and int((field_owners == number).sum()) >= _MIN_FIELDS
        and _is_table(words, region)
    }


def _is_table(words: Sequence[DraftWord], region: Region) -> bool:
    n_columns = max((cell.column + cell.n_columns for cell in region.cells), default=0)
    if n_columns < _MIN_COLUMNS:
        return False
    boxes = [cell.box for cell in region.cells]
    filled_cells = set(owners_of([word.box for word in words], boxes).tolist())
    heads = [i for i, cell in enumerate(region.cells) if cell.is_head]
    names = [i for i, cell in enumerate(region.cells) if not cell.is_head and cell.column == 0]
    n_named = sum(i in filled_cells for i in names)
    n_heads = sum(i in filled_cells for i in heads)
    return n_heads >= n_columns - 1 and n_named >= max(1, _MIN_NAMES * len(names))
