"""Files that are refused, each with its verdict and a line that says what to do."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pymupdf
import pytest
from PIL import Image, PngImagePlugin

from indexer.base.errors import DocumentRejected
from indexer.base.settings import IndexerSettings
from indexer.base.verdicts import Verdict
from indexer.inputs.rasterizer import Rasterizer
from tests.builders import pdf_bytes


def pdf(n_pages: int = 1, **options: object) -> bytes:
    return pdf_bytes(*(f"page {number + 1}" for number in range(n_pages)), **options)


def png(comment: str = "") -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", comment)
    buffer = io.BytesIO()
    Image.new("RGB", (20, 20), "red").save(buffer, "png", pnginfo=info)
    return buffer.getvalue()


def no_pages() -> bytes:
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
        b"trailer<</Root 1 0 R>>\n%%EOF\n"
    )


def reject(data: bytes, folder: Path, **settings: float) -> DocumentRejected:
    path = folder / "document.pdf"
    path.write_bytes(data)
    with (
        pytest.raises(DocumentRejected) as caught,
        Rasterizer(IndexerSettings(**settings)).open(path) as opened,
    ):
        list(opened.pages())
    message = str(caught.value)
    assert "\n" not in message
    assert ": " in message
    return caught.value


HTML = b"<!DOCTYPE html><html><body><p>Not found</p></body></html>"
LOCK = {"encryption": pymupdf.PDF_ENCRYPT_AES_256, "user_pw": "secret", "owner_pw": "owner"}


@pytest.mark.parametrize(
    ("data", "verdict"),
    [
        (b"", Verdict.EMPTY),
        (b"just some text", Verdict.UNSUPPORTED),
        (HTML, Verdict.UNSUPPORTED),
        (b" " * 1024 + pdf(), Verdict.UNSUPPORTED),
        (b"%PDF-1.7\n", Verdict.CORRUPT),
        (b"%PDF-1.7\n" + os.urandom(2_000), Verdict.CORRUPT),
        (pdf()[:120], Verdict.CORRUPT),
        (no_pages(), Verdict.CORRUPT),
        (pdf(**LOCK), Verdict.PASSWORD),
    ],
    ids=[
        "empty",
        "text",
        "HTML named .pdf",
        "PDF too far in",
        "header only",
        "noise",
        "truncated",
        "zero pages",
        "password",
    ],
)
def test_a_file_that_cannot_be_indexed_has_its_verdict(
    tmp_path: Path, data: bytes, verdict: Verdict
) -> None:
    assert reject(data, tmp_path).verdict == verdict


def test_another_format_that_claims_to_be_a_pdf_is_never_indexed_as_one(tmp_path: Path) -> None:
    assert reject(HTML + b"%PDF-1.7", tmp_path).verdict is Verdict.CORRUPT
    path = tmp_path / "picture.pdf"
    path.write_bytes(png("%PDF-1.7"))
    with Rasterizer(IndexerSettings()).open(path) as opened:
        assert opened.media_type == "image/png"
        assert opened.warnings == ["is a PNG image file, although its name says PDF"]


def test_the_password_message_says_what_to_do(tmp_path: Path) -> None:
    assert str(reject(pdf(**LOCK), tmp_path)) == (
        "is protected by a password: remove the protection, e.g. with qpdf --decrypt, "
        "and ingest it again"
    )


def test_a_pdf_that_only_restricts_printing_is_read(tmp_path: Path) -> None:
    path = tmp_path / "document.pdf"
    path.write_bytes(pdf(encryption=pymupdf.PDF_ENCRYPT_AES_256, owner_pw="owner"))
    with Rasterizer(IndexerSettings()).open(path) as opened:
        assert len(list(opened.pages())) == 1


def test_too_many_pages_are_refused_and_just_enough_are_not(tmp_path: Path) -> None:
    rejected = reject(pdf(4), tmp_path, max_pages=3)
    assert rejected.verdict == Verdict.TOO_MANY_PAGES
    assert "4 pages, more than the 3 allowed" in str(rejected)
    with Rasterizer(IndexerSettings(max_pages=4)).open(tmp_path / "document.pdf") as opened:
        assert opened.n_pages == 4


def test_a_count_that_lies_is_refused_without_being_counted(tmp_path: Path) -> None:
    data = no_pages().replace(b"/Count 0", b"/Count 99999999")
    assert reject(data, tmp_path).verdict in (Verdict.TOO_MANY_PAGES, Verdict.CORRUPT)


def test_a_file_over_the_limit_is_too_large(tmp_path: Path) -> None:
    assert reject(pdf(), tmp_path, max_file_bytes=100).verdict == Verdict.TOO_LARGE


def test_a_missing_file_a_folder_and_a_pipe_are_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.pdf")
    rasterizer = Rasterizer(IndexerSettings())
    for name, verdict in (
        ("missing.pdf", Verdict.FAILED),
        ("", Verdict.UNSUPPORTED),
        ("pipe.pdf", Verdict.UNSUPPORTED),
    ):
        with pytest.raises(DocumentRejected) as caught:
            rasterizer.open(tmp_path / name)
        assert caught.value.verdict == verdict


def test_a_document_of_which_no_page_renders_is_corrupt(tmp_path: Path) -> None:
    data = no_pages().replace(b"/Kids[]/Count 0", b"/Kids[2 0 R]/Count 1")
    rejected = reject(data, tmp_path)
    assert rejected.verdict == Verdict.CORRUPT
