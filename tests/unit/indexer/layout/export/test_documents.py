"""A document in three formats: page breaks with number and printed label, pages that are missing."""

import json

from indexer.base.layout import BlockKind
from indexer.base.page_names import page_name
from indexer.layout.export.documents import ExportFormat, ExportPage, export_pieces
from indexer.layout.export.page_content import page_content
from tests.support.laid_out import block, field, page_of, plain_table

CONTENT = page_content(
    page_of(
        block(BlockKind.PAGE_HEADER, "ACME"),
        block(BlockKind.HEADING, "Prices"),
        plain_table(("Part", "Price"), ("Bolt", "1.00")),
        field("Name", "Ann"),
        block(BlockKind.NOTE, "why?", author="Ida", about=1),
    )
)
PAGES = [
    ExportPage(1, "i", 11, 595.0, 842.0, "text", CONTENT),
    ExportPage(2),
    ExportPage(3, "3", 13, 595.0, 842.0, "none", page_content(page_of())),
]


def whole(format_: ExportFormat) -> str:
    return "".join(export_pieces(format_, "abc", "a <b>.pdf", iter(PAGES)))


def test_markdown_names_each_page_and_leaves_running_heads_out() -> None:
    assert whole(ExportFormat.MARKDOWN) == (
        '*page 1, printed "i"*\n\n### Prices\n\n| Part | Price |\n| --- | --- |\n| Bolt | 1.00 |\n\n'
        "- Name: Ann\n\n> **Note by Ida:** why?\n"
        "\n---\n\n*page 2*\n\n*This page could not be read.*\n"
        "\n---\n\n*page 3*\n"
    )


def test_html_is_a_document_of_sections() -> None:
    text = whole(ExportFormat.HTML)
    assert "<title>a &lt;b&gt;.pdf</title>" in text
    assert text.count('<section class="page"') == 3
    assert "page 1, printed &quot;i&quot;" in text
    assert "<header" in text
    assert text.endswith("</html>\n")


def test_json_has_all_that_is_known_and_names_missing_pages() -> None:
    body = json.loads(whole(ExportFormat.JSON))
    assert (body["document_id"], body["document"], body["missing_pages"]) == (
        "abc",
        "a <b>.pdf",
        [2],
    )
    first, last = body["pages"]
    assert (first["page_id"], first["page_label"], first["layout"]) == (11, "i", "model")
    assert [one["kind"] for one in first["blocks"]] == [
        "page_header", "heading", "table", "field", "note",
    ]  # fmt: skip
    assert [cell["text"] for cell in first["tables"][0]["cells"]] == [
        "Part",
        "Price",
        "Bolt",
        "1.00",
    ]
    assert first["fields"] == [{"block": 3, "label": "Name", "value": "Ann", "is_ticked": None}]
    assert first["notes"] == [{"block": 4, "author": "Ida", "text": "why?", "about": 1}]
    assert last["blocks"] == []


def test_a_document_of_no_readable_page_is_json_too() -> None:
    pieces = export_pieces(ExportFormat.JSON, "abc", "a", iter([ExportPage(1)]))
    assert json.loads("".join(pieces))["missing_pages"] == [1]


def test_a_page_is_named_by_its_label_where_that_differs() -> None:
    assert page_name(9) == page_name(9, "9") == page_name(9, " 9 ") == "page 9"
    assert page_name(9, "3") == 'page 9, printed "3"'
    assert page_name(9, "iv", n_pages=12) == 'page 9 of 12, printed "iv"'
    assert page_name(9, "two\nlines") == 'page 9, printed "two lines"'
    assert len(page_name(9, "x" * 500)) < 60
