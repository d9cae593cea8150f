"""A page as HTML: headings, paragraphs, lists, tables with real spans, figures, fields and notes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from itertools import groupby

from indexer.base.layout import BlockKind
from indexer.base.pages import FractionBox
from indexer.layout.export.markdown import captions_of_pictures, field_text
from indexer.layout.export.page_content import PageBlock, PageContent, PageTable, TableCell
from indexer.layout.export.table_grid import n_head_rows

_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_LISTS = (BlockKind.LIST_ITEM, BlockKind.FIELD)
_TAGS = {
    BlockKind.PAGE_HEADER: "header",
    BlockKind.PAGE_FOOTER: "footer",
}
_CLASSES = {
    BlockKind.CAPTION: "caption",
    BlockKind.FOOTNOTE: "footnote",
    BlockKind.FORMULA: "formula",
}


def as_html(text: str) -> str:
    """Return text as it may stand in an element or between quotation marks."""
    return escape(_CONTROLS.sub(" ", text))


def page_html(content: PageContent) -> str:
    """Return the elements of a page, one a line."""
    return "\n".join(_elements(content))


def _elements(content: PageContent) -> Iterator[str]:
    captions = captions_of_pictures(content)
    positions = (i for i in range(len(content.blocks)) if i not in captions.values())
    for is_list, group in groupby(positions, lambda i: _is_item(content.blocks[i])):
        elements = [_element(content, i, captions) for i in group]
        if is_list:
            elements = ["<ul>", *elements, "</ul>"]
        yield from filter(None, elements)


def _is_item(block: PageBlock) -> bool:
    return block.kind in _LISTS


def _element(content: PageContent, position: int, captions: dict[int, int]) -> str:
    block = content.blocks[position]
    for table in content.tables:
        if table.block == position:
            return _table(table, block.box)
    for field in content.fields:
        if field.block == position:
            return f'<li class="field"{_box(block.box)}>{as_html(field_text(field))}</li>'
    for note in content.notes:
        if note.block == position:
            author = f"<b>{as_html(note.author)}:</b> " if note.author else ""
            return f'<aside class="note"{_box(block.box)}>{author}{as_html(note.text)}</aside>'
    if block.kind is BlockKind.PICTURE:
        return _figure(content, position, captions)
    return _text_element(block)


def _text_element(block: PageBlock) -> str:
    if not block.text:
        return ""
    text = as_html(block.text).replace("\n", "<br>")
    if block.kind is BlockKind.LIST_ITEM:
        return f"<li{_box(block.box)}>{text}</li>"
    tag = f"h{block.level}" if block.level is not None else _TAGS.get(block.kind, "p")
    name = _CLASSES.get(block.kind)
    class_part = f' class="{name}"' if name else ""
    return f"<{tag}{class_part}{_box(block.box)}>{text}</{tag}>"


def _figure(content: PageContent, position: int, captions: dict[int, int]) -> str:
    block = content.blocks[position]
    words = as_html(block.text).replace("\n", "<br>")
    parts = f"<p>{words}</p>" if words else ""
    if position in captions:
        parts += f"<figcaption>{as_html(content.blocks[captions[position]].text)}</figcaption>"
    return f'<figure class="picture"{_box(block.box)}>{parts}</figure>'


def _table(table: PageTable, box: FractionBox) -> str:
    n_heads = n_head_rows(table)
    rows = ["<tr>" + "".join(_cells(table, row)) + "</tr>" for row in range(table.n_rows)]
    head, body = rows[:n_heads], rows[n_heads:]
    if not head and any(table.heads):  # they stand on a page before
        head = [
            "<tr>" + "".join(f'<th scope="col">{as_html(t)}</th>' for t in table.heads) + "</tr>"
        ]
    parts = [f"<thead>{''.join(head)}</thead>" if head else "", f"<tbody>{''.join(body)}</tbody>"]
    other_part = f"<p>{as_html(table.other_text)}</p>" if table.other_text else ""
    return f"<table{_box(box)}>{''.join(parts)}</table>{other_part}"


def _cells(table: PageTable, row: int) -> Iterator[str]:
    """Yield the cells that begin in a row, and an empty one for each place that no cell covers."""
    cells_by_place = {
        (cell.row + i, cell.column + j): cell
        for cell in table.cells
        for i in range(cell.n_rows)
        for j in range(cell.n_columns)
    }
    for column in range(table.n_columns):
        cell = cells_by_place.get((row, column))
        if cell is None:
            yield "<td></td>"
        elif (cell.row, cell.column) == (row, column):
            yield _cell(cell)


def _cell(cell: TableCell) -> str:
    spans = f' rowspan="{cell.n_rows}"' if cell.n_rows > 1 else ""
    spans += f' colspan="{cell.n_columns}"' if cell.n_columns > 1 else ""
    tag, scope = "td", ""
    if cell.is_head:
        tag, scope = "th", ' scope="colgroup"' if cell.n_columns > 1 else ' scope="col"'
    elif cell.is_row_head:
        tag, scope = "th", ' scope="rowgroup"' if cell.n_rows > 1 else ' scope="row"'
    return f"<{tag}{scope}{spans}>{as_html(cell.text)}</{tag}>"


def _box(box: FractionBox) -> str:
    return f' data-box="{" ".join(f"{value:g}" for value in box)}"'
