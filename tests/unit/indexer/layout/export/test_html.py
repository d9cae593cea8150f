"""A page as HTML: real spans, heads with their scope, figures with captions, everything escaped."""

from indexer.base.layout import BlockKind
from indexer.layout.export.html import page_html
from indexer.layout.export.page_content import page_content
from tests.support.laid_out import block, field, page_of, plain_table, table


def html(*parts: object) -> str:
    return page_html(page_content(page_of(*parts)))  # type: ignore[arg-type]


def test_spans_and_heads_are_real() -> None:
    text = html(
        table(
            [
                (0, 0, "Part", {"is_head": True, "n_rows": 2}),
                (0, 1, "Price", {"is_head": True, "n_columns": 2}),
                (1, 1, "net", {"is_head": True}),
                (1, 2, "gross", {"is_head": True}),
                (2, 0, "Bolt", {"is_row_head": True}),
                (2, 2, "1.19", {}),
            ]
        )
    )
    assert (
        '<thead><tr><th scope="col" rowspan="2">Part</th><th scope="colgroup" colspan="2">Price</th></tr>'
        '<tr><th scope="col">net</th><th scope="col">gross</th></tr></thead>'
        '<tbody><tr><th scope="row">Bolt</th><td></td><td>1.19</td></tr></tbody>'
    ) in text


def test_heads_of_the_page_before_stand_above_a_table_that_goes_on() -> None:
    text = html(table([(0, 0, "Bolt", {})], heads=("Part <b>",)))
    assert '<thead><tr><th scope="col">Part &lt;b&gt;</th></tr></thead>' in text


def test_a_figure_has_its_box_words_and_caption() -> None:
    text = html(
        block(BlockKind.PICTURE, "Flow"), block(BlockKind.CAPTION, "Figure 3. Flow", about=0)
    )
    assert text.startswith('<figure class="picture" data-box="0.0458 ')
    assert text.endswith("<p>Flow</p><figcaption>Figure 3. Flow</figcaption></figure>")


def test_items_and_fields_are_lists_and_notes_are_asides() -> None:
    text = html(
        block(BlockKind.LIST_ITEM, "• one"),
        block(BlockKind.TEXT, "between"),
        field("Paid", "", True),
        block(BlockKind.NOTE, "why?", author="Ida"),
    )
    assert text.count("<ul>") == 2
    assert ">☑ Paid</li>" in text
    assert text.endswith("<b>Ida:</b> why?</aside>")


def test_running_heads_and_feet_are_told_apart() -> None:
    text = html(block(BlockKind.PAGE_HEADER, "ACME"), block(BlockKind.PAGE_FOOTER, "7"))
    assert text.startswith("<header")
    assert "<footer" in text


def test_nothing_of_a_page_is_markup() -> None:
    attack = "<script>alert(1)</script>\"'&"
    text = html(
        block(BlockKind.TITLE, attack),
        plain_table((attack,), (attack,)),
        field(attack, attack),
        block(BlockKind.NOTE, attack, author=attack),
        block(BlockKind.PICTURE, attack),
    )
    assert "<script" not in text
    assert text.count("&lt;script&gt;") == 8
