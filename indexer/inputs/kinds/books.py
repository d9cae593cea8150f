"""Files that PyMuPDF opens as they are: EPUB, XPS, comic books, SVG; it looks at nothing outside of them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from indexer.inputs.kind import FileLook, MediaType, OpenedFile, named_form
from indexer.inputs.sandbox.frames import RenderRequest

_REPAIR = "fetch the whole file, or convert it to PDF"
MEDIA_TYPES = (
    MediaType("application/epub+zip", "EPUB book", (".epub",), repair=_REPAIR),
    MediaType("application/oxps", "XPS document", (".xps", ".oxps"), repair=_REPAIR),
    MediaType("application/vnd.comicbook+zip", "comic book", (".cbz",), repair=_REPAIR),
    MediaType("image/svg+xml", "SVG drawing", (".svg",), repair=_REPAIR),
)
_FILE_TYPES = {
    "application/epub+zip": "epub",
    "application/oxps": "xps",
    "application/vnd.comicbook+zip": "cbz",
    "image/svg+xml": "svg",
}
_CHAPTERS = (".xhtml", ".html", ".htm")
_MOST_BOOK_BYTES = 128 * 1024**2  # unpacked, of one that is looked through for words without end
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".tif", ".tiff", ".bmp")
_SVG = re.compile(
    rb"(<\?xml[^>]*>|<!--.*?-->|<!doctype[^>\[]*(\[[^\]]*\])?[^>]*>|\s)*<(\w+:)?svg[\s>]",
    re.I | re.S,
)


def media_type_of(look: FileLook) -> str | None:
    """Tell books by what is in their archive, a comic book by its name besides."""
    if _SVG.match(look.start.removeprefix(b"\xef\xbb\xbf")):
        return "image/svg+xml"
    names = look.zip_names
    if "META-INF/container.xml" in names and b"mimetypeapplication/epub+zip" in look.start[:200]:
        return "application/epub+zip"
    if any(name.lower().endswith(".fdseq") for name in names):
        return "application/oxps"
    if look.ending == ".cbz" and any(name.lower().endswith(_PICTURES) for name in names):
        return "application/vnd.comicbook+zip"
    return named_form(look, MEDIA_TYPES)


def _stated_of_epub(path: str) -> dict[str, Any]:
    """Return what the package of a book says of it, which its container names."""
    from indexer.inputs.pdf.document_metadata import of_xml
    from indexer.inputs.zip_parts import read_part

    container = read_part(path, "META-INF/container.xml")
    match = re.search(rb"full-path\s*=\s*[\"']([^\"']+)", container)
    package = read_part(path, match[1].decode("utf-8", "replace")) if match else b""
    return of_xml(package, dates=("date",), tags=("subject",))


def _in_shorter_words(book: bytes) -> bytes:
    """Return a book with a blank in words that are too long to be laid out in time."""
    from indexer.inputs.pdf.reflowed import in_shorter_words
    from indexer.inputs.zip_parts import with_parts_changed

    def change(chapter: bytes) -> bytes:
        text = chapter.decode("utf-8", "surrogateescape")
        return in_shorter_words(text).encode("utf-8", "surrogateescape")

    return with_parts_changed(book, _CHAPTERS, _MOST_BOOK_BYTES, change)


def open_file(path: str, media_type: str, request: RenderRequest) -> OpenedFile:
    """Open a book or a drawing."""
    import pymupdf

    from indexer.inputs.pdf.reflowed import laid_out

    if media_type == "application/epub+zip":
        book = _in_shorter_words(Path(path).read_bytes())
        return OpenedFile(laid_out(book, "epub"), {"stated": _stated_of_epub(path)})
    if media_type == "image/svg+xml":
        return OpenedFile(laid_out(Path(path).read_bytes(), "svg"))
    return OpenedFile(pymupdf.open(path, filetype=_FILE_TYPES[media_type]))
