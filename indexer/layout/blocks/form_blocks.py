"""Make blocks of a form's fields: the words of their labels and their values.

A label is what the document calls the field; where those words stand on the page, they are it. Without a name
it is the nearest words to the left or above, of a box to tick those to its right.
"""

from __future__ import annotations

from collections.abc import Sequence

from indexer.base.layout import BlockKind, PageBox
from indexer.base.regions import FormField
from indexer.layout.blocks.field_labels import labels_of
from indexer.layout.drafts import BlockDraft, DraftWord, Piece, box_around, frame_around
from indexer.layout.holding import words_inside
from indexer.layout.upright import Upright

TICKED, NOT_TICKED = "☑", "☐"
_ADDED_LINE = 2_000_000  # lines of words that were added are none of the page's
_IN_CELLS = 100_000  # numbers of fields in cells, apart from those of others
_MAX_GLYPHS = 2  # of the drawing inside a box to tick: letters of a font of symbols


def take_fields(
    words: list[DraftWord],
    fields: Sequence[FormField],
    pieces: Sequence[Piece],
    upright: Upright,
    used_words: set[int],
) -> list[BlockDraft]:
    """Return a block for each field that has a label or a value; words are taken, added and left out.

    pieces  of the page's own words outside of fields, from which labels are taken
    """
    values = [_value(words, field, number, used_words) for number, field in enumerate(fields)]
    for value in values:
        used_words.update(value)
    free = [piece for piece in pieces if not used_words.intersection(piece.words)]
    labels = labels_of(words, fields, upright.frames([field.box for field in fields]), free)
    blocks: list[BlockDraft] = []
    for number, (field, value, piece) in enumerate(zip(fields, values, labels, strict=True)):
        label = piece.words if piece else _add(words, field.label, field.box, number)
        used_words.update(label)
        if not label and not value:
            continue
        frames = [upright.frames([field.box])[0]] + ([piece.frame] if piece else [])
        blocks.append(
            BlockDraft(
                BlockKind.FIELD,
                box_around([field.box, *(words[i].box for i in label)]),
                [[*label, *value]],
                units=[frame_around(frames)],
                n_label_words=len(label),
                is_ticked=field.is_ticked,
            )
        )
    return blocks


def write_values(words: list[DraftWord], fields: Sequence[FormField], used_words: set[int]) -> None:
    """Make the values of fields words of the page, where it does not show them as words."""
    for number, field in enumerate(fields):
        _value(words, field, _IN_CELLS + number, used_words)


def words_in_fields(words: Sequence[DraftWord], fields: Sequence[FormField]) -> set[int]:
    """Return the positions of all words that stand inside of fields."""
    return {i for field in fields for i in words_inside(words, field.box, set())}


def _value(
    words: list[DraftWord], field: FormField, number: int, used_words: set[int]
) -> list[int]:
    """Return the words of a field's value; those inside that are none are taken and in no block."""
    drawing = words_inside(words, field.box, used_words)
    if field.is_ticked is not None:
        used_words.update(i for i in drawing if len(words[i].text) <= _MAX_GLYPHS)
        return _add(words, TICKED if field.is_ticked else NOT_TICKED, field.box, number)
    if not field.is_drawn:
        used_words.update(drawing)
        return _add(words, field.value, field.box, number)
    drawn_text = "".join(words[i].text for i in drawing)
    value = "".join(field.value.split())
    is_in_pieces = drawn_text == value and len(drawing) > len(field.value.split())
    is_cut_off = drawn_text != value and drawn_text in value
    if is_in_pieces or is_cut_off:
        used_words.update(drawing)
        return _add(words, field.value, field.box, number)
    return drawing


def _add(words: list[DraftWord], text: str, box: PageBox, number: int) -> list[int]:
    """Add the words of a text, each with its share of the box."""
    texts = text.split()
    n_characters = sum(map(len, texts)) or 1
    x0, y0, x1, y1 = box
    first, n_done = len(words), 0
    for word in texts:
        left = x0 + (x1 - x0) * n_done // n_characters
        n_done += len(word)
        right = x0 + (x1 - x0) * n_done // n_characters
        words.append(DraftWord(word[:256], (left, y0, right, y1), _ADDED_LINE + number))
    return list(range(first, len(words)))
