"""HTML: its words, headings and tables laid out on paper. No script runs, no picture or style is fetched."""

from __future__ import annotations

import re
from pathlib import Path

from indexer.inputs.kind import FileLook, MediaType, OpenedFile
from indexer.inputs.sandbox.frames import RenderRequest
from indexer.inputs.text_encoding import decoded_text, is_text

MEDIA_TYPES = (MediaType("text/html", "HTML page", (".html", ".htm", ".xhtml"), is_marked=False),)
_BEGINNING = re.compile(
    rb"(<\?xml[^>]*>|<!--.*?-->|\s)*<(!doctype\s+html|html|head|body)[\s>]", re.I | re.S
)
_UNSEEN = re.compile(
    r"<(script|style|template|noscript|iframe|object|svg)\b.*?(</\1\s*>|\Z)|<(?:link|meta|base)\b[^>]*>",
    re.I | re.S,
)


_PICTURE = re.compile(r"<img\b(?![^>]*\bsrc\s*=\s*[\"']?data:)[^>]*>", re.I)
_ALTERNATIVE = re.compile(r"\balt\s*=\s*(\"[^\"]*\"|'[^']*')", re.I)


def media_type_of(look: FileLook) -> str | None:
    """Tell HTML by its first element, or by its name where there is any."""
    begins_so = _BEGINNING.match(look.start.removeprefix(b"\xef\xbb\xbf"))
    named_so = look.ending in MEDIA_TYPES[0].endings and b"<" in look.start
    if not is_text(look.start) or not (begins_so or named_so):
        return None
    return "text/html"


def open_file(path: str, media_type: str, request: RenderRequest) -> OpenedFile:
    """Lay out a page."""
    from indexer.inputs.pdf.reflowed import laid_out

    return OpenedFile(laid_out(readable_markup(Path(path).read_bytes()), "html"))


def readable_markup(content: bytes) -> bytes:
    """Return the markup in UTF-8 without what is not read: scripts, styles, what is named elsewhere."""
    from indexer.inputs.pdf.reflowed import in_shorter_words, printable_characters

    text = _UNSEEN.sub("", printable_characters(decoded_text(content, declared=True)))
    text = _PICTURE.sub(_words_for, re.sub(r"<\?xml[^>]*\?>", "", text))
    return in_shorter_words(text).encode("utf-8", "replace")


def _words_for(picture: re.Match[str]) -> str:
    """Return what stands for a picture that lies elsewhere."""
    words = _ALTERNATIVE.search(picture[0])
    return f" {words[1][1:-1]} " if words else " "
