"""Rules of tables are found however they are drawn: one by one, as boxes, or all in one stroke."""

from __future__ import annotations

import pymupdf

from indexer.inputs.pdf.regions.table_rules import rules_of

TABLE = (50.0, 50.0, 250.0, 150.0)


def heights_of(page: pymupdf.Page) -> list[int]:
    across = [
        rule
        for rule in rules_of(page, [TABLE], page.get_bboxlog())
        if rule[2] - rule[0] > rule[3] - rule[1]
    ]
    return sorted({round((rule[1] + rule[3]) / 2) for rule in across})


def test_a_grid_drawn_in_one_stroke_has_all_its_rules() -> None:
    page = pymupdf.open().new_page()
    shape = page.new_shape()
    shape.draw_rect(TABLE)
    for y in (80, 110):
        shape.draw_line((50, y), (250, y))
    shape.draw_line((150, 50), (150, 150))
    shape.finish(width=0.5)
    shape.commit()
    assert heights_of(page) == [50, 80, 110, 150]
    assert any(
        abs(x0 - 150) < 1 and y1 - y0 > 90
        for x0, y0, _, y1 in rules_of(page, [TABLE], page.get_bboxlog())
    )


def test_lines_and_boxes_drawn_apart_are_rules_and_what_is_far_from_a_table_is_none() -> None:
    page = pymupdf.open().new_page()
    page.draw_rect((50, 60, 150, 90), width=0.5)
    page.draw_line((50, 120), (250, 120), width=0.5)
    page.draw_line((300, 130), (550, 130), width=0.5)
    assert heights_of(page) == [60, 90, 120]
    assert list(rules_of(page, [], [])) == []
