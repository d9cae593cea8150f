"""Which reader read a document: the number goes up when the same file would give other words or blocks."""

from __future__ import annotations

# 1: before 0.2.0; 2: marks, layout, OCR by ink; 3: tables by their rules, leaders apart;
# 4: heads and ends of tables that the model left outside, spans, printed page numbers;
# 5: lines from the right, sideways and raised on pages with pictures;
# 6: rows and heads of tables by their lines and rules, lists by their dots; photographs with a picture of
#    their depth are one page, light drawings stand on black; labels of Markdown begin their line;
# 7: rows of tables by the strokes of their rules, printouts, contents and indexes by their lines;
# 8: second names of rows, in tables of pairs; labels and values of forms without fields;
#    figures a space apart in a text
# 9: signs of fonts of symbols, boxes to tick that are drawn;
#    labels in boxes, and above what they name in larger print; filled blanks
READER = 9


def is_older(reader: int | None) -> bool:
    """Say whether pages were read by an older reader than today's. None: before readers had numbers."""
    return (reader or 1) < READER
