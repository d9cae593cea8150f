"""Render one page and read its text layer, in the child: what goes into a page's frame."""

from __future__ import annotations

from array import array
from functools import partial
from typing import Any, NamedTuple

from indexer.inputs.pdf.attempts import Failure, attempt
from indexer.inputs.pdf.pages.geometry import coverage, size_px
from indexer.inputs.pdf.pages.page_facts import invisible_share, picture_facts
from indexer.inputs.pdf.pages.paint_log import PaintLog, paint_log
from indexer.inputs.pdf.text import text_layer
from indexer.inputs.pdf.text.borrowed_ink import SCAN_COVERAGE, words_on_borrowed_ink
from indexer.inputs.sandbox.frames import RenderRequest
from indexer.layout.line_breaks import Vocabulary


class Image(NamedTuple):
    """RGB pixels row by row, and (width, height) in pixels."""

    size: tuple[int, int]
    pixels: bytes


class PageFrame(NamedTuple):
    """Header and body of a frame, the words that are in them, and what the page paints."""

    header: dict[str, Any]
    parts: list[bytes]
    words: text_layer.Words
    paint: PaintLog


def page_frame(
    document: Any, page: Any, number: int, request: RenderRequest, vocabulary: Vocabulary
) -> PageFrame:
    """Return header and body of one page, and the words in it."""
    import pymupdf

    pymupdf.TOOLS.reset_mupdf_warnings()
    display = page.get_displaylist()
    width, height = display.rect.width, display.rect.height
    size = size_px(width, height, request)
    image = attempt(partial(_render, display, size))
    out_of_memory = isinstance(image, Failure) and image.cause == "memory"
    if out_of_memory:
        pymupdf.TOOLS.store_shrink(100)
        image = _render(display, (max(1, size[0] // 2), max(1, size[1] // 2)))
    if isinstance(image, Failure):
        raise RuntimeError(image.reason)  # noqa: TRY004
    textpage = _text_page(page)
    words = text_layer.read_words(textpage, width, height, vocabulary)
    picture_infos = textpage.extractIMGINFO()
    pictures = [picture["bbox"] for picture in picture_infos]
    picture_coverage = coverage(pictures, width, height)
    on_borrowed_ink = attempt(
        partial(words_on_borrowed_ink, display, words, image, pictures, picture_coverage)
    )
    header = {
        "kind": "page",
        "number": number,
        "label": _label(page, number),
        "size_pt": (width, height),
        "size_px": image.size,
        "coverage": picture_coverage,
        "pictures": picture_facts(picture_infos, width, height),
        "invisible": invisible_share(textpage) if picture_coverage >= SCAN_COVERAGE else 0.0,
        "on_borrowed_ink": [] if isinstance(on_borrowed_ink, Failure) else on_borrowed_ink,
        "blank": is_blank(image.pixels, image.size[0]),
        "repaired": bool(document.is_repaired),
        "halved": out_of_memory,
        "truncated": words.truncated,
        "texts": words.texts,
    }
    parts = [
        image.pixels,
        array("f", words.boxes).tobytes(),
        array("i", words.lines).tobytes(),
        bytes(words.marks),
    ]
    paint = attempt(partial(paint_log, display))
    return PageFrame(header, parts, words, [] if isinstance(paint, Failure) else paint)


def _label(page: Any, number: int) -> str:
    """Return the number in the document's own scheme, where it has one that makes sense."""
    raw = attempt(page.get_label)
    return (text_layer.label(raw) if isinstance(raw, str) else "") or str(number)


def _render(display: Any, size: tuple[int, int]) -> Image:
    import pymupdf

    matrix = pymupdf.Matrix(size[0] / display.rect.width, size[1] / display.rect.height)
    pixmap = display.get_pixmap(matrix=matrix, colorspace=pymupdf.csRGB, alpha=0)
    return Image((pixmap.width, pixmap.height), pixmap.samples)


def _text_page(page: Any) -> Any:
    """Read text and pictures as displayed; spell out ligatures, guess no unknown glyphs.

    Not by ``page.get_textpage``, which looks at the page before its rotation; nor from the display
    list, which drops spaces that are drawn on their own; nor by ``FzStextPage`` from a page, which
    does not read form fields.
    """
    from pymupdf import (
        TEXT_MEDIABOX_CLIP,
        TEXT_PRESERVE_IMAGES,
        TEXT_PRESERVE_WHITESPACE,
        TextPage,
        mupdf,
    )

    flags = TEXT_PRESERVE_WHITESPACE | TEXT_PRESERVE_IMAGES | TEXT_MEDIABOX_CLIP
    textpage = mupdf.FzStextPage(mupdf.fz_bound_page(page.this))
    device = mupdf.fz_new_stext_device(textpage, mupdf.FzStextOptions(flags))
    mupdf.fz_run_page(page.this, device, mupdf.FzMatrix(), mupdf.FzCookie())
    mupdf.fz_close_device(device)
    return TextPage(textpage)


def is_blank(pixels: bytes, width_px: int) -> bool:
    """Whether all pixels are equal; stops at the first row that differs."""
    row = pixels[:3] * width_px
    return all(pixels.startswith(row, start) for start in range(0, len(pixels), len(row)))
