"""Office files: LibreOffice, where it is installed, prints them to PDF in a sandbox of its own.

Without it the words of the formats of Microsoft's newer programs are read all the same, laid out plainly,
with a warning; files of the others are refused with `needs_libreoffice`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from indexer.inputs.kind import FileLook, MediaType, OpenedFile, UnfitFile, named_form
from indexer.inputs.sandbox.frames import RenderRequest

_OPEN_XML = "application/vnd.openxmlformats-officedocument"
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument"


def _form(name: str, title: str, *endings: str, needs_program: bool = True) -> MediaType:
    return MediaType(
        name,
        title,
        endings,
        program="soffice",
        needs_program=needs_program,
        repair="fetch the whole file, or save it anew in the program that it was made with",
    )


MEDIA_TYPES = (
    _form(
        f"{_OPEN_XML}.wordprocessingml.document",
        "Word document",
        ".docx",
        ".docm",
        needs_program=False,
    ),
    _form(
        f"{_OPEN_XML}.spreadsheetml.sheet", "Excel workbook", ".xlsx", ".xlsm", needs_program=False
    ),
    _form(
        f"{_OPEN_XML}.presentationml.presentation",
        "PowerPoint slides",
        ".pptx",
        ".pptm",
        needs_program=False,
    ),
    _form(f"{_OPEN_DOCUMENT}.text", "OpenDocument text", ".odt"),
    _form(f"{_OPEN_DOCUMENT}.spreadsheet", "OpenDocument spreadsheet", ".ods"),
    _form(f"{_OPEN_DOCUMENT}.presentation", "OpenDocument slides", ".odp"),
    _form("application/msword", "Word document of before 2007", ".doc"),
    _form("application/vnd.ms-excel", "Excel workbook of before 2007", ".xls"),
    _form("application/vnd.ms-powerpoint", "PowerPoint slides of before 2007", ".ppt"),
    _form("application/rtf", "RTF document", ".rtf"),
)
_FILE_TYPES = {
    f"{_OPEN_XML}.wordprocessingml.document": "docx",
    f"{_OPEN_XML}.spreadsheetml.sheet": "xlsx",
    f"{_OPEN_XML}.presentationml.presentation": "pptx",
}
_PARTS = {
    "word/document.xml": 0,
    "xl/workbook.xml": 1,
    "xl/workbook.bin": 1,
    "ppt/presentation.xml": 2,
}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOCKED = "EncryptedPackage\0".encode("utf-16-le")
_STREAMS = {"WordDocument": 6, "Workbook": 7, "Book": 7, "PowerPoint Document": 8}
_LOOKED_THROUGH_BYTES = 4 * 1024**2


def media_type_of(look: FileLook) -> str | None:
    """Tell office files by the parts of their archive, the streams of their container, their first bytes."""
    if look.start.startswith(b"{\\rtf"):
        return "application/rtf"
    if look.start.startswith(_OLE):
        return _by_streams(look)
    for form in MEDIA_TYPES[3:6]:
        if b"mimetype" + form.name.encode() in look.start[:200]:
            return form.name
    parts = [number for name, number in _PARTS.items() if name in look.zip_names]
    return MEDIA_TYPES[parts[0]].name if parts else named_form(look, MEDIA_TYPES[:6])


def _by_streams(look: FileLook) -> str | None:
    """Tell a file of before 2007 by the names in its directory, which may stand anywhere."""
    for content in (look.read(0, _LOOKED_THROUGH_BYTES), look.end(_LOOKED_THROUGH_BYTES)):
        for name, number in _STREAMS.items():
            if f"{name}\0".encode("utf-16-le") in content:
                return MEDIA_TYPES[number].name
        if _LOCKED in content:
            forms = [form for form in MEDIA_TYPES[:3] if look.ending in form.endings]
            return (forms or MEDIA_TYPES)[0].name
    return None


def open_file(path: str, media_type: str, request: RenderRequest) -> OpenedFile:
    """Lay out the words of a file plainly. Raises UnfitFile where that cannot be done without LibreOffice."""
    from indexer.inputs.pdf.reflowed import laid_out

    if media_type not in _FILE_TYPES:
        raise UnfitFile("needs_libreoffice", "can be read with LibreOffice alone")
    content = Path(path).read_bytes()
    if content.startswith(_OLE):
        raise UnfitFile("password", "is protected by a password")
    document = laid_out(content, _FILE_TYPES[media_type])
    if not any(page.get_text().strip() for page in document):
        raise UnfitFile("needs_libreoffice", "has no words that can be read without LibreOffice")
    facts = stated_by(path, media_type)
    warning = "its words were read without its look: install LibreOffice and `pagesight reread` it"
    return OpenedFile(document, {"warning": warning, "stated": facts})


def stated_by(path: str, media_type: str) -> dict[str, Any]:
    """Return what a file says of itself, also one that LibreOffice prints: a print has another date."""
    from indexer.inputs.pdf.document_metadata import of_xml
    from indexer.inputs.zip_parts import read_part

    if media_type in _FILE_TYPES:
        core = read_part(path, "docProps/core.xml")
        return of_xml(core, dates=("created", "modified"), tags=("keywords",))
    return of_xml(read_part(path, "meta.xml"), dates=("creation-date", "date"), tags=("keyword",))
