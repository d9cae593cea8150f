"""Each kind of file becomes pages with words, told by its bytes."""

from __future__ import annotations

import base64
import shutil
from pathlib import Path

import pytest
from PIL import Image

from indexer.base.errors import DocumentRejected
from indexer.base.settings import IndexerSettings
from indexer.base.verdicts import Verdict
from indexer.inputs.pdf.attachments import AttachmentLimits
from indexer.inputs.rasterizer import Rasterizer
from tests.support.kind_files import (
    docx_bytes,
    epub_bytes,
    image_bytes,
    mail_bytes,
    picture_of,
    xlsx_bytes,
    zip_bytes,
)
from tests.support.outlook_files import compound_bytes, message_tree

SETTINGS = IndexerSettings(layout="never")
HTML = (
    b"<!doctype html><html><head><meta charset='iso-8859-1'><script>var evil = 1</script></head>"
    b"<body><h1>Pumps</h1><p>Gr\xf6\xdfe</p><img src='http://127.0.0.1:9/a.png' alt='a valve'></body></html>"
)
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' width='90' height='40'><text y='20'>Valve</text></svg>"
FRAMES = [picture_of(f"frame {number}") for number in range(3)]


def read(data: bytes, folder: Path, name: str) -> tuple[str, list[str], list[str]]:
    """Return the media type, the words of each page, and the warnings."""
    path = folder / "incoming"
    path.write_bytes(data)
    with Rasterizer(SETTINGS).open(path, name=name) as document:
        words = [page.words.text().replace("\n", " ") for page in document.pages()]
        return document.media_type, words, document.warnings


PICTURE = base64.b64encode(image_bytes(Image.new("RGB", (20, 20)), "PNG")).decode()
HEBREW = f"<html><img src='data:image/png;base64,{PICTURE}'><p>שלום עולם</p></html>"


