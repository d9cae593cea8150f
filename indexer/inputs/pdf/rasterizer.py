"""Open PDF files, check them, take out what they carry: each in a child process of its own."""

from __future__ import annotations

import os
from pathlib import Path

from indexer.base.settings import IndexerSettings
from indexer.inputs.pdf.attachments import AttachmentLimits, TakenFiles, take_attachments
from indexer.inputs.pdf.open_document import OpenDocument
from indexer.inputs.pdf.opening import open_file
from indexer.inputs.pdf.pages.page_parts import PdfPartRenderer

__all__ = ["OpenDocument", "Rasterizer"]


class Rasterizer:
    """Opens PDF files, each in a child process of its own. May be shared by threads."""

    def __init__(self, settings: IndexerSettings) -> None:
        self.settings = settings

    def check(self, path: Path) -> None:
        """Check kind, size and first bytes of a file. Raises DocumentRejected."""
        os.close(open_file(path, self.settings))

    def attachments(self, path: Path, folder: Path, limits: AttachmentLimits) -> TakenFiles:
        """Write the PDFs that a PDF carries into a folder. Raises as `open`, and StorageError."""
        return take_attachments(path, self.settings, folder, limits)

    def part_renderer(self, path: Path) -> PdfPartRenderer:
        """Return what renders parts of the pages of a PDF that was read before; nothing is opened yet."""
        return PdfPartRenderer(path, self.settings)

    def open(self, path: Path, first_page: int = 1) -> OpenDocument:
        """Start reading ``path`` at a page; close what is returned, or use it in ``with``.

        Raises DocumentRejected, whose message is one line that follows the name of the file, and
        Unreadable when it is not the file's fault.
        """
        return OpenDocument(path, self.settings, first_page)
