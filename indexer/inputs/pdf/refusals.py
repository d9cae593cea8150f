"""Say why a document is refused, and what to do about it.

Each message follows the name of the file: "report.pdf" "is protected by a password: ...".
"""

from __future__ import annotations

from indexer.base.errors import DocumentRejected
from indexer.base.settings import IndexerSettings
from indexer.base.verdicts import Verdict
from indexer.inputs.kind import MediaType
from indexer.inputs.sandbox.frames import RasterizerFault
from indexer.inputs.sandbox.process import ChildDied

_MAX_REASON_CHARACTERS = 160
_AGAIN = "and ingest it again"


def printable_line(reason: object) -> str:
    """Return what a library or a child says on one line, without control characters."""
    start = str(reason)[: 4 * _MAX_REASON_CHARACTERS]
    printable = "".join(c if c.isprintable() else " " for c in start)
    return " ".join(printable.split())[:_MAX_REASON_CHARACTERS]


def empty() -> DocumentRejected:
    return DocumentRejected(Verdict.EMPTY, f"is empty (0 bytes): fetch the whole file {_AGAIN}")


def unsupported_kind(why: str) -> DocumentRejected:
    """Refuse a file of a kind that is not read."""
    return DocumentRejected(
        Verdict.UNSUPPORTED,
        f"{why}: convert it to a kind that `pagesight kinds` lists {_AGAIN}",
    )


def refused_by_child(cause: str, reason: str, form: MediaType) -> DocumentRejected:
    """Refuse a file that its child could not open; the cause may name the verdict."""
    match cause:
        case "too_large":
            return DocumentRejected(Verdict.TOO_LARGE, f"{reason}: make it smaller {_AGAIN}")
        case "too_many_pages":
            return DocumentRejected(Verdict.TOO_MANY_PAGES, f"{reason}: split it {_AGAIN}")
        case "password":
            return password(form)
        case "unsupported":
            return unsupported_kind(reason)
        case "needs_libreoffice":
            return DocumentRejected(
                Verdict.NEEDS_LIBREOFFICE,
                f"{reason}: install LibreOffice (`soffice` on the PATH) or convert it to PDF, {_AGAIN}",
            )
        case "needs_av":
            return DocumentRejected(
                Verdict.NEEDS_AV, f"{reason}: install `pagesight[video]` {_AGAIN}"
            )
        case "needs_pillow_heif":
            return DocumentRejected(
                Verdict.NEEDS_PILLOW_HEIF,
                f"{reason}: install `pagesight[heic]`, or convert it to JPEG, {_AGAIN}",
            )
        case "corrupt":
            return corrupt(reason, form)
        case _:
            return corrupt(f"cannot be opened ({reason})", form)


def password(form: MediaType) -> DocumentRejected:
    return DocumentRejected(
        Verdict.PASSWORD,
        f"is protected by a password: remove the protection, {form.unlock}, {_AGAIN}",
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


def corrupt(problem: str, form: MediaType) -> DocumentRejected:
    """Refuse a document that gives no page."""
    return DocumentRejected(Verdict.CORRUPT, f"{problem}: {form.repair}, {_AGAIN}")


def cut_off(what_is_left: str, form: MediaType) -> DocumentRejected:
    """Refuse a document whose end is missing, as of a download that broke, and with it all that it shows."""
    return DocumentRejected(
        Verdict.CORRUPT,
        f"is cut off or damaged, {what_is_left}: fetch the whole file, or {form.repair}, {_AGAIN}",
    )


def unprintable(reason: str, *, timed_out: bool) -> DocumentRejected:
    """Refuse an office file of which LibreOffice makes no pages."""
    verdict = Verdict.TIMEOUT if timed_out else Verdict.CORRUPT
    return DocumentRejected(
        verdict, f"LibreOffice could not print it ({reason}): convert it to PDF {_AGAIN}"
    )


def too_slow(problem: str, form: MediaType) -> DocumentRejected:
    """Refuse a document that costs more time than allowed."""
    return DocumentRejected(
        Verdict.TIMEOUT,
        f"{problem}: raise PAGESIGHT_PAGE_CPU_S and PAGESIGHT_PAGE_WALL_S, or {form.repair}, {_AGAIN}",
    )


def out_of_memory(purpose: str, settings: IndexerSettings) -> DocumentRejected:
    """Refuse a document that needs more memory than the child may have."""
    return DocumentRejected(
        Verdict.FAILED,
        f"needs more than {settings.rasterizer_memory_bytes} bytes of memory {purpose}: "
        f"raise PAGESIGHT_RASTERIZER_MEMORY_BYTES {_AGAIN}",
    )


def crash(problem: str, form: MediaType) -> DocumentRejected:
    """Refuse a document that ends the process that reads it."""
    return DocumentRejected(Verdict.FAILED, f"{problem}: {form.repair}, {_AGAIN}")


def broken_protocol(fault: RasterizerFault, form: MediaType) -> DocumentRejected:
    """Refuse a document whose child broke its protocol: it has been damaged or taken over."""
    return crash(f"made the rasterizer answer nonsense ({fault})", form)


def changed_file() -> DocumentRejected:
    return DocumentRejected(
        Verdict.FAILED, "changed while it was read: ingest it again when it is complete"
    )


def unreadable(error: OSError) -> DocumentRejected:
    """Refuse a file that the operating system does not let us read."""
    reason = error.strerror or type(error).__name__
    return DocumentRejected(
        Verdict.FAILED, f"could not be read ({reason}): check the file {_AGAIN}"
    )


def not_tried(why: str, remedy: str) -> DocumentRejected:
    """Say that the document could not be looked at."""
    return DocumentRejected(Verdict.FAILED, f"was not tried, {why}: {remedy} {_AGAIN}")


def refused_opening(fault: RasterizerFault, form: MediaType) -> DocumentRejected:
    """Return the verdict on a document whose child failed before its first page."""
    if not isinstance(fault, ChildDied):
        return broken_protocol(fault, form)
    if fault.timed_out:
        return too_slow(f"cannot be opened in time (it {fault})", form)
    return crash(f"cannot be opened (it {fault})", form)