@pytest.mark.parametrize(
    ("name", "data", "media_type", "pages"),
    [
        ("a.txt", "Größe\n\ftwo".encode(), "text/plain", ["Größe", "two"]),
        ("a.log", "Größe".encode("latin-1"), "text/plain", ["Größe"]),
        ("a", "Größe".encode("utf-16"), "text/plain", ["Größe"]),
        ("a.md", b"# Pumps\n\n- one", "text/markdown", ["Pumps • one"]),
        ("a.html", HTML, "text/html", ["Pumps Größe a valve"]),
        ("b.html", HEBREW.encode(), "text/html", ["שלום עולם"]),
        ("a.epub", epub_bytes("alpha", "beta"), "application/epub+zip",
         ["Chapter 1 alpha", "Chapter 2 beta"]),
        ("a.svg", SVG, "image/svg+xml", ["Valve"]),
        ("a.eml", mail_bytes("Offer", "1200 EUR"), "message/rfc822",
         ["From: Ann <ann@example.org> To: bob@example.org Date: Fri, 27 Nov 2026 10:00:00 +0000 "
          "Subject: Offer 1200 EUR"]),
        ("a.zip", zip_bytes({"in/b.txt": "12345"}), "application/zip", ["1 files in/b.txt 5 bytes"]),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 9 else "",
)  # fmt: skip
def test_words_stand_on_the_pages_of_a_kind(
    tmp_path: Path, name: str, data: bytes, media_type: str, pages: list[str]
) -> None:
    assert read(data, tmp_path, name) == (media_type, pages, [])


def test_a_mailbox_begins_a_page_with_each_message(tmp_path: Path) -> None:
    mailbox = b"".join(
        b"From a@example.org Fri Nov 27 10:00:00 2026\n" + mail_bytes(subject, "text") + b"\n"
        for subject in ("First", "Second")
    )
    media_type, pages, _ = read(mailbox, tmp_path, "all.mbox")
    assert media_type == "application/mbox"
    assert ["Subject: First" in pages[0], "Subject: Second" in pages[1]] == [True, True]


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP", "AVIF", "HEIF"])
def test_a_picture_is_a_page_of_its_own_pixels(tmp_path: Path, form: str) -> None:
    path = tmp_path / "incoming"
    if form == "HEIF":
        heic = pytest.importorskip("pillow_heif", reason="the extra `heic` is not installed")
        heic.register_heif_opener()
    path.write_bytes(image_bytes(picture_of("words", size=(600, 400)), form))
    with Rasterizer(SETTINGS).open(path, name="named.pdf") as document:
        (page,) = document.pages()
        assert document.warnings == [f"is a {_title(form)} image file, although its name says PDF"]
    assert (page.image.size, page.image_coverage) == ((600, 400), 1.0)
    assert (page.width_pt, page.height_pt) == (360.0, 240.0)


def _title(form: str) -> str:
    return {"WEBP": "WebP", "HEIF": "HEIC"}.get(form, form)


def test_a_tiff_of_many_frames_has_as_many_pages_and_an_animation_has_one(tmp_path: Path) -> None:
    more = {"save_all": True, "append_images": FRAMES[1:]}
    for form, n_pages in (("TIFF", 3), ("GIF", 1)):
        (tmp_path / form).write_bytes(image_bytes(FRAMES[0], form, **more))
        with Rasterizer(SETTINGS).open(tmp_path / form) as document:
            assert len(list(document.pages())) == document.n_pages == n_pages


def test_a_picture_is_turned_as_its_exif_says_and_sized_as_its_scanner_says(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x112] = 6  # orientation: turn clockwise
    picture = Image.new("RGB", (1200, 600), "red")
    for form in ("JPEG", "TIFF", "PNG", "WEBP"):
        size = {} if form == "WEBP" else {"dpi": (300, 300)}
        (tmp_path / form).write_bytes(image_bytes(picture, form, exif=exif, **size))
        with Rasterizer(SETTINGS).open(tmp_path / form) as document:
            (page,) = document.pages()
        width_px, height_px = (240, 480) if size else (600, 1200)
        assert page.image.size == (width_px, height_px), form
        assert round(page.width_pt) == round(width_px * 72 / 120)


def test_words_of_a_word_document_are_read_without_libreoffice_and_those_of_rtf_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    rows = [["Part", "Shelf"], ["Gasket", "B14"]]
    assert read(xlsx_bytes(rows), tmp_path, "a.xlsx")[1] == ["Part Shelf Gasket B14"]
    _, pages, warnings = read(docx_bytes("Pressure is 12 bar"), tmp_path, "a.docx")
    assert pages == ["Pressure is 12 bar"]
    assert warnings[0].startswith("its words were read without its look")
    with pytest.raises(DocumentRejected, match="install LibreOffice") as caught:
        read(b"{\\rtf1 Pressure}", tmp_path, "a.rtf")
    assert caught.value.verdict is Verdict.NEEDS_LIBREOFFICE


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
@pytest.mark.parametrize(
    ("name", "data"),
    [("a.docx", docx_bytes("Pressure")), ("a.rtf", b"{\\rtf1\\ansi Pressure\\par}")],
)
def test_libreoffice_prints_office_files(tmp_path: Path, name: str, data: bytes) -> None:
    assert read(data, tmp_path, name)[1:] == (["Pressure"], [])


def test_a_message_of_outlook_is_a_page_and_its_attachments_are_files(tmp_path: Path) -> None:
    inner = message_tree("Terms", "Due in 21 days", is_inner=True)
    tree = message_tree("Offer", "1200 EUR\nGrüße", {"price list.txt": b"chairs", "mail": inner})
    data = compound_bytes(tree)
    media_type, pages, warnings = read(data, tmp_path, "a.msg")
    assert (media_type, warnings) == ("application/vnd.ms-outlook", [])
    assert pages == [
        "From: Ann Lee <ann@example.org> To: Bob Date: Fri, 27 Nov 2026 10:00:00 +0000 Subject: Offer "
        "1200 EUR Grüße"
    ]
    (tmp_path / "out").mkdir()
    files = Rasterizer(SETTINGS).attachments(
        tmp_path / "incoming", tmp_path / "out", AttachmentLimits(10, 10_000), "a.msg"
    )
    assert [file.name for file in files.files] == ["price list.txt", "Terms.eml"]
    contents = [file.path.read_bytes() for file in files.files if file.path]
    assert contents[0] == b"chairs" and b"Due in 21 days" in contents[1]
    with pytest.raises(DocumentRejected) as caught:
        read(data[:-600], tmp_path, "a.msg")
    assert caught.value.verdict is Verdict.CORRUPT
