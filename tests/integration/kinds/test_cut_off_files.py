"""A file whose end is missing, as of a download that broke: what there is of it is kept, with a warning."""

from __future__ import annotations

import io
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from indexer.base.errors import DocumentRejected
from indexer.base.settings import IndexerSettings
from indexer.base.verdicts import Verdict
from indexer.inputs.pdf.attachments import AttachmentLimits
from indexer.inputs.rasterizer import Rasterizer
from indexer.inputs.registry import MEDIA_TYPES
from tests.builders import pdf_bytes
from tests.support.kind_files import (
    docx_bytes,
    epub_bytes,
    image_bytes,
    mail_bytes,
    picture_of,
    video_bytes,
    zip_bytes,
)

SIZE = (160, 96)
TEXTS = ["One", "Two", "Three"]
MAIL = mail_bytes("Offer", "Forty chairs.", {"a.pdf": pdf_bytes("a"), "b.pdf": pdf_bytes("b")})


def frames() -> bytes:
    first, *others = [picture_of(text, size=(400, 300)) for text in TEXTS]
    return image_bytes(first, "TIFF", save_all=True, append_images=others, compression="tiff_lzw")


def video(form: str, codec: str = "libx264") -> Callable[[], bytes]:
    return lambda: video_bytes(TEXTS, form, codec, each_s=4, size=SIZE)


def picture(form: str) -> Callable[[], bytes]:
    return lambda: image_bytes(picture_of("Meter 48213", size=(400, 300)), form)


# What is cut, how many pages are left of how many, and what is said of it.
CUT = {
    "a.mkv": (video("matroska"), 2, "is cut off behind"),
    "a.webm": (video("webm", "libvpx"), 3, "is cut off behind"),
    "a.png": (picture("PNG"), 1, "page 1: cut off or damaged"),
    "a.jpg": (picture("JPEG"), 1, "page 1: cut off or damaged"),
    "a.bmp": (picture("BMP"), 1, "page 1: cut off or damaged"),
    "a.tiff": (frames, 2, "cannot be read behind its frame 2"),
    "a.eml": (lambda: MAIL, 1, "is cut off"),
    "a.zip": (lambda: zip_bytes(dict.fromkeys("abc", MAIL)), 1, "is cut off"),
}


def write(folder: Path, name: str, data: bytes, share: float = 0.8) -> Path:
    path = folder / name
    path.write_bytes(data[: int(len(data) * share)])
    return path


@pytest.mark.parametrize("name", CUT)
def test_what_there_is_of_a_file_that_was_cut_off_is_kept_with_a_warning(
    tmp_path: Path, name: str
) -> None:
    make, n_pages, told = CUT[name]
    if name in ("a.mkv", "a.webm") and find_spec("av") is None:
        pytest.skip("PyAV, of the extra `video`, is not installed")
    data = make()
    rasterizer = Rasterizer(IndexerSettings(layout="never"))
    for share, warnings in ((1.0, 0), (0.8, 1)):
        path = write(tmp_path, name, data, share)
        with rasterizer.open(path) as document:
            pages = list(document.pages())
            assert len(document.warnings) == warnings, document.warnings
    assert len(pages) == n_pages
    assert document.warnings[0].startswith(told)
    if document.carries_files:
        files = rasterizer.attachments(path, tmp_path, AttachmentLimits(9, 10**6)).files
        assert [file.name for file in files] == (
            ["a.pdf", "b.pdf"] if name == "a.eml" else ["a", "b"]
        )


def test_an_archive_whose_sizes_stand_behind_its_files_is_read_as_far_as_it_goes(
    tmp_path: Path,
) -> None:
    import zipfile

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    content = Pipe()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in "abc":
            archive.writestr(f"{name}.txt", f"This is {name}. " * 40)
    path = write(tmp_path, "a.zip", content.getvalue(), 0.45)
    files = (
        Rasterizer(IndexerSettings()).attachments(path, tmp_path, AttachmentLimits(9, 10**6)).files
    )
    assert [file.name for file in files] == ["a.txt", "b.txt"]


@pytest.mark.parametrize(
    ("name", "data", "way_out"),
    [
        ("a.docx", docx_bytes("words"), "save it anew in the program"),
        ("a.epub", epub_bytes("words"), "convert it to PDF"),
        ("a.webp", image_bytes(picture_of("words"), "WEBP"), "save it anew as PNG"),
        ("a.pdf", b"%PDF-1.7\nnothing", "print it to a new PDF"),
    ],
)
def test_a_file_of_which_nothing_can_be_read_is_refused_with_a_way_out_that_fits_its_kind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, data: bytes, way_out: str
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))  # no LibreOffice
    path = write(tmp_path, name, data)
    with pytest.raises(DocumentRejected, match=way_out) as caught:
        Rasterizer(IndexerSettings(layout="never")).open(path)
    assert caught.value.verdict is Verdict.CORRUPT


def test_no_other_kind_than_those_that_are_printed_is_to_be_printed() -> None:
    printed = {form.name for form in MEDIA_TYPES if "print" in form.repair}
    assert printed == {"application/pdf", "text/html", "text/plain", "text/markdown"}


@pytest.mark.parametrize("name", ["a.html", "a.md", "a.eml", "a.txt"])
def test_a_word_of_any_length_is_laid_out(tmp_path: Path, name: str) -> None:
    text = " ".join(["Begin", "a" * 100_000, "&eacute;" * 30_000, "ab\u00a0" * 30_000])
    data = mail_bytes("Long", text) if name == "a.eml" else text.encode()
    path = write(tmp_path, name, data, 1.0)
    with Rasterizer(IndexerSettings(layout="never", max_pages=2000)).open(path) as document:
        pages = iter(document.pages())
        assert next(pages).words.texts[0] in ("Begin", "From:")
