"""Plain text and Markdown: pages by length, plain text line by line as it was typed."""

from __future__ import annotations

from pathlib import Path

from indexer.inputs.kind import FileLook, MediaType, OpenedFile
from indexer.inputs.sandbox.frames import RenderRequest
from indexer.inputs.text_encoding import decoded_text, is_text

MEDIA_TYPES = (
    MediaType(
        "text/plain", "plain text", (".txt", ".text", ".log", ".csv", ".tsv"), is_marked=False
    ),
    MediaType("text/markdown", "Markdown", (".md", ".markdown"), is_marked=False),
)


def media_type_of(look: FileLook) -> str | None:
    """Tell text by its bytes, Markdown from it by its name."""
    if not is_text(look.start):
        return None
    return "text/markdown" if look.ending in MEDIA_TYPES[1].endings else "text/plain"


def open_file(path: str, media_type: str, request: RenderRequest) -> OpenedFile:
    """Lay out a text."""
    from indexer.inputs.pdf.reflowed import (
        as_typed,
        in_shorter_words,
        laid_out,
        pages_of,
        printable_characters,
        with_labels_on_lines,
    )

    text = decoded_text(Path(path).read_bytes())
    if media_type == "text/markdown":
        markdown = with_labels_on_lines(in_shorter_words(printable_characters(text)))
        lines = f"{markdown}\n"  # or its last letter is lost
        return OpenedFile(laid_out(lines.encode("utf-8", "replace"), "md"))
    parts = [part for part in text.split("\f") if part.strip()]  # a form feed begins a page
    return OpenedFile(pages_of([as_typed(part) for part in parts or [text]]))
