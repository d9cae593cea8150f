"""Files that claim too much, or are not what they say: a verdict each, no process lost, nothing fetched."""

from __future__ import annotations

import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image

from indexer.base.errors import DocumentRejected
from indexer.base.settings import IndexerSettings
from indexer.base.verdicts import Verdict
from indexer.inputs.pdf.attachments import AttachmentLimits, TakenFiles
from indexer.inputs.rasterizer import Rasterizer
from tests.conftest import ROOT
from tests.support.kind_files import (
    docx_bytes,
    epub_bytes,
    image_bytes,
    mail_bytes,
    picture_of,
    zip_bytes,
)

SETTINGS = IndexerSettings(layout="never", max_pages=50)
PNG = image_bytes(picture_of("x"), "PNG")


def png_that_claims(width_px: int, height_px: int) -> bytes:
    """Return a PNG whose head says a size for which it has no pixels."""
    head = b"IHDR" + struct.pack(">II5B", width_px, height_px, 1, 0, 0, 0, 0)
    return PNG[:8] + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head)) + PNG[33:]


def tiff_of_one_frame_for_ever() -> bytes:
    """Return a TIFF whose only frame names itself as the next."""
    data = bytearray(image_bytes(Image.new("L", (8, 8)), "TIFF"))
    at = struct.unpack_from("<I", data, 4)[0]
    n_entries = struct.unpack_from("<H", data, at)[0]
    struct.pack_into("<I", data, at + 2 + 12 * n_entries, at)
    return bytes(data)


def tiff_of_many_frames() -> bytes:
    frames = [Image.new("1", (1, 1))] * 60
    return image_bytes(frames[0], "TIFF", save_all=True, append_images=frames[1:])


SVG = "<svg xmlns='http://www.w3.org/2000/svg' width='{0}' height='{0}'/>"
LIES = {
    "a picture of 50,000 x 50,000 pixels": ("a.png", png_that_claims(50_000, 50_000), "too_large"),
    "a picture of 2^31 pixels a side": ("a.png", png_that_claims(2**31 - 1, 2**31 - 1), "too_large"),
    "a picture without its pixels": ("a.png", PNG[:200], "corrupt"),
    "a TIFF of more frames than pages may be": ("a.tif", tiff_of_many_frames(), "too_many_pages"),
    "a JPEG of noise": ("a.jpg", b"\xff\xd8\xff" + bytes(range(256)) * 8, "corrupt"),
    "a drawing without end": ("a.svg", SVG.format("1e9").encode(), "corrupt"),
    "a drawing of no size": ("a.svg", SVG.format("0").encode(), "corrupt"),
    "an archive that is cut": ("a.zip", zip_bytes({"a.txt": "x" * 999})[:-30], "corrupt"),
    "an archive of nothing": ("a.zip", zip_bytes({}), "corrupt"),
    "a book that is cut": ("a.epub", epub_bytes("x")[:300], "corrupt"),
    "text named PDF": ("a.pdf", b"not found", "unsupported"),
    "HTML named PNG": ("a.png", b"<html><body>404</body></html>", "unsupported"),
    "text named DOCX": ("a.docx", b"hello", "unsupported"),
    "bytes of no kind": ("a.bin", bytes(range(256)) * 20, "unsupported"),
    "bytes of no kind named TXT": ("a.txt", bytes(range(256)) * 20, "unsupported"),
    "a film": ("a.mp4", b"\0\0\0\x18ftypmp42" + bytes(99), "corrupt"),
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


def test_a_tiff_that_names_its_frame_again_is_read_once_or_refused(tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_bytes(tiff_of_one_frame_for_ever())
    with Rasterizer(SETTINGS).open(tmp_path / "a.tif") as document:
        assert document.n_pages == 1


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


@contextmanager
def listening() -> Iterator[tuple[int, list[str]]]:
    """Listen on a port of this machine; yield it, and the list of who came."""
    callers: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        done = threading.Event()

        def accept() -> None:
            while not done.is_set():
                try:
                    connection, address = server.accept()
                except TimeoutError:
                    continue
                callers.append(str(address))
                connection.close()

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield server.getsockname()[1], callers
        finally:
            done.set()
            thread.join()


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
    request = {
        "parent_pid": os.getpid(), "cpu_s": 20, "memory_bytes": 4 * 1024**3, "file_bytes": 1000,
        "command": [sys.executable, "-c", probe], "environment": {},
    }  # fmt: skip
    code = "import sys\nfrom indexer.inputs.sandbox.printing_child import main\nmain(sys.argv[1])"
    ran = subprocess.run(
        [sys.executable, "-c", code, json.dumps(request)], cwd=ROOT, check=False, timeout=600
    )
    assert ran.returncode == 0


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
