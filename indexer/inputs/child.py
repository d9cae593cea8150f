"""The rasterizer's child: render one file and write its pages as frames. It imports PyMuPDF.

A warm process imports, and forks into a child for each document (`sandbox/forking.py`). Of a child, standard
input is the document, standard output the pipe. The child writes facts, the parent judges them.
A page on which the library raises is reported and left out; a page that hangs or crashes costs the
process, and the parent starts the next one behind it. A page's layout follows in a frame of its own: what
goes wrong there costs the layout, not the page.
"""

from __future__ import annotations

import gc
import os
import socket
from contextlib import suppress
from functools import partial
from typing import Any, NoReturn

from indexer.inputs.carried_files import send_files
from indexer.inputs.kind import OpenedFile
from indexer.inputs.pdf.attempts import Failure, attempt
from indexer.inputs.pdf.pages.page_frame import page_frame
from indexer.inputs.pdf.pages.part_frames import part_frame
from indexer.inputs.pdf.regions import layout_model
from indexer.inputs.pdf.regions.layout_frame import layout_header
from indexer.inputs.registry import kind_of
from indexer.inputs.sandbox import confinement
from indexer.inputs.sandbox.forking import serve_forks
from indexer.inputs.sandbox.frames import RenderRequest, write_frame
from indexer.layout.line_breaks import Vocabulary

_DOCUMENT = "/dev/fd/0"  # opened anew from the descriptor: no name to race with or to misread


def main(*, with_model: bool) -> NoReturn:
    """Import what children need, the layout model too or not, and fork into them until the parent is gone."""
    connection = socket.socket(fileno=os.dup(0))
    confinement.restore_signals()
    layout_model.hold_back()
    with suppress(ImportError):  # each child will say so
        import pymupdf  # noqa: F401
    if with_model:
        confinement.keep_to_one_thread()
        layout_model.load_for_children()
    gc.freeze()  # a child that collects garbage copies no page of memory for it
    serve_forks(connection, render)


def render(request: RenderRequest) -> NoReturn:
    """Render one document and leave without running exit handlers, in which the model's threads hang."""
    out = confinement.take_stdout()
    try:
        import pymupdf
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
    if request.facts_only:
        stated_by = getattr(kind_of(request.media_type), "stated_by", dict)
        facts = attempt(partial(stated_by, _DOCUMENT, request.media_type))
        write_frame(out, {"kind": "opened", "stated": {} if isinstance(facts, Failure) else facts})
        return
    result = attempt(partial(_open, out, request))
    if isinstance(result, Failure):
        write_frame(out, {"kind": "unreadable", **result._asdict()})
        return
    file, facts = result
    document = file.document
    write_frame(out, {"kind": "opened", **facts})
    if request.max_attachments:
        send_files(out, file.files(), request)
        return
    if request.parts:
        _serve_parts(out, document, request)
        return
    vocabulary = Vocabulary()
    for number in range(request.first_page, facts["n_pages"] + 1):
        confinement.allow_cpu(request.page_cpu_s)
        page = attempt(partial(document.load_page, number - 1))
        if not isinstance(page, Failure):
            frame = attempt(partial(page_frame, document, page, number, request, vocabulary))
        else:
            frame = page
        if isinstance(frame, Failure):
            write_frame(out, {"kind": "left_out", "number": number, **frame._asdict()})
            continue
        of_file = {"time_s": file.time_of(number), "cut_short": file.is_cut_short()}
        write_frame(out, frame.header | of_file, frame.parts)
        confinement.allow_cpu(request.page_cpu_s)
        write_frame(out, layout_header(document, page, request, frame))


def _serve_parts(out: int, document: Any, request: RenderRequest) -> None:
    display = document.load_page(request.first_page - 1).get_displaylist()
    for part in request.parts:
        confinement.allow_cpu(request.page_cpu_s)
        frame = attempt(partial(part_frame, display, part))
        if isinstance(frame, Failure):
            write_frame(out, {"kind": "left_out", **frame._asdict()})
        else:
            write_frame(out, *frame)


def _open(out: int, request: RenderRequest) -> tuple[OpenedFile, dict[str, Any]]:
    def go_on() -> None:
        write_frame(out, {"kind": "at_work"})
        confinement.allow_cpu(request.page_cpu_s)

    file = kind_of(request.media_type).open_file(_DOCUMENT, request.media_type, request)
    file.prepare(go_on)
    document = file.document
    needs_password = bool(document.needs_pass)
    facts = {
        "locked": needs_password,
        "n_pages": 0 if needs_password else int(document.page_count),
        "repaired": bool(document.is_repaired),
    }
    return file, facts | file.facts
