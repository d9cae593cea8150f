"""Put the words of a page in reading order, in the blocks, cells and fields they belong to.

A word belongs to the smallest region that holds its centre. Words in no region, and all words of a page that
no model looked at, form blocks by where they stand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from indexer.base.layout import BlockKind, LayoutSource
from indexer.base.pages import PageWords, RenderedPage
from indexer.base.regions import Region, TextDirection
from indexer.layout.blocks.boxed_labels import boxed_fields
from indexer.layout.blocks.chart_labels import bars_of
from indexer.layout.blocks.filled_blanks import with_filled_blanks
from indexer.layout.blocks.form_blocks import take_fields, words_in_fields, write_values
from indexer.layout.blocks.form_lines import blocks_of_text
from indexer.layout.blocks.labels_above import fields_with_labels_above
from indexer.layout.blocks.line_blocks import blocks_of_lines
from indexer.layout.blocks.note_blocks import take_remarks
from indexer.layout.blocks.paragraphs import as_body, join_paragraphs
from indexer.layout.blocks.tick_boxes import keep_boxes_beside_labels, with_tick_boxes
from indexer.layout.blocks.tick_fields import tick_fields
from indexer.layout.cut import rows_in_order
from indexer.layout.drafts import BlockDraft, DraftWord, Piece, block_of_pieces
from indexer.layout.holding import NO_REGION, fills_page, owners_of
from indexer.layout.line_breaks import Vocabulary
from indexer.layout.pieces import pieces_of
from indexer.layout.placing import in_reading_order
from indexer.layout.tables.continued_tables import join_continued_tables
from indexer.layout.tables.edges.group_names_above import with_group_names_above
from indexer.layout.tables.edges.outside_lines import with_outside_lines
from indexer.layout.tables.edges.outside_rows import with_outside_rows
from indexer.layout.tables.edges.ruled_bands import with_ruled_bands
from indexer.layout.tables.edges.text_above_rule import with_text_above_rule
from indexer.layout.tables.form_tables import tables_with_fields
from indexer.layout.tables.heads.bold_heads import unmark_plain_heads
from indexer.layout.tables.leader_regions import with_leader_lists
from indexer.layout.tables.region_tables import table_drafts
from indexer.layout.tables.rows.ruled_stacks import join_ruled_stacks
from indexer.layout.tables.rows.split_tables import join_split_tables
from indexer.layout.tables.table_rules import rules_inside
from indexer.layout.tables.text_tables import unmark_texts
from indexer.layout.upright import Upright, is_read_from_the_right
from indexer.layout.writing import write_page


def assemble(page: RenderedPage, vocabulary: Vocabulary | None = None) -> PageWords:
    """Return the words of a page in reading order, with their layout.

    vocabulary  of the document's pages before; the words of this one are added
    """
    words = with_tick_boxes(with_filled_blanks(_draft_words(page.words)), page)
    upright = Upright(
        page.width_pt,
        page.height_pt,
        page.regions.direction,
        page.regions.direction == TextDirection.UPRIGHT
        and is_read_from_the_right(page.words.texts),
    )
    regions = page.regions.regions
    rules = page.regions.rules
    if page.regions.direction == TextDirection.UPRIGHT:
        word_frames = upright.frames([word.box for word in words])
        regions = join_ruled_stacks(words, word_frames, regions, rules)
        regions = with_leader_lists(words, word_frames, regions)
        regions = with_ruled_bands(words, word_frames, regions, rules)
        regions = with_outside_rows(words, word_frames, regions)
        regions = with_outside_lines(words, word_frames, regions)
        regions = with_group_names_above(words, word_frames, regions, rules)
        regions = with_text_above_rule(words, word_frames, regions, rules)
    regions = join_split_tables(words, regions)
    rules = rules_inside(rules, regions)
    page = replace(page, regions=replace(page.regions, regions=regions, rules=rules))
    used_words: set[int] = set()
    blocks = take_remarks(words, page.regions.remarks, upright, used_words)
    tables = tables_with_fields(words, page.regions.regions, page.regions.fields)
    blocks += _field_blocks(words, page, tables, upright, used_words)
    frames = upright.frames([word.box for word in words])
    form_rules = upright.frames(page.regions.form_rules)
    owners = owners_of([word.box for word in words], [region.box for region in regions])
    form_boxes = boxed_fields(words, frames, form_rules, regions, owners, used_words)
    blocks += form_boxes.blocks
    blocks += tick_fields(words, frames, regions, owners, used_words)
    blocks += fields_with_labels_above(words, frames, regions, owners, used_words)
    no_tables = form_boxes.forms | _forms(page, tables)
    blocks += _region_blocks(words, frames, page, owners, no_tables, upright, used_words)
    unmark_plain_heads(words, blocks)
    frames = upright.frames([word.box for word in words])  # some were added
    blocks_in_order = join_continued_tables(frames, in_reading_order(as_body(words, blocks)))
    unmark_texts(words, frames, blocks_in_order)
    blocks_in_order = join_paragraphs(words, blocks_in_order)
    return write_page(words, blocks_in_order, page, frames, vocabulary or Vocabulary())


def _draft_words(words: PageWords) -> list[DraftWord]:
    boxes, lines, marks = words.boxes.tolist(), words.lines.tolist(), words.marks.tolist()
    return [
        DraftWord(text, tuple(boxes[i]), lines[i], marks[i], i)
        for i, text in enumerate(words.texts)
    ]


def _field_blocks(
    words: list[DraftWord],
    page: RenderedPage,
    tables: set[int],
    upright: Upright,
    used_words: set[int],
) -> list[BlockDraft]:
    """Return the blocks of fields; the values of those in cells of `tables` become words of the page."""
    fields = page.regions.fields
    if not fields:
        return []
    owners = owners_of([f.box for f in fields], [region.box for region in page.regions.regions])
    in_cells = [f for f, owner in zip(fields, owners.tolist(), strict=True) if owner in tables]
    fields = tuple(
        f for f, owner in zip(fields, owners.tolist(), strict=True) if owner not in tables
    )
    write_values(words, in_cells, used_words)
    frames = upright.frames([word.box for word in words])
    in_fields = words_in_fields(words, fields) | used_words
    members = [i for i in range(len(words)) if i not in in_fields]
    pieces = pieces_of(words, frames, members, [NO_REGION] * len(words))
    return take_fields(words, fields, pieces, upright, used_words)


def _region_blocks(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    page: RenderedPage,
    owners: NDArray[np.int64],
    no_tables: set[int],
    upright: Upright,
    used_words: set[int],
) -> list[BlockDraft]:
    """Return the blocks of all words that are not taken, and of regions without words.

    owners     (W,) as `owners_of` has them; written to
    no_tables  the regions that are forms: their words have blocks of their own
    """
    regions = page.regions.regions
    members = [i for i in range(len(words)) if i not in used_words]
    keep_boxes_beside_labels(words, owners)
    for number, region in enumerate(regions):
        is_scan = region.kind == BlockKind.PICTURE and fills_page(region.box)
        if is_scan or number in no_tables:
            owners[owners == number] = NO_REGION
    of_region: dict[int, list[Piece]] = defaultdict(list)
    for piece in pieces_of(words, frames, members, owners.tolist()):
        of_region[int(owners[piece.words[0]])].append(piece)
    is_modelled = page.regions.source == LayoutSource.MODEL
    blocks = blocks_of_lines(words, frames, of_region.pop(NO_REGION, []), is_modelled=is_modelled)
    for number, region in enumerate(regions):
        blocks += _blocks(words, frames, region, of_region.get(number, []), page, upright)
    return blocks


def _forms(page: RenderedPage, tables: set[int]) -> set[int]:
    """Return the tables that fields stand in, but for those in whose cells they do."""
    regions = page.regions.regions
    field_owners = owners_of([f.box for f in page.regions.fields], [r.box for r in regions])
    return {
        number
        for number in set(field_owners.tolist()) - {NO_REGION} - tables
        if regions[number].kind == BlockKind.TABLE
    }


def _blocks(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    region: Region,
    pieces: Sequence[Piece],
    page: RenderedPage,
    upright: Upright,
) -> list[BlockDraft]:
    """Return the blocks of a region: most often one, none where it is empty and no picture."""
    frame = upright.frames([region.box])[0]
    if region.kind == BlockKind.TABLE and pieces and any(cell.column for cell in region.cells):
        return table_drafts(words, frames, region, pieces, page.regions.rules, upright)
    if region.kind == BlockKind.PICTURE:
        bars, pieces = bars_of(words, pieces) if pieces else (None, pieces)
        rows = [[i for piece in row for i in piece.words] for row in _piece_rows(pieces)]
        picture = BlockDraft(region.kind, region.box, rows, units=[frame])
        return [picture] if bars is None else [picture, bars]
    if not pieces:
        return []
    kind = BlockKind.TEXT if region.kind == BlockKind.TABLE else region.kind
    piece_rows = _piece_rows(pieces)
    if kind == BlockKind.TEXT:
        return blocks_of_text(words, frames, region.box, piece_rows)
    return [block_of_pieces(kind, region.box, piece_rows)]


def _piece_rows(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Return pieces row by row, in reading order."""
    if not pieces:
        return []
    frames = np.stack([piece.frame for piece in pieces])
    return [[pieces[i] for i in row] for row in rows_in_order(frames)]
