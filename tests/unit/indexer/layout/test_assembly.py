"""Words and regions become blocks in reading order: every word once, in the cell and field it belongs to."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from indexer.base.layout import Block, BlockKind, LayoutSource
from indexer.base.pages import PageWords, RenderedPage
from indexer.base.regions import (
    FormField,
    PageRegions,
    Region,
    RegionCell,
    Remark,
    TextDirection,
)
from indexer.base.word_marks import BROKEN, GLUED
from indexer.layout.assembly import assemble
from indexer.layout.document_layout import DocumentLayout

SIDE_PT = 655.35  # a point is 100 steps
Line = tuple[float, float, str]  # x, y of its top left corner in points, text
HEIGHT, ADVANCE = 10.0, 5.0  # of a letter


def page_of(
    lines: list[Line],
    regions: PageRegions | None = None,
    number: int = 1,
    marks: list[int] | None = None,
) -> RenderedPage:
    """A page of lines in the order in which they are drawn."""
    texts: list[str] = []
    boxes: list[tuple[float, float, float, float]] = []
    line_numbers: list[int] = []
    for line_number, (x, y, text) in enumerate(lines):
        for word in text.split():
            texts.append(word)
            boxes.append((x, y, x + ADVANCE * len(word), y + HEIGHT))
            line_numbers.append(line_number)
            x += ADVANCE * (len(word) + 1)
    words = PageWords(
        tuple(texts),
        (np.array(boxes).reshape(-1, 4) * 100).astype(np.uint16),
        np.array(line_numbers, np.int32),
        "text" if texts else "none",
        np.array(marks or [0] * len(texts), np.uint8),
    )
    image = Image.new("RGB", (9, 9))
    return RenderedPage(
        number, str(number), SIDE_PT, SIDE_PT, image, words, regions=regions or PageRegions()
    )


def box(x0: float, y0: float, x1: float, y1: float) -> tuple[int, int, int, int]:
    return round(x0 * 100), round(y0 * 100), round(x1 * 100), round(y1 * 100)


def seen(*regions: Region, **others: object) -> PageRegions:
    return PageRegions(regions, source=LayoutSource.MODEL, **others)  # type: ignore[arg-type]


def text_of(words: PageWords, block: Block) -> str:
    return words.text(block.start, block.stop)


def rows_of(words: PageWords, table: Block) -> list[list[str]]:
    rows: list[list[str]] = [[] for _ in range(table.n_rows)]
    for cell in table.cells:
        rows[cell.row].append(words.quote(cell.start, cell.stop))
    return rows


PROSE = "the museum opens at ten in the morning on each day"
COLUMNS = [
    line
    for i in range(6)
    for line in ((50.0, 100.0 + 14 * i, PROSE), (380.0, 100.0 + 14 * i, PROSE.upper()))
]


@pytest.mark.parametrize(
    "regions",
    [
        PageRegions(),
        seen(
            Region(BlockKind.TEXT, box(50, 100, 360, 190)),
            Region(BlockKind.TEXT, box(380, 100, 655, 190)),
        ),
    ],
    ids=["lines", "model"],
)
def test_columns_drawn_row_by_row_are_read_one_after_the_other(regions: PageRegions) -> None:
    words = assemble(page_of(COLUMNS, regions))
    assert words.text().splitlines() == [PROSE] * 6 + [PROSE.upper()] * 6
    assert [block.kind for block in words.layout.blocks] == [BlockKind.TEXT] * 2
    assert words.layout.source == regions.source


def test_a_heading_across_columns_is_read_before_both() -> None:
    heading = (
        50.0,
        60.0,
        "Rules of the house for those who visit it and for those who work in it daily",
    )
    words = assemble(page_of([*COLUMNS, heading]))
    assert words.text().startswith("Rules of the house")


def test_one_line_across_two_columns_is_parted_between_them() -> None:
    """Producers draw such rows as one run with a wide gap."""
    page = page_of(COLUMNS)
    one_run = np.array([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5])[page.words.lines].astype(np.int32)
    joined = PageWords(page.words.texts, page.words.boxes, one_run, "text")
    words = assemble(RenderedPage(1, "1", SIDE_PT, SIDE_PT, page.image, joined))
    assert words.text().splitlines() == [PROSE] * 6 + [PROSE.upper()] * 6


def test_labels_drawn_before_values_are_rows_of_a_table() -> None:
    labels = ["Place", "Driver", "Speed", "Witness"]
    values = ["Antwerp", "Noor Bakker", "38 km/h", "Pavel Simek"]
    lines = [(50.0, 100.0 + 25 * i, text) for i, text in enumerate(labels)]
    lines += [(250.0, 100.0 + 25 * i, text) for i, text in enumerate(values)]
    for regions in (PageRegions(), seen(Region(BlockKind.TEXT, box(50, 90, 400, 220)))):
        words = assemble(page_of(lines, regions))
        assert words.text().splitlines() == [
            f"{a} {b}" for a, b in zip(labels, values, strict=True)
        ]


TABLE = [
    (50.0, 100.0, "Region"), (150.0, 100.0, "Weight"), (250.0, 100.0, "Fee"),
    (150.0, 120.0, "light"), (250.0, 120.0, "9 EUR"),
    (50.0, 130.0, "Islands"),
    (150.0, 140.0, "heavy"), (250.0, 140.0, "31 EUR"),
    (150.0, 160.0, "light"), (250.0, 160.0, "4 EUR"),
    (50.0, 170.0, "Mainland"),
    (150.0, 180.0, "heavy"), (250.0, 180.0, "13 EUR"),
]  # fmt: skip
CELLS = tuple(
    RegionCell(
        row,
        column,
        box(45 + 100 * column, 95 + 20 * row, 145 + 100 * column, 115 + 20 * row),
        is_head=row == 0,
    )
    for row in range(5)
    for column in range(3)
)
RULE = box(45, 154, 345, 155)


def test_words_stand_in_their_cells_and_groups_span_their_rows() -> None:
    regions = seen(Region(BlockKind.TABLE, box(45, 95, 345, 195), CELLS), rules=(RULE,))
    words = assemble(page_of(TABLE, regions))
    (table,) = words.layout.blocks
    assert rows_of(words, table) == [
        ["Region", "Weight", "Fee"],
        ["Islands", "light", "9 EUR"],
        ["heavy", "31 EUR"],
        ["Mainland", "light", "4 EUR"],
        ["heavy", "13 EUR"],
    ]
    heads = [cell for cell in table.cells if cell.is_row_head and cell.column == 0]
    assert [(cell.row, cell.n_rows) for cell in heads] == [(1, 2), (3, 2)]
    assert [cell.row for cell in table.cells if cell.is_head] == [0, 0, 0]
    assert words.text().splitlines()[1] == "Islands light 9 EUR"


def test_a_row_with_nothing_but_a_name_spans_the_table() -> None:
    lines = [(50.0, 100.0, "Item"), (250.0, 100.0, "2025"), (50.0, 120.0, "Other income:"),
             (50.0, 140.0, "Rents"), (250.0, 140.0, "28")]  # fmt: skip
    cells = tuple(
        RegionCell(
            r, c, box(45 + 200 * c, 95 + 20 * r, 245 + 200 * c, 115 + 20 * r), is_head=r == 0
        )
        for r in range(3)
        for c in range(2)
    )
    words = assemble(page_of(lines, seen(Region(BlockKind.TABLE, box(45, 95, 445, 155), cells))))
    (table,) = words.layout.blocks
    assert [(c.row, c.n_columns) for c in table.cells if c.is_row_head] == [(1, 2), (2, 1)]


def test_a_currency_stands_with_the_figure_to_its_right() -> None:
    lines = [
        (50.0, 100.0, "Rent"),
        (150.0, 100.0, "-13"),
        (225.0, 100.0, "$"),
        (260.0, 100.0, "3,753"),
    ]
    cells = tuple(RegionCell(0, c, box(45 + 100 * c, 95, 145 + 100 * c, 115)) for c in range(3))
    words = assemble(page_of(lines, seen(Region(BlockKind.TABLE, box(45, 95, 345, 115), cells))))
    assert rows_of(words, words.layout.blocks[0]) == [["Rent", "-13", "$ 3,753"]]


def test_a_table_that_goes_on_takes_the_heads_of_the_page_before() -> None:
    region = Region(BlockKind.TABLE, box(45, 95, 345, 195), CELLS)
    below = tuple(RegionCell(c.row, c.column, c.box, c.n_rows, c.n_columns, False) for c in CELLS)
    going_on = Region(BlockKind.TABLE, box(45, 95, 345, 195), below)
    document = DocumentLayout()
    document.lay_out(page_of(TABLE, seen(region)))
    heads = ("Region", "Weight", "Fee")
    for number in (2, 3):
        page = document.lay_out(page_of(TABLE[3:], seen(going_on), number))
        assert page.words.layout.blocks[0].heads == heads
    wider = Region(BlockKind.TABLE, box(45, 95, 345, 195), below[:2])
    page = document.lay_out(page_of(TABLE[3:], seen(wider), 4))
    assert page.words.layout.blocks[0].heads == ()


FIELDS = (
    FormField(box(200, 95, 400, 112), value="Ilona Varga"),
    FormField(box(200, 125, 215, 140), is_ticked=True, is_drawn=False),
    FormField(box(200, 155, 215, 170), is_ticked=False, is_drawn=False),
    FormField(box(200, 185, 400, 200), is_drawn=False),
)


def test_fields_are_labels_and_values() -> None:
    lines = [
        (205.0, 98.0, "Ilona Varga"), (203.0, 127.0, "3"), (205.0, 188.0, "SIGN"),
        (50.0, 98.0, "Skipper"), (50.0, 127.0, "Shore power"), (50.0, 157.0, "Winter storage"),
        (50.0, 188.0, "Signature"),
    ]  # fmt: skip
    words = assemble(page_of(lines, PageRegions(fields=FIELDS)))
    fields = [
        (words.quote(b.start, b.label_stop), words.quote(b.label_stop, b.stop), b.is_ticked)
        for b in words.layout.blocks
        if b.label_stop is not None
    ]
    assert fields == [
        ("Skipper", "Ilona Varga", None),
        ("Shore power", "☑", True),
        ("Winter storage", "☐", False),
        ("Signature", "", None),
    ]
    assert "SIGN" not in words.texts
    assert "3" not in words.texts


def test_labels_above_fields_are_found_and_names_decide() -> None:
    above = (
        FormField(box(50, 115, 200, 130), value="Ilona"),
        FormField(box(300, 115, 450, 130), value="Varga"),
        FormField(box(50, 175, 200, 190), label="Port of registry", value="Hull"),
    )
    lines = [(50.0, 100.0, "First name"), (300.0, 100.0, "Last name"), (50.0, 160.0, "Remarks")]
    words = assemble(page_of(lines, PageRegions(fields=above)))
    labels = [words.quote(b.start, b.label_stop) for b in words.layout.blocks if b.label_stop]
    assert sorted(labels) == ["First name", "Last name", "Port of registry"]
    assert words.text().count("Remarks") == 1  # no label of another name


def test_remarks_are_notes_of_their_authors_behind_what_they_are_about() -> None:
    lines = [(50.0, 100.0, "The price is 48,200 euros."), (50.0, 160.0, "It takes five weeks."),
             (50.0, 220.0, "Approved on Monday")]  # fmt: skip
    remarks = (
        Remark(box(500, 100, 510, 110), "only 45,900\nsee call", "R. Osei"),
        Remark(box(50, 158, 170, 172), "four weeks!", "A. Lund", about=box(50, 158, 170, 172)),
        Remark(box(45, 215, 300, 235), "Approved on Monday", is_drawn=True),
    )
    words = assemble(page_of(lines, PageRegions(remarks=remarks)))
    notes = [b for b in words.layout.blocks if b.kind == BlockKind.NOTE]
    assert [(text_of(words, b), b.author) for b in notes] == [
        ("only 45,900\nsee call", "R. Osei"),
        ("four weeks!", "A. Lund"),
        ("Approved on Monday", ""),
    ]
    for note, subject in zip(notes, ("The price", "It takes"), strict=False):
        assert note.about is not None
        assert text_of(words, words.layout.blocks[note.about]).startswith(subject)
    assert words.texts.count("Approved") == 1


def test_marks_go_with_their_neighbours_and_new_neighbours_are_joined() -> None:
    rest = "and so on until the page has an end there"
    left = ["the committee asked for a longer no-", "tice of the change", rest, rest]
    right = ["in the other column stands a text", "of no great length", rest, rest]
    lines = [
        line
        for i in range(4)
        for line in ((50.0, 100.0 + 14 * i, left[i]), (380.0, 100.0 + 14 * i, right[i]))
    ]
    page = page_of(lines)
    page.words.marks[page.words.texts.index("in")] = GLUED  # as if it went on with `no-`
    page.words.marks[page.words.texts.index("no-")] = BROKEN
    words = assemble(page)
    assert "a longer notice of" in " ".join(word.text for word in words.searched_words())
    assert words.marks[words.texts.index("in")] == 0


def test_every_word_stands_once_whatever_the_regions_say() -> None:
    random = np.random.default_rng(7)
    for _ in range(30):
        lines = [(*random.uniform(20, 500, 2).tolist(), f"word{i} more{i}") for i in range(25)]
        regions = []
        for kind in random.choice(list(BlockKind)[:11], 6):
            x, y, w, h = random.uniform(0, 320, 4)
            cells = CELLS if kind == BlockKind.TABLE else ()
            regions.append(Region(BlockKind(kind), box(x, y, x + w, y + h), cells))
        page = page_of(lines, seen(*regions))
        words = assemble(page)
        assert sorted(words.texts) == sorted(page.words.texts)
        assert words.layout.n_words == len(words)
        assert PageWords.from_bytes(words.to_bytes()).layout == words.layout


def test_a_sideways_page_is_read_along_its_text() -> None:
    """The text runs upwards: the first line is the one furthest to the left."""
    upright = assemble(
        page_of([(50.0, 100.0, "first line here"), (50.0, 120.0, "second line there")])
    )
    turned = page_of([(50.0, 100.0, "first line here"), (50.0, 120.0, "second line there")])
    x0, y0, x1, y1 = turned.words.boxes.astype(int).T
    boxes = np.stack([y0, 65535 - x1, y1, 65535 - x0], axis=1).astype(np.uint16)
    reverse = np.arange(len(boxes))
    words = PageWords(tuple(turned.words.texts), boxes[reverse], turned.words.lines, "text")
    page = RenderedPage(
        1, "1", SIDE_PT, SIDE_PT, turned.image, words,
        regions=PageRegions(direction=TextDirection.UP),
    )  # fmt: skip
    assert assemble(page).text() == upright.text()


def test_a_page_without_words_has_an_empty_layout() -> None:
    words = assemble(page_of([]))
    assert (len(words), words.source) == (0, "none")
    assert not words.layout


def test_clauses_with_numbers_are_items_and_figures_in_a_sentence_are_not() -> None:
    texts = [
        "4.2 Warranty",
        "4.2.1 The warranty period is 30 months from delivery.",
        "4.2.2 It does not cover wear parts, which the owner buys at",
        "4.5 percent below the price of the list.",
    ]
    lines = [(50.0, 100.0 + 14 * i, text) for i, text in enumerate(texts)]
    words = assemble(page_of(lines))
    assert [text_of(words, block) for block in words.layout.blocks] == [
        texts[0],
        texts[1],
        "\n".join(texts[2:]),
    ]
