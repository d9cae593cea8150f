"""Render a document in a child process and hand out its pages."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from types import TracebackType
from typing import Literal, Self

from indexer.base.disk_errors import may_pass
from indexer.base.errors import Unreadable
from indexer.base.pages import RenderedPage
from indexer.base.settings import IndexerSettings
from indexer.inputs.pdf import refusals
from indexer.inputs.pdf.opening import OpenFile, read_page_count
from indexer.inputs.pdf.pages.page_outcomes import PageOutcomes
from indexer.inputs.pdf.pages.page_parts import FilePartRenderer
from indexer.inputs.pdf.text.visibility import hidden_words
from indexer.inputs.pdf.xfa.form_words import checked_rows, form_warnings, with_form_words
from indexer.inputs.pdf.xfa.xfa_form import Row
from indexer.inputs.sandbox.decoding import decode_page
from indexer.inputs.sandbox.frames import BadFrame, Frame, RasterizerFault
from indexer.inputs.sandbox.process import ChildDied, RasterizerProcess
from indexer.inputs.sandbox.region_decoding import decode_load_s, decode_regions, is_model_loaded
from indexer.inputs.stated_properties import stated_properties

_MIN_HIDDEN = 3  # fewer are stray letters: a mark that OCR misread, a number that was painted over
_MAX_TOO_LARGE = (
    3  # pages that even a new child has no memory for; the next ones come without the model
)
_MAX_DEATHS = 3  # a document that costs more children than this is not worth another


class OpenDocument:
    """A document being rendered, for one thread at a time; its child lives until ``close``.

    media_type     of the file
    n_pages        pages the document has, of which some may not come
    warnings       what to know about the document; grows while pages are read
    carries_files  whether other files are embedded in it
    is_portfolio   it is a cover for those files
    own_properties  what the file says of itself: title, authors, date, tags
    layout_load_s  seconds that it took to load the layout model; 0 while no page needed it
    """

    def __init__(self, file: OpenFile, settings: IndexerSettings, first_page: int = 1) -> None:
        """Take over the open file, which `close` closes, too. Raises as `Rasterizer.open`."""
        self._file = file
        self.media_type = file.form.name
        self._settings = settings
        self._outcomes = PageOutcomes(settings, file.form, first_page)
        self.warnings = self._outcomes.warnings
        self.carries_files = self.is_portfolio = False
        self._form_rows: list[Row] = []
        self._next = first_page
        self._layout: str = settings.layout
        self.layout_load_s = 0.0
        self._n_too_large = 0  # pages that need more memory than there is for the model
        self._first_of_child = first_page
        self._interrupted = False
        self._form: object = None
        self._child: RasterizerProcess | None = None
        self._file_fd: int | None = file.fd
        try:
            self.n_pages = self._start_child()
            self._note_form(first_page)
        except BaseException as error:
            self.close()
            if isinstance(error, RasterizerFault):
                raise refusals.refused_opening(error, file.form) from error
            raise

    @property
    def part_renderer(self) -> FilePartRenderer | None:
        """What renders parts of the pages, where that can be; for other threads, too, and after `close`."""
        file = self._file
        if not file.form.has_parts:
            return None
        return FilePartRenderer(file.path, file.read_as, self._settings, file.keeper)

    def warn_of(self, page: RenderedPage) -> None:
        """Add to the warnings what was noted of a page after it came from here."""
        for warning in page.warnings:
            self._outcomes.warn(f"page {page.page_number}: {warning}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End and reap the child, release the file. May be called again."""
        self._end_child()
        if self._file_fd is not None:
            os.close(self._file_fd)
            self._file_fd = None

    def _end_child(self) -> None:
        if self._child is not None:
            self._child.close()

    def interrupt(self) -> None:
        """End `pages` early while another thread reads them; only `close` may follow."""
        self._interrupted = True
        if self._child is not None:
            self._child.kill()

    def pages(self) -> Iterator[RenderedPage]:
        """Yield the pages that can be rendered, in order, each once.

        Raises DocumentRejected when none can, when damage left nothing on them, or when the child breaks its
        protocol, and ValueError when the document is closed.
        """
        while self._next <= self.n_pages:
            if self._interrupted:
                return
            try:
                page = self._take_page()
            except ChildDied as death:
                if not self._interrupted:
                    self._survive(death)
                continue
            except BadFrame as fault:
                self.close()
                raise refusals.broken_protocol(fault, self._file.form) from fault
            if page is not None:
                self._outcomes.n_rendered += 1
                if self._form_rows and page.page_number == 1:
                    page = with_form_words(page, self._form_rows)
                yield page
        verdict = self._outcomes.verdict(has_more=self.carries_files or bool(self._form_rows))
        if verdict is not None:
            raise verdict

    def _start_child(self) -> int:
        """Start a child at the next page; return the number of pages it sees."""
        if self._file_fd is None:
            raise ValueError("the document is closed")
        self._first_of_child = self._next
        try:
            self._child = RasterizerProcess(
                self._settings, self._file_fd, self._file.read_as, self._next, self._layout
            )
        except OSError as error:
            why = f"no process could be started ({error.strerror})"
            if may_pass(error):  # no memory, too many open files: not the document's fault
                raise Unreadable(
                    f"{self._file.path} cannot be read now, {why}: try again"
                ) from error
            raise refusals.not_tried(why, "free memory or processes") from error
        header = self._next_frame().header
        if header.get("repaired"):
            self._outcomes.note_repair()
        self.carries_files = header.get("carries_files") is True
        self.is_portfolio = header.get("is_portfolio") is True
        self._form = header.get("form")
        own = self._file.own_properties
        self.own_properties = stated_properties(header.get("stated")) if own is None else own
        if header.get("warning") and self._next == 1:
            self.warn(refusals.printable_line(header["warning"]))
        return read_page_count(header, self._file.form, self._settings)

    def warn(self, text: str) -> None:
        """Add a warning of what was learnt elsewhere."""
        self._outcomes.warn(text)

    def _note_form(self, first_page: int) -> None:
        """Keep the rows of a dynamic form for the first page; say that the page does not show them."""
        if isinstance(self._form, dict) and first_page == 1:
            self._form_rows = checked_rows(self._form.get("rows"))
            for warning in form_warnings(len(self._form_rows), self._form.get("problem")):
                self.warn(warning)

    def _next_frame(self) -> Frame:
        if self._child is None:
            raise ValueError("the document is closed")
        return self._child.next_frame()

    def _take_page(self) -> RenderedPage | None:
        """Return the next page with its regions, or None if the child could not render it."""
        page = self._take(self._next_frame())
        self._next += 1
        if page is None:
            return None
        try:
            frame = self._layout_frame(page.page_number)
            if _lacks_memory(frame) and self._first_of_child < page.page_number:
                frame = self._layout_of_new_child(page.page_number, frame)
        except ChildDied as death:
            if not self._interrupted:
                self._survive_layout(page.page_number, death)
            return page
        if frame.header.get("problem"):
            problem = refusals.printable_line(frame.header["problem"])
            self.warn(f"page {page.page_number}: the layout model failed ({problem})")
        self.layout_load_s = max(self.layout_load_s, decode_load_s(frame))
        page = replace(page, regions=decode_regions(frame))
        if _lacks_memory(frame) and not self._interrupted:
            self._n_too_large += 1
            if not is_model_loaded(frame) or self._n_too_large >= _MAX_TOO_LARGE:
                self._layout = "never"
            self._end_child()
            self._go_on()
        return page

    def _layout_frame(self, number: int) -> Frame:
        frame = self._next_frame()
        if frame.header.get("kind") != "layout" or frame.header.get("number") != number:
            raise BadFrame("not the layout that was awaited")
        return frame

    def _layout_of_new_child(self, number: int, frame: Frame) -> Frame:
        """Return the layout of a page as a new child sees it: what the pages before took is free there."""
        self._end_child()
        self._next = number
        try:
            if not self._restart():
                return frame
            self._next_frame()  # the page, which is here
            return self._layout_frame(number)
        finally:
            self._next = number + 1

    def _take(self, frame: Frame) -> RenderedPage | None:
        """Decode the page that is due, or return None if the child could not render it."""
        kind = frame.header.get("kind")
        if kind not in ("page", "left_out") or frame.header.get("number") != self._next:
            raise BadFrame("not the page that was awaited")
        if kind == "left_out":
            self._note_left_out(frame)
            return None
        page = decode_page(frame, self._next, self._settings)
        self._outcomes.note_oddities(frame.header, self._next, len(page.words))
        return self._with_visible_words(page, frame.header.get("on_borrowed_ink"))

    def _with_visible_words(self, page: RenderedPage, on_borrowed_ink: object) -> RenderedPage:
        """Leave out the words that cannot be seen on the page, with a warning where they are several."""
        hidden = hidden_words(page, on_borrowed_ink)
        n_hidden = int(hidden.sum())
        if not n_hidden:
            return page
        if n_hidden >= _MIN_HIDDEN:
            self._outcomes.warn(
                f"page {self._next}: hidden_text, {n_hidden} words that cannot be seen were left out"
            )
        return replace(page, words=page.words.select(~hidden))

    def _note_left_out(self, frame: Frame) -> None:
        if frame.header.get("cause") == "memory":
            problem = f"needs more than {self._settings.rasterizer_memory_bytes} bytes of memory"
            self._outcomes.leave_out(self._next, "memory", problem)
        else:
            reason = refusals.printable_line(frame.header.get("reason"))
            why = f"could not be rendered ({reason})"
            self._outcomes.leave_out(self._next, "error", why, reason)

    def _survive(self, death: ChildDied) -> None:
        """Go on with a new child after the page that ended the last one, or give up."""
        cause: Literal["timeout", "crash"] = "timeout" if death.timed_out else "crash"
        self._outcomes.leave_out(self._next, cause, str(death))
        self._next += 1
        self._go_on()

    def _survive_layout(self, page_number: int, death: ChildDied) -> None:
        """Go on behind a page whose layout ended the child, without the model."""
        self._layout = "never"
        self._outcomes.warn(
            f"page {page_number}: the layout model failed ({death}) and was not asked again"
        )
        self._go_on()

    def _go_on(self) -> None:
        """Start a child at the next page, or give up."""
        if self._next > self.n_pages or self._restart():
            return
        self._outcomes.skip(self._next, self.n_pages)
        self._next = self.n_pages + 1

    def _restart(self) -> bool:
        """Start another child at the next page; whether there is one."""
        if self._outcomes.n_deaths >= _MAX_DEATHS:
            return False
        try:
            if self._start_child() != self.n_pages:
                self.close()
                raise refusals.changed_file()
        except ChildDied:  # opening went well before: not worth another one
            return False
        return True


def _lacks_memory(frame: Frame) -> bool:
    return frame.header.get("gives_up") is True
