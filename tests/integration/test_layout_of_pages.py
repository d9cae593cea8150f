"""Layouts of drawn pages, through the sandboxed child: columns, tables, forms, remarks; what can go wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pymupdf
import pytest

from indexer.base.layout import Block, BlockKind, LayoutSource
from indexer.base.pages import PageWords
from indexer.base.settings import IndexerSettings
from indexer.inputs.rasterizer import OpenDocument, Rasterizer
from indexer.inputs.sandbox.frames import Frame
from indexer.layout.document_layout import DocumentLayout

PROSE = "The harbour office counts the boats that come and go on every day of the year and tells"
SITES = [
    ("Northern group",),
    ("Aalen, field by\nthe old mill", "120", "4.1", "", "3.9"),
    ("Bremen", "95", "", "80", "2.2"),
    ("Southern group",),
    ("Ulm", "140", "5.5", "133", "5.0"),
    ("Graz, terraces\nand slopes", "77", "2.8", "70", "2.6"),
]


def laid_out(
    document: Any, folder: Path, **settings: Any
) -> tuple[list[PageWords], list[LayoutSource], list[str]]:
    path = folder / "a.pdf"
    path.write_bytes(document.tobytes())
    layout = DocumentLayout()
    with Rasterizer(IndexerSettings(**settings)).open(path) as opened:
        pages = [layout.lay_out(page) for page in opened.pages()]
    return (
        [page.words for page in pages],
        [page.words.layout.source for page in pages],
        opened.warnings,
    )


def a_table(page: Any) -> None:
    """No rules, two rows of heads, cells of two lines, empty cells, names of groups."""
    page.insert_text((50, 60), "Table 4. Results of the trial by site", fontsize=12)
    for x, text in ((50, "Site"), (230, "Spring"), (390, "Autumn")):
        page.insert_text((x, 90), text, fontname="hebo", fontsize=10)
    for x, text in ((190, "Plants"), (270, "Yield (t)"), (350, "Plants"), (430, "Yield (t)")):
        page.insert_text((x, 106), text, fontname="hebo", fontsize=10)
    y = 130
    for row in SITES:
        for x, text in zip((50, 190, 270, 350, 430), row, strict=False):
            for i, line in enumerate(text.split("\n")):
                font = "hebo" if len(row) == 1 else "helv"
                page.insert_text((x, y + 12 * i), line, fontname=font, fontsize=10)
        y += 18 + 12 * max(text.count("\n") for text in row)


def add_field(page: Any, box: tuple[float, ...], name: str, value: Any, **facts: Any) -> None:
    widget = pymupdf.Widget()
    widget.field_name, widget.rect = name, pymupdf.Rect(box)
    widget.field_type = facts.pop("field_type", pymupdf.PDF_WIDGET_TYPE_TEXT)
    widget.field_value = value
    for fact, content in facts.items():
        setattr(widget, fact, content)
    page.add_widget(widget)


def a_form(page: Any) -> None:
    page.insert_text((50, 60), "Registration of a dog", fontsize=16)
    for x, y, text in (
        (50, 100, "Name of the owner"), (300, 100, "Date of birth"), (50, 150, "Name of the dog"),
        (140, 200, "vaccinated"), (240, 200, "chipped"),
    ):  # fmt: skip
        page.insert_text((x, y), text, fontsize=9)
    add_field(page, (50, 104, 250, 122), "a", "Mirela Stanescu")
    add_field(page, (300, 104, 450, 122), "b", "14 March 1981")
    add_field(page, (50, 154, 250, 172), "c", "Bolt")
    box = pymupdf.PDF_WIDGET_TYPE_CHECKBOX
    add_field(page, (120, 189, 134, 203), "d", True, field_type=box)
    add_field(page, (220, 189, 234, 203), "e", False, field_type=box)
    add_field(page, (300, 154, 450, 172), "f", "Vizsla", field_label="Breed of the dog")


def table_of(words: PageWords) -> Block:
    (table,) = [block for block in words.layout.blocks if block.kind == BlockKind.TABLE]
    return table


def cells_of(words: PageWords) -> list[list[str]]:
    rows: list[list[str]] = [[] for _ in range(table_of(words).n_rows)]
    for cell in table_of(words).cells:
        rows[cell.row].append(words.quote(cell.start, cell.stop))
    return rows


RIGHT_CELLS = [
    ["Site", "Spring", "Autumn"],
    ["", "Plants", "Yield (t)", "Plants", "Yield (t)"],
    *([" ".join(text.split()) for text in row] for row in SITES),
]


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_table_without_rules_has_its_cells_and_heads(tmp_path: Path, rotation: int) -> None:
    source = pymupdf.open()
    a_table(source.new_page())
    sides = (595, 842) if rotation in (0, 180) else (842, 595)
    document = pymupdf.open()
    page = document.new_page(width=sides[0], height=sides[1])
    page.show_pdf_page(page.rect, source, 0, rotate=rotation)
    page.set_rotation(rotation)
    (words,), sources, warnings = laid_out(document, tmp_path)
    assert (sources, warnings) == ([LayoutSource.MODEL], [])
    assert cells_of(words) == RIGHT_CELLS
    table = table_of(words)
    spans = {words.quote(c.start, c.stop): c.n_columns for c in table.cells if c.n_columns > 1}
    assert spans == {"Spring": 2, "Autumn": 2, "Northern group": 5, "Southern group": 5}
    assert {c.row for c in table.cells if c.is_head} == {0, 1}
    assert {c.column for c in table.cells if c.is_row_head} == {0}


def test_a_table_typeset_sideways_has_its_cells(tmp_path: Path) -> None:
    source = pymupdf.open()
    a_table(source.new_page())
    document = pymupdf.open()
    page = document.new_page(width=842, height=595)
    page.show_pdf_page(page.rect, source, 0, rotate=90)
    (words,), _, _ = laid_out(document, tmp_path)
    assert cells_of(words) == RIGHT_CELLS


@pytest.mark.parametrize("layout", ["always", "never"])
def test_three_columns_drawn_row_by_row_are_read_one_by_one(tmp_path: Path, layout: str) -> None:
    document = pymupdf.open()
    page = document.new_page()
    page.insert_text((50, 60), "Spring newsletter of the sailing club for members", fontsize=20)
    for i in range(12):
        for column, x in zip("ABC", (50, 220, 390), strict=True):
            page.insert_text(
                (x, 110 + 14 * i), f"column {column} line {i} tells of boats", fontsize=10
            )
    (words,), _, _ = laid_out(document, tmp_path, layout=layout)
    lines = words.text().splitlines()
    assert lines[0].startswith("Spring newsletter")
    assert lines[1:] == [f"column {c} line {i} tells of boats" for c in "ABC" for i in range(12)]
    assert words.layout.blocks[0].kind == BlockKind.HEADING


@pytest.mark.parametrize("layout", ["auto", "never"])
@pytest.mark.parametrize("rotation", [0, 90, 180])
def test_a_form_says_what_was_filled_in(tmp_path: Path, layout: str, rotation: int) -> None:
    document = pymupdf.open()
    page = document.new_page()
    a_form(page)
    page.set_rotation(rotation)
    (words,), _, _ = laid_out(document, tmp_path, layout=layout)
    fields = {
        words.quote(b.start, b.label_stop): (words.quote(b.label_stop, b.stop), b.is_ticked)
        for b in words.layout.blocks
        if b.label_stop is not None
    }
    assert fields == {
        "Name of the owner": ("Mirela Stanescu", None),
        "Date of birth": ("14 March 1981", None),
        "Name of the dog": ("Bolt", None),
        "Breed of the dog": ("Vizsla", None),
        "vaccinated": ("☑", True),
        "chipped": ("☐", False),
    }
    assert "Registration of a dog" in words.text()


def test_remarks_and_replies_are_notes_and_hidden_ones_are_not(tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page()
    page.insert_text((50, 80), "The bridge will be closed from May to July.", fontsize=12)
    page.insert_text((50, 120), "Traffic is led over the southern dam.", fontsize=12)
    rect = page.search_for("from May to July")[0]
    comment = page.add_highlight_annot(rect)
    comment.set_info(content="August as well, see the permit.", title="K. Brandt")
    comment.update()
    reply = page.add_text_annot((rect.x1, rect.y0), "Agreed, until 14 August.")
    reply.set_info(title="L. Osei")
    reply.set_irt_xref(comment.xref)
    reply.update()
    hidden = page.add_text_annot((300, 300), "secret")
    hidden.set_flags(2)
    hidden.update()
    page.add_freetext_annot((50, 200, 400, 225), "Approved on 19 January", fontsize=10)
    (words,), _, _ = laid_out(document, tmp_path)
    blocks = words.layout.blocks
    notes = [(b.author, words.quote(b.start, b.stop)) for b in blocks if b.kind == BlockKind.NOTE]
    assert notes == [
        ("K. Brandt", "August as well, see the permit."),
        ("L. Osei", "Agreed, until 14 August."),
        ("", "Approved on 19 January"),
    ]
    assert "secret" not in words.texts
    assert words.texts.count("Approved") == 1


def test_the_model_is_asked_only_where_a_page_may_need_it(tmp_path: Path) -> None:
    document = pymupdf.open()
    prose = document.new_page()
    for i in range(40):
        prose.insert_text((72, 72 + 15 * i), PROSE, fontsize=10)
    a_table(document.new_page())
    document.new_page()
    model, lines = LayoutSource.MODEL, LayoutSource.LINES
    assert laid_out(document, tmp_path)[1] == [lines, model, lines]
    assert laid_out(document, tmp_path, layout="always")[1] == [model] * 3
    assert laid_out(document, tmp_path, layout="never")[1] == [lines] * 3


def test_without_memory_for_the_model_pages_come_without_it(tmp_path: Path) -> None:
    document = pymupdf.open()
    for _ in range(3):
        a_table(document.new_page())
    pages, sources, warnings = laid_out(
        document, tmp_path, rasterizer_memory_bytes=256 * 1024**2, page_dpi=60
    )
    assert sources == [LayoutSource.LINES] * 3
    assert all("Bremen" in words.texts for words in pages)
    assert "the layout model failed" in warnings[0]


def test_a_page_on_which_the_model_is_too_slow_comes_without_it(tmp_path: Path) -> None:
    document = pymupdf.open()
    for _ in range(3):
        a_table(document.new_page())
    pages, sources, warnings = laid_out(document, tmp_path, page_cpu_s=0.15)
    assert len(pages) == 3
    assert LayoutSource.LINES in sources
    assert "the layout model failed" in warnings[0]


def test_fields_in_the_cells_of_a_table_are_its_values(tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page()
    for row, texts in enumerate(
        (("Tool", "Checked", "Remarks"), ("Crane",), ("Winch",), ("Pump",))
    ):
        for column, text in enumerate(texts):
            page.insert_text((56 + 150 * column, 116 + 30 * row), text, fontsize=11)
    for i in range(5):
        page.draw_line((50, 95 + 30 * i), (500, 95 + 30 * i))
    for x in (50, 200, 350, 500):
        page.draw_line((x, 95), (x, 215))
    box = pymupdf.PDF_WIDGET_TYPE_CHECKBOX
    for row, (is_checked, remark) in enumerate(((True, "new rope"), (False, ""), (True, "leaks"))):
        y = 130 + 30 * row
        add_field(page, (260, y, 274, y + 14), f"a{row}", is_checked, field_type=box)
        add_field(page, (356, y - 2, 490, y + 18), f"b{row}", remark)
    (words,), _, _ = laid_out(document, tmp_path)
    assert cells_of(words) == [
        ["Tool", "Checked", "Remarks"],
        ["Crane", "☑", "new rope"],
        ["Winch", "☐", ""],
        ["Pump", "☑", "leaks"],
    ]


def test_what_pages_before_took_of_the_memory_costs_no_page_its_layout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library keeps some memory for each page; a new child has it all."""
    document = pymupdf.open()
    for _ in range(4):
        a_table(document.new_page())
    children: list[int] = []
    asks = OpenDocument._layout_frame

    def without_memory_from_the_third_page_on(opened: OpenDocument, number: int) -> Frame:
        frame = asks(opened, number)
        children.append(opened._first_of_child)
        if number - opened._first_of_child < 2:
            return frame
        header = frame.header | {"gives_up": True, "problem": "bad_alloc", "regions": []}
        return Frame(header | {"source": "lines"}, frame.body)

    monkeypatch.setattr(OpenDocument, "_layout_frame", without_memory_from_the_third_page_on)
    _, sources, warnings = laid_out(document, tmp_path)
    assert sources == [LayoutSource.MODEL] * 4
    assert children == [1, 1, 1, 3, 3]
    assert not warnings
