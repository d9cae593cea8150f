"""Office files that lie or ask, as they are read where LibreOffice is not installed."""

from __future__ import annotations

from tests.support.kind_files import docx_bytes, odp_bytes, xlsx_bytes, zip_bytes
from tests.support.liars import Liars, swelling_entities

_DOCX = docx_bytes("word")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def _body(markup: str) -> bytes:
    return docx_bytes("word", body=markup)


def _asking(kind: str, url: str) -> bytes:
    relation = (
        f'<Relationship Id="r9" Type="{_RELATION}/{kind}" Target="{url}" TargetMode="External"/>'
    )
    return docx_bytes("word", relations=relation)


def _replacing(data: bytes, part: str, content: str | bytes) -> bytes:
    """Return an office file with another part in place of one."""
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
    return zip_bytes(files | {part: content})


def liars(url: str) -> Liars:
    """Return office files."""
    main = "word/document.xml"
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    entities = swelling_entities()
    swelling = (
        f'<!DOCTYPE d [<!ENTITY a0 "x">{entities}]><w:document {space}><w:body><w:p><w:r><w:t>word &a11;'
        "</w:t></w:r></w:p></w:body></w:document>"
    )
    outside = swelling.replace(
        '<!ENTITY a0 "x">', '<!ENTITY a11 SYSTEM "file:///etc/passwd">'
    ).replace(entities, "")
    call = f'<w:p><w:fldSimple w:instr="INCLUDEPICTURE {url}"><w:r><w:t>p</w:t></w:r></w:fldSimple></w:p>'
    workbook = xlsx_bytes([["word"]])
    return {
        "a picture from elsewhere": ("a.docx", _asking("image", url), "indexed_with_warnings"),
        "a template from elsewhere": ("a.docx", _asking("attachedTemplate", url), "indexed_with_warnings"),
        "an object from elsewhere": ("a.docx", _asking("oleObject", url), "indexed_with_warnings"),
        "a field that asks": ("a.docx", _body(call), "indexed_with_warnings"),
        "macros": ("a.docm", _replacing(_DOCX, "word/vbaProject.bin", _OLE), "indexed_with_warnings"),
        "entities that swell": ("a.docx", _replacing(_DOCX, main, swelling), "indexed_with_warnings"),
        "an entity of the machine": ("a.docx", _replacing(_DOCX, main, outside), "indexed_with_warnings"),
        "a text that swells": ("a.docx", _replacing(_DOCX, main, b" " * 20_000_000), "needs_libreoffice"),
        "no XML": ("a.docx", _replacing(_DOCX, main, b"\xff\xfe" * 99), "needs_libreoffice"),
        "XML without an end": (
            "a.docx", _replacing(_DOCX, main, f"<w:document {space}>"), "needs_libreoffice",
        ),
        "tables in tables": ("a.docx", _body("<w:tbl><w:tr><w:tc>" * 5000), "corrupt"),
        "cut": ("a.docx", _DOCX[:-40], "corrupt"),
        "protected": ("a.docx", _OLE + bytes(504) + "EncryptedPackage\0".encode("utf-16-le"), "password"),
        "an archive named Word": ("a.docx", zip_bytes({"a.txt": "x"}), "indexed_with_warnings"),
        "text named Word": ("a.docx", b"word", "unsupported"),
        "a workbook named Word": ("a.docx", xlsx_bytes([["word"]]), "indexed_with_warnings"),
        "a workbook without its sheet": (
            "a.xlsx", _replacing(workbook, "xl/worksheets/sheet1.xml", b""), "needs_libreoffice",
        ),
        "a cell of a text that is not there": (
            "a.xlsx",
            _replacing(workbook, "xl/worksheets/sheet1.xml", "<sheetData><c t='s'><v>9</v></c></sheetData>"),
            "needs_libreoffice",
        ),
        "slides without a slide": (
            "a.pptx", zip_bytes({"ppt/presentation.xml": "<p/>"}), "corrupt",
        ),
        "slides of OpenDocument": ("a.odp", odp_bytes("word"), "needs_libreoffice"),
        "a document of before 2007 that is none": (
            "a.doc", _OLE + bytes(504) + "WordDocument\0".encode("utf-16-le"), "needs_libreoffice",
        ),
        "RTF of groups in groups": ("a.rtf", b"{\\rtf1" + b"{" * 9999, "needs_libreoffice"),
    }  # fmt: skip
