"""PDF."""

from __future__ import annotations

from functools import partial

from indexer.inputs.kind import FileLook, MediaType, OpenedFile
from indexer.inputs.sandbox.frames import RenderRequest

MEDIA_TYPES = (MediaType("application/pdf", "PDF", (".pdf",), unlock="e.g. with qpdf --decrypt"),)
_MAGIC = b"%PDF-"
_MAGIC_WITHIN_BYTES = 1024  # PDF Reference 1.7 (Adobe), appendix H, implementation note 13


def media_type_of(look: FileLook) -> str | None:
    """Tell a PDF by its header, before which mail programs and web servers may leave something."""
    return "application/pdf" if _MAGIC in look.start[:_MAGIC_WITHIN_BYTES] else None


def open_file(path: str, media_type: str, request: RenderRequest) -> OpenedFile:
    """Open a PDF."""
    import pymupdf

    from indexer.inputs.pdf import document_facts, document_metadata
    from indexer.inputs.pdf.embedded_files import embedded_files

    document = pymupdf.open(path, filetype="pdf")
    facts = {} if document.needs_pass else document_facts.read(document)
    if not document.needs_pass:
        facts["stated"] = document_metadata.of_document(document)
    return OpenedFile(document, facts, partial(embedded_files, document))
