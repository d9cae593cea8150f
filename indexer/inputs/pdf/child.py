"""The rasterizer's child: render one document and write its pages as frames. It imports PyMuPDF.

Standard input is the document, standard output the pipe. The child writes facts, the parent judges them.
A page on which the library raises is reported and left out; a page that hangs or crashes costs the
process, and the parent starts the next one behind it.
"""

from __future__ import annotations

import json
import os
import re
from array import array
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, NoReturn, TypeVar

from indexer.inputs.pdf import text_layer
from indexer.inputs.pdf.borrowed_ink import SCAN_COVERAGE, words_on_borrowed_ink
from indexer.inputs.pdf.geometry import coverage, size_px
from indexer.inputs.pdf.line_breaks import Vocabulary
from indexer.inputs.pdf.page_facts import invisible_share, picture_facts
from indexer.inputs.pdf.region_frames import region_frame
from indexer.inputs.sandbox import confinement
from indexer.inputs.sandbox.frames import RenderRequest, write_frame

_DOCUMENT = "/dev/fd/0"  # opened anew from the descriptor: no name to race with or to misread

T = TypeVar("T")


class Failure(NamedTuple):
    """Why the library gave nothing: ``cause`` is "memory" or "error"."""

    cause: str
    reason: str


class Image(NamedTuple):
    """RGB pixels row by row, and (width, height) in pixels."""

    size: tuple[int, int]
    pixels: bytes


def main(request_json: str) -> NoReturn:
    """Render one document and leave without running exit handlers."""
    request = RenderRequest(**json.loads(request_json))
    confinement.restore_signals()
    confinement.die_with_parent(request.parent_pid)
    out = confinement.take_stdout()
    try:
        import pymupdf  # before the limits: its byte code may have to be written
    except ImportError as error:
        write_frame(out, {"kind": "broken", "reason": str(error)})
        os._exit(1)
    confinement.confine(request.memory_bytes)
    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)
    _serve(out, request)
    os._exit(0)


def _serve(out: int, request: RenderRequest) -> None:
    confinement.allow_cpu(request.page_cpu_s)
    result = _attempt(_open)
    if isinstance(result, Failure):
        write_frame(out, {"kind": "unreadable", **result._asdict()})
        return
    document, facts = result
    write_frame(out, {"kind": "opened", **facts})
    if request.regions:
        _serve_regions(out, document, request)
        return
    vocabulary = Vocabulary()
    for number in range(request.first_page, facts["n_pages"] + 1):
        confinement.allow_cpu(request.page_cpu_s)
        frame = _attempt(partial(_page_frame, document, number, request, vocabulary))
        if isinstance(frame, Failure):
            write_frame(out, {"kind": "left_out", "number": number, **frame._asdict()})
        else:
            write_frame(out, *frame)


def _serve_regions(out: int, document: Any, request: RenderRequest) -> None:
    display = document.load_page(request.first_page - 1).get_displaylist()
    for region in request.regions:
        confinement.allow_cpu(request.page_cpu_s)
        frame = _attempt(partial(region_frame, display, region))
        if isinstance(frame, Failure):
            write_frame(out, {"kind": "left_out", **frame._asdict()})
        else:
            write_frame(out, *frame)


def _attempt(work: Callable[[], T]) -> T | Failure:
    """Do the work, or say why not: MuPDF's bindings raise many kinds, down to bare Exception."""
    try:
        return work()
    except Exception as error:  # noqa: BLE001
        source = error.__cause__ or error
        reason = re.sub(r"^code=\d+: ", "", str(source)) or type(source).__name__
        reason = reason.encode("utf-8", "replace").decode()
        out_of_memory = isinstance(source, MemoryError) or "alloc" in reason
        return Failure("memory" if out_of_memory else "error", reason)


def _open() -> tuple[Any, dict[str, Any]]:
    import pymupdf

    document = pymupdf.open(_DOCUMENT, filetype="pdf")
    needs_password = bool(document.needs_pass)
    facts = {
        "is_pdf": bool(document.is_pdf),
        "locked": needs_password,
        "n_pages": 0 if needs_password else int(document.page_count),
        "repaired": bool(document.is_repaired),
    }
    return document, facts


def _page_frame(
    document: Any, number: int, request: RenderRequest, vocabulary: Vocabulary
) -> tuple[dict[str, Any], list[bytes]]:
    """Return header and body of one page."""
    import pymupdf

    pymupdf.TOOLS.reset_mupdf_warnings()
    page = document.load_page(number - 1)
    display = page.get_displaylist()
    width, height = display.rect.width, display.rect.height
    size = size_px(width, height, request)
    image = _attempt(partial(_render, display, size))
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
    on_borrowed_ink = _attempt(
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
    return header, [
        image.pixels,
        array("f", words.boxes).tobytes(),
        array("i", words.lines).tobytes(),
        bytes(words.marks),
    ]


def _label(page: Any, number: int) -> str:
    """Return the number in the document's own scheme, where it has one that makes sense."""
    raw = _attempt(page.get_label)
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
