"""A page header that no page had before is the title of its page; one that comes again is a running head."""

from __future__ import annotations

from indexer.base.layout import BlockKind
from indexer.base.regions import Region
from indexer.layout.document_layout import DocumentLayout
from tests.unit.indexer.layout.test_assembly import box, page_of, seen


def kinds_of_heads(*heads: str, height: float = 10.0) -> list[BlockKind]:
    """Return what the head of each page is; their text begins below."""
    document, kinds = DocumentLayout(), []
    for number, head in enumerate(heads, 1):
        regions = seen(
            Region(BlockKind.PAGE_HEADER, box(40, 20, 500, 20 + height + 10)),
            Region(BlockKind.TEXT, box(40, 90, 600, 190)),
        )
        body = [(50.0, 100.0 + 15 * i, "prose of a page that goes on for a line") for i in range(4)]
        page = page_of([(50.0, 25.0, head), *body], regions, number)
        kinds.append(document.lay_out(page).words.layout.blocks[0].kind)
    return kinds


def test_a_head_that_is_new_behind_the_first_pages_is_a_heading() -> None:
    heads = [
        "Yearly report",
        "Yearly report",
        "Yearly report",
        "Exhibit of the auditors",
        "Yearly report",
    ]
    assert kinds_of_heads(*heads) == [
        BlockKind.PAGE_HEADER,
        BlockKind.PAGE_HEADER,
        BlockKind.PAGE_HEADER,
        BlockKind.HEADING,
        BlockKind.PAGE_HEADER,
    ]


def test_a_misread_head_and_one_with_a_page_number_stay_running_heads() -> None:
    heads = ["MCS 51 CONTROLLER"] * 4 + ["MC5 51 C0NTROLLER", "Discussion 175"]
    assert set(kinds_of_heads(*heads)) == {BlockKind.PAGE_HEADER}
