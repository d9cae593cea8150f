"""The words in which a document is refused: what is the matter, and what to do about it.

Each message follows the name of the file: "report.pdf" "is protected by a password: ...".
"""

from __future__ import annotations

from indexer.base.errors import DocumentRejected
from indexer.base.settings import IndexerSettings
from indexer.base.verdicts import Verdict
from indexer.inputs.sandbox.frames import RasterizerFault

_MAX_REASON_CHARACTERS = 160
_AGAIN = "and ingest it again"
_REPAIR = f"print it to a new PDF {_AGAIN}"


def one_line(reason: object) -> str:
    """What a library or a child says, fit for one line."""
    start = str(reason)[: 4 * _MAX_REASON_CHARACTERS]
    shown = "".join(c if c.isprintable() else " " for c in start)
    return " ".join(shown.split())[:_MAX_REASON_CHARACTERS]


def empty() -> DocumentRejected:
    return DocumentRejected(Verdict.EMPTY, f"is empty (0 bytes): fetch the whole file {_AGAIN}")


def not_pdf(why: str) -> DocumentRejected:
    return DocumentRejected(Verdict.NOT_PDF, f"is not a PDF ({why}): convert it to PDF {_AGAIN}")


def password() -> DocumentRejected:
    return DocumentRejected(
        Verdict.PASSWORD,
        "is protected by a password: remove the protection, e.g. with qpdf --decrypt, " + _AGAIN,
    )


def too_large(n_bytes: int, settings: IndexerSettings) -> DocumentRejected:
    return DocumentRejected(
        Verdict.TOO_LARGE,
        f"has {n_bytes} bytes, more than the {settings.max_file_bytes} allowed: "
        f"split it, or raise PAGESIGHT_MAX_FILE_BYTES, {_AGAIN}",
    )


def too_many_pages(n_pages: int, settings: IndexerSettings) -> DocumentRejected:
    return DocumentRejected(
        Verdict.TOO_MANY_PAGES,
        f"has {n_pages} pages, more than the {settings.max_pages} allowed: "
        f"split it, or raise PAGESIGHT_MAX_PAGES, {_AGAIN}",
    )


def corrupt(what: str) -> DocumentRejected:
    """Nothing can be had out of the document."""
    return DocumentRejected(Verdict.CORRUPT, f"{what}: {_REPAIR}")


def too_slow(what: str) -> DocumentRejected:
    """The document costs more time than allowed."""
    return DocumentRejected(
        Verdict.TIMEOUT,
        f"{what}: raise PAGESIGHT_PAGE_CPU_S and PAGESIGHT_PAGE_WALL_S, or {_REPAIR}",
    )


def starved(purpose: str, settings: IndexerSettings) -> DocumentRejected:
    """The document needs more memory than the child may have."""
    return DocumentRejected(
        Verdict.FAILED,
        f"needs more than {settings.rasterizer_memory_bytes} bytes of memory {purpose}: "
        f"raise PAGESIGHT_RASTERIZER_MEMORY_BYTES {_AGAIN}",
    )


def crashed(what: str) -> DocumentRejected:
    """The document ends the process that reads it."""
    return DocumentRejected(Verdict.FAILED, f"{what}: {_REPAIR}")


def misled(fault: RasterizerFault) -> DocumentRejected:
    """The child broke its protocol: something in the document has taken it over, or damaged it."""
    return DocumentRejected(
        Verdict.FAILED, f"made the rasterizer answer nonsense ({fault}): {_REPAIR}"
    )


def changed() -> DocumentRejected:
    return DocumentRejected(
        Verdict.FAILED, "changed while it was read: ingest it again when it is complete"
    )


def unreadable(error: OSError) -> DocumentRejected:
    """The operating system does not let us read the file."""
    reason = error.strerror or type(error).__name__
    return DocumentRejected(
        Verdict.FAILED, f"could not be read ({reason}): check the file {_AGAIN}"
    )


def not_tried(why: str, remedy: str) -> DocumentRejected:
    """Nothing was learned about the document."""
    return DocumentRejected(Verdict.FAILED, f"was not tried, {why}: {remedy} {_AGAIN}")
