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


def pages_before_words(texts: list[str]) -> bytes:
    """Return a PDF whose pages are known at its start, and whose words stand behind them."""
    numbers = range(3, 3 + len(texts))
    kids = " ".join(f"{n} 0 R" for n in numbers)
    font = "<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>"
    objects = [
        "1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj",
        f"2 0 obj <</Type/Pages/Count {len(texts)}/Kids[{kids}]>> endobj",
    ]
    for n in numbers:
        page = f"/Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents {n + len(texts)} 0 R"
        objects.append(f"{n} 0 obj <<{page}/Resources{font}>> endobj")
    for n, text in enumerate(texts, 3 + len(texts)):
        content = f"BT /F 12 Tf 20 100 Td ({text}) Tj ET"
        head = f"{n} 0 obj <</Length {len(content)}>>"
        objects.append(f"{head} stream\n{content}\nendstream endobj")
    return "\n".join(["%PDF-1.4", *objects, "trailer <</Root 1 0 R>>"]).encode()


def test_a_pdf_that_is_cut_off_before_all_that_its_pages_show_is_refused(tmp_path: Path) -> None:
    data = pages_before_words(TEXTS)
    rasterizer = Rasterizer(IndexerSettings(layout="never"))
    (tmp_path / "a.pdf").write_bytes(data[: data.index(b"6 0 obj")])
    with (
        rasterizer.open(tmp_path / "a.pdf") as document,
        pytest.raises(
            DocumentRejected, match=r"is cut off or damaged.*: fetch the whole"
        ) as caught,
    ):
        list(document.pages())
    assert caught.value.verdict is Verdict.CORRUPT
    (tmp_path / "b.pdf").write_bytes(
        b"%PDF-1.4\n" + data[data.index(b"6 0 obj") : data.index(b"trailer")]
    )
    with pytest.raises(DocumentRejected, match="is cut off or damaged, no page of it is left"):
        rasterizer.open(tmp_path / "b.pdf")


def test_a_pdf_that_is_cut_off_behind_its_first_page_is_kept_with_a_warning(tmp_path: Path) -> None:
    data = pages_before_words(TEXTS)
    (tmp_path / "a.pdf").write_bytes(data[: data.index(b"7 0 obj")])
    with Rasterizer(IndexerSettings(layout="never")).open(tmp_path / "a.pdf") as document:
        assert [page.words.text() for page in document.pages()] == ["One", "", ""]
    assert document.warnings == ["repaired while opening", "page 2: blank", "page 3: blank"]


def test_a_blank_pdf_that_is_sound_is_kept(tmp_path: Path) -> None:
    import pymupdf

    with pymupdf.open() as blank:
        blank.new_page()
        (tmp_path / "a.pdf").write_bytes(blank.tobytes())
    with Rasterizer(IndexerSettings(layout="never")).open(tmp_path / "a.pdf") as document:
        assert len(list(document.pages())) == 1
    assert document.warnings == ["page 1: blank"]


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
