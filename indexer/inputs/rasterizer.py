"""Open files, tell their kinds, take out what they carry: each in a child process of its own."""

from __future__ import annotations

import os
import shutil
from contextlib import closing
from pathlib import Path

from indexer.base.disk_errors import may_pass, unreadable
from indexer.base.document_properties import NO_PROPERTIES, DocumentProperties
from indexer.base.errors import Unreadable
from indexer.base.settings import IndexerSettings
from indexer.inputs.kind import FileLook, ending_of
from indexer.inputs.pdf import refusals
from indexer.inputs.pdf.attachments import AttachmentLimits, TakenFiles, take_attachments
from indexer.inputs.pdf.open_document import OpenDocument
from indexer.inputs.pdf.opening import OpenFile, open_file
from indexer.inputs.pdf.pages.page_parts import FilePartRenderer
from indexer.inputs.printing import PrintingFailed, print_file
from indexer.inputs.registry import form_of, kind_of, media_type_of, named_media_type
from indexer.inputs.sandbox.frames import RasterizerFault
from indexer.inputs.sandbox.process import RasterizerProcess
from indexer.inputs.stated_properties import stated_properties

__all__ = ["OpenDocument", "Rasterizer"]


class Rasterizer:
    """Opens files, each in a child process of its own. May be shared by threads.

    The name of a file, where it has another than its path, decides between kinds that its bytes leave open.
    """

    def __init__(self, settings: IndexerSettings) -> None:
        self.settings = settings

    def check(self, path: Path, name: str | None = None) -> str:
        """Check size and kind of a file; return its media type. Raises DocumentRejected, Unreadable."""
        file = self._open_file(path, name)
        os.close(file.fd)
        return file.form.name

    def attachments(
        self, path: Path, folder: Path, limits: AttachmentLimits, name: str | None = None
    ) -> TakenFiles:
        """Write the files that a file carries into a folder. Raises as `open`, and StorageError."""
        file = self._open_file(path, name)
        try:
            return take_attachments(file, self.settings, folder, limits)
        finally:
            os.close(file.fd)

    def part_renderer(self, path: Path, media_type: str) -> FilePartRenderer | None:
        """Return what renders parts of the pages of a file that was read before; nothing is opened yet.

        None for a file that has to be printed or looked through first: that takes seconds.
        """
        form = form_of(media_type)
        if form.program or not form.has_parts:
            return None
        return FilePartRenderer(path, media_type, self.settings)

    def open(self, path: Path, first_page: int = 1, name: str | None = None) -> OpenDocument:
        """Start reading ``path`` at a page; close what is returned, or use it in ``with``.

        Raises DocumentRejected, whose message is one line that follows the name of the file, and
        Unreadable when it is not the file's fault.
        """
        file, problem = self._print_of(self._open_file(path, name))
        document = OpenDocument(file, self.settings, first_page)
        if problem:
            document.warn(problem)
        claimed_form = named_media_type(ending_of(name or path.name))
        if claimed_form is not None and kind_of(claimed_form.name) is not kind_of(file.form.name):
            document.warn(
                f"is a {file.form.title} file, although its name says {claimed_form.title}"
            )
        return document

    def _open_file(self, path: Path, name: str | None) -> OpenFile:
        fd = open_file(path, self.settings)
        try:
            look = FileLook.of_descriptor(fd, name or path.name)
        except OSError as error:
            os.close(fd)
            raise (
                unreadable(path, error) if may_pass(error) else refusals.unreadable(error)
            ) from error
        media_type = media_type_of(look)
        if media_type is None:
            os.close(fd)
            raise refusals.unsupported_kind(_no_kind(look))
        return OpenFile(path, fd, form_of(media_type), media_type)

    def _print_of(self, file: OpenFile) -> tuple[OpenFile, str]:
        """Return the print of a file of which a program makes one, or itself with the problem of that.

        Raises DocumentRejected where it cannot be read otherwise.
        """
        form = file.form
        program = shutil.which(form.program) if form.program else None
        if program is None:
            return file, ""
        try:
            keeper = print_file(file.fd, form.endings[0], program, self.settings)
            fd = os.open(keeper.path, os.O_RDONLY | os.O_CLOEXEC)
        except PrintingFailed as error:
            if form.needs_program:
                os.close(file.fd)
                raise refusals.unprintable(str(error), timed_out=error.timed_out) from error
            return file, f"LibreOffice could not print it ({error})"
        except OSError as error:  # no room for the copy, no process: not the file's fault
            os.close(file.fd)
            raise Unreadable(f"{file.path} cannot be printed now ({error}): try again") from error
        properties = self._stated_by(file)
        os.close(file.fd)
        return OpenFile(keeper.path, fd, form, "application/pdf", keeper, properties), ""

    def _stated_by(self, file: OpenFile) -> DocumentProperties:
        """Return what a file says of itself; what cannot be read is no reason to refuse it."""
        try:
            child = RasterizerProcess(
                self.settings, file.fd, file.form.name, first_page=1, facts_only=True
            )
            with closing(child):
                return stated_properties(child.next_frame().header.get("stated"))
        except (RasterizerFault, OSError):
            return NO_PROPERTIES


def _no_kind(look: FileLook) -> str:
    """Say why a file is of no kind that is read."""
    claimed_form = named_media_type(look.ending)
    if claimed_form is None:
        return "is of no kind that can be read"
    return f"is not a {claimed_form.title} file, as its name says, nor of another kind that can be read"
