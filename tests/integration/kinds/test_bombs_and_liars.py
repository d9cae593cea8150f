"""Files that are of no kind, and what each kind may not do: unpack without end, lead out, fetch."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from PIL import Image

from indexer.base.errors import DocumentRejected
from indexer.base.settings import IndexerSettings
from indexer.base.verdicts import Verdict
from indexer.inputs.pdf.attachments import AttachmentLimits, TakenFiles
from indexer.inputs.rasterizer import Rasterizer
from indexer.inputs.sandbox.program import start_program
from tests.support.kind_files import (
    docx_bytes,
    epub_bytes,
    mail_bytes,
    zip_bytes,
)
from tests.support.listening import listening

SETTINGS = IndexerSettings(layout="never", max_pages=50)
LIES = {
    "text named PDF": ("a.pdf", b"not found", "unsupported"),
    "HTML named PNG": ("a.png", b"<html><body>404</body></html>", "unsupported"),
    "text named DOCX": ("a.docx", b"hello", "unsupported"),
    "bytes of no kind": ("a.bin", bytes(range(256)) * 20, "unsupported"),
    "bytes of no kind named TXT": ("a.txt", bytes(range(256)) * 20, "unsupported"),
    "white space": ("a.txt", b" \n" * 99, "unsupported"),
}  # fmt: skip


@pytest.mark.parametrize("name", LIES)
def test_a_liar_has_its_verdict(tmp_path: Path, name: str) -> None:
    file_name, data, verdict = LIES[name]
    with pytest.raises(DocumentRejected) as caught:
        words_of(data, tmp_path, file_name)
    assert caught.value.verdict == Verdict(verdict), caught.value
    assert "\n" not in str(caught.value)


def words_of(data: bytes, folder: Path, name: str) -> str:
    path = folder / "incoming"
    path.write_bytes(data)
    with Rasterizer(SETTINGS).open(path, name=name) as document:
        return " ".join(page.words.text() for page in document.pages())


def taken(data: bytes, folder: Path, name: str, n_bytes: int = 1_000_000) -> TakenFiles:
    (folder / "incoming").write_bytes(data)
    (folder / "out").mkdir()
    limits = AttachmentLimits(10, n_bytes)
    return Rasterizer(SETTINGS).attachments(folder / "incoming", folder / "out", limits, name)


def test_a_zip_bomb_is_unpacked_no_further_than_its_limit(tmp_path: Path) -> None:
    files = taken(zip_bytes({"bomb.txt": b"a" * 50_000_000, "b.txt": b"good"}), tmp_path, "a.zip")
    assert [(file.name, file.path is not None) for file in files.files] == [
        ("bomb.txt", False), ("b.txt", True),
    ]  # fmt: skip
    assert "more than" in files.files[0].problem
    assert sum(path.stat().st_size for path in (tmp_path / "out").iterdir()) == 4


@pytest.mark.parametrize(
    "name", ["../../evil.txt", "/etc/evil.txt", "a/../../evil.txt", "..\\evil.txt"]
)
def test_a_name_never_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    (file,) = taken(zip_bytes({name: b"evil"}), tmp_path, "a.zip").files
    assert file.path is not None and file.path.parent == tmp_path / "out"
    assert ".." not in file.name.split("/") and not file.name.startswith("/")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["incoming", "out"]


def asking_files(url: str) -> dict[str, bytes]:
    picture = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"
    relation = f'<Relationship Id="r9" Type="{picture}" Target="{url}" TargetMode="External"/>'
    template = picture.replace("image", "attachedTemplate")
    relation += f'<Relationship Id="r8" Type="{template}" Target="{url}" TargetMode="External"/>'
    run = "<w:r><w:t>p</w:t></w:r>"
    call = f"INCLUDEPICTURE &quot;{url}&quot;"
    field = f'<w:p><w:fldSimple w:instr="{call}">{run}</w:fldSimple></w:p>'
    markup = (
        f"<html><body><p>word</p><img src='{url}'><link rel=stylesheet href='{url}'></body></html>"
    )
    drawn = f"<image href='{url}'/><text y='9'>word</text>"
    svg = f"<svg xmlns='http://www.w3.org/2000/svg' width='90' height='90'>{drawn}</svg>"
    return {
        "a.html": markup.encode(),
        "a.md": f"word ![x]({url})".encode(),
        "a.svg": svg.encode(),
        "a.epub": epub_bytes(f"word <img src='{url}'/>"),
        "a.eml": mail_bytes("word", markup),
        "a.docx": docx_bytes("word", relations=relation, body=field),
    }


@pytest.mark.parametrize("name", ["a.html", "a.md", "a.svg", "a.epub", "a.eml", "a.docx"])
def test_nothing_that_a_file_names_is_fetched(tmp_path: Path, name: str) -> None:
    with listening() as (port, callers):
        data = asking_files(f"http://127.0.0.1:{port}/x.png")[name]
        assert "word" in words_of(data, tmp_path, name)
    assert callers == []


def test_a_local_file_that_a_page_names_is_not_shown(tmp_path: Path) -> None:
    Image.new("RGB", (50, 50), "red").save(tmp_path / "secret.png")
    data = (
        f"<html><body><p>a</p><img src='{tmp_path}/secret.png'><img src='secret.png'></body></html>"
    )
    (tmp_path / "a.html").write_text(data)
    with Rasterizer(SETTINGS).open(tmp_path / "a.html") as document:
        (page,) = document.pages()
    assert (255, 0, 0) not in {color for _, color in page.image.getcolors(1_000_000) or []}


def test_what_prints_office_files_has_no_network_and_its_limits() -> None:
    probe = (
        "import resource, socket, sys\n"
        "socket.socket(socket.AF_UNIX).close()\n"
        "for family in (socket.AF_INET, socket.AF_INET6):\n"
        "    try:\n"
        "        socket.socket(family)\n"
        "        sys.exit(1)\n"
        "    except PermissionError:\n"
        "        pass\n"
        "sys.exit(0 if resource.getrlimit(resource.RLIMIT_FSIZE)[0] == 1000 else 2)\n"
    )
    limits = {"CPU": 20, "AS": 4 * 1024**3, "FSIZE": 1000}
    program = start_program([sys.executable, "-c", probe], {}, limits)
    assert program.wait(600) == 0


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_an_office_file_that_libreoffice_cannot_print_has_its_verdict(tmp_path: Path) -> None:
    data = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(504)
        + "WordDocument\0".encode("utf-16-le")
        + bytes(999)
    )
    with pytest.raises(DocumentRejected) as caught:
        words_of(data, tmp_path, "a.doc")
    assert caught.value.verdict is Verdict.CORRUPT
