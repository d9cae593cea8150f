"""A page as Markdown: headings, whole paragraphs, lists, tables, pictures, fields and notes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from indexer.base.layout import BlockKind
from indexer.layout.export.markdown_escapes import cell, heading, inline, paragraph
from indexer.layout.export.page_content import FormField, PageBlock, PageContent, PageTable
from indexer.layout.export.table_grid import grid_of

FURNITURE = (BlockKind.PAGE_HEADER, BlockKind.PAGE_FOOTER)
_BULLET = re.compile(r"^[•·▪▫■□◦○●‣►➢✓–—*-]\s+")
_NUMBER = re.compile(r"^(\d{1,9})[.)]\s+")
_CUT = "…"


@dataclass(frozen=True, slots=True)
class MarkdownBlock:
    """A block as lines; the first `n_head_lines` make no sense alone, and no line may be parted.

    is_item  it stands close below another item: they are one list
    """

    lines: tuple[str, ...]
    n_head_lines: int = 0
    is_item: bool = False

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def page_markdown(content: PageContent, *, with_furniture: bool = False) -> str:
    """Return a page as Markdown; its running heads and feet if asked for, or where it has nothing else."""
    text = _text_of(_blocks(content, with_furniture=with_furniture))
    return text or _text_of(_blocks(content, with_furniture=True))


def page_markdown_within(content: PageContent, max_characters: int) -> tuple[str, bool]:
    """Return the page as Markdown of at most so many characters, and whether it had to be cut.

    It ends behind a whole block or a row of a table, then with `…`; only a first block that is longer than
    all there is room for ends between two words. Running heads and feet are part of it.
    """
    blocks = list(_blocks(content, with_furniture=True))
    whole = _text_of(blocks)
    if len(whole) <= max_characters:
        return whole, False
    room = max_characters - len(_CUT) - 2
    first_blocks: list[MarkdownBlock] = []
    for block in blocks:
        if len(_text_of([*first_blocks, block])) <= room:
            first_blocks.append(block)
            continue
        part = _part_within(block, room - len(_text_of(first_blocks)) - 2)
        first_blocks += [part] if part else []
        break
    if first_blocks:
        return f"{_text_of(first_blocks)}\n\n{_CUT}", True
    return _words_within(blocks[0].text, max_characters), True


def _part_within(block: MarkdownBlock, room: int) -> MarkdownBlock | None:
    """Return as many rows of a table as there is room for; nothing of any other block."""
    if not block.n_head_lines:
        return None
    n_lines = len(block.lines)
    while n_lines > block.n_head_lines and len("\n".join(block.lines[:n_lines])) > room:
        n_lines -= 1
    return MarkdownBlock(block.lines[:n_lines]) if n_lines > block.n_head_lines else None


def _words_within(text: str, max_characters: int) -> str:
    start = text[: max(max_characters - 2, 0)]
    return (start.rsplit(None, 1)[0] if len(start.split(None, 1)) > 1 else start) + f" {_CUT}"


def _text_of(blocks: Sequence[MarkdownBlock] | Iterator[MarkdownBlock]) -> str:
    text = ""
    follows_item = False
    for block in blocks:
        if text:
            text += "\n" if block.is_item and follows_item else "\n\n"
        text += block.text
        follows_item = block.is_item
    return text


def _blocks(content: PageContent, *, with_furniture: bool) -> Iterator[MarkdownBlock]:
    tables = {table.block: table for table in content.tables}
    fields = {field.block: field for field in content.fields}
    captions = captions_of_pictures(content)
    last_number = 0
    for position, block in enumerate(content.blocks):
        if block.kind is BlockKind.LIST_ITEM:
            markdown, last_number = _list_item(block.text, last_number)
            yield markdown
            continue
        last_number = 0
        if block.kind in FURNITURE and not with_furniture:
            continue
        if block.kind is BlockKind.CAPTION and position in captions.values():
            continue
        if position in tables:
            yield from _table(tables[position])
        elif position in fields:
            yield MarkdownBlock((f"- {_field(fields[position])}",), is_item=True)
        elif block.kind is BlockKind.PICTURE:
            caption = captions.get(position)
            yield _picture(block, "" if caption is None else content.blocks[caption].text)
        elif block.kind is BlockKind.NOTE:
            author = next(note.author for note in content.notes if note.block == position)
            yield _note(block, author)
        elif block.text:
            yield MarkdownBlock(_lines_of(block))


def captions_of_pictures(content: PageContent) -> dict[int, int]:
    """Return the position of the caption of each picture that has one, by that of the picture."""
    return {
        block.about: position
        for position, block in enumerate(content.blocks)
        if block.kind is BlockKind.CAPTION
        and block.about is not None
        and 0 <= block.about < len(content.blocks)
        and content.blocks[block.about].kind is BlockKind.PICTURE
    }


def _lines_of(block: PageBlock) -> tuple[str, ...]:
    if block.level is not None:
        return (f"{'#' * block.level} {heading(block.text)}",)
    if block.kind is BlockKind.CAPTION:
        return (f"*{inline(block.text)}*",)
    lines = [paragraph(line) for line in block.text.splitlines()]
    return tuple(line + "  " for line in lines[:-1]) + tuple(lines[-1:])  # two spaces: it ends here


def _list_item(text: str, last_number: int) -> tuple[MarkdownBlock, int]:
    """Return an item, and its number in a numbered list, 0 where it has none.

    Programs that show Markdown count on by themselves: a number out of turn is text.
    """
    number = _NUMBER.match(text)
    if number is not None and int(number[1]) == last_number + 1:
        line = f"{number[1]}. {paragraph(text[number.end() :])}"
        return MarkdownBlock((line,), is_item=True), last_number + 1
    line = f"- {paragraph(_BULLET.sub('', text))}"
    return MarkdownBlock((line,), is_item=True), 0


def _table(table: PageTable) -> Iterator[MarkdownBlock]:
    grid = grid_of(table)
    heads = grid.heads or ("",) * table.n_columns
    lines = [_row(heads), "|" + " --- |" * len(heads), *map(_row, grid.rows)]
    yield MarkdownBlock(tuple(lines), n_head_lines=2)
    if table.other_text:
        yield MarkdownBlock((paragraph(table.other_text),))


def _row(texts: Sequence[str]) -> str:
    return "| " + " | ".join(map(cell, texts)) + " |"


def _field(field: FormField) -> str:
    return paragraph(field_text(field))


def field_text(field: FormField) -> str:
    """Return a field as it is read: `Name: Ann Lee`, `☑ Paid`."""
    label = field.label.rstrip(" :")
    if field.is_ticked is not None:
        mark = "☑" if field.is_ticked else "☐"
        return f"{mark} {label or field.value}".rstrip()
    return f"{label}: {field.value}".rstrip() if label else field.value


def _picture(block: PageBlock, caption: str) -> MarkdownBlock:
    box = ", ".join(f"{value:g}" for value in block.box)
    title = f"Picture ({box})" + (f": {inline(caption)}" if caption else "")
    words = [f"> {paragraph(line)}" for line in block.text.splitlines()]
    return MarkdownBlock((f"*{title}*", *(["", *words] if words else [])))


def _note(block: PageBlock, author: str) -> MarkdownBlock:
    by_author = f" by {inline(author)}" if author else ""
    return MarkdownBlock((f"> **Note{by_author}:** {inline(block.text)}",))
