"""Each a one-line error that says what to do, an exit code, the rest of the batch done."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pymupdf
import pytest

from tests.acceptance.conftest import FAKE, Cli, run_cli
from tests.conftest import DrawPdf


@pytest.mark.parametrize("options", [[], ["--no-wait"]])
def test_a_name_in_any_bytes_is_shown_and_never_stops_the_batch(
    cli: Cli, tmp_path: Path, draw_pdf: DrawPdf, options: list[str]
) -> None:
    folder = draw_pdf("in/z.pdf", ["alpha"]).parent
    for number, name in enumerate((b"b-\xe9.pdf", b"line\nbreak.pdf", "u\u0308ber.pdf".encode())):
        document = pymupdf.open()
        document.new_page().insert_text((72, 72), f"alpha {number}")
        document.save(folder / "new.pdf")
        (folder / "new.pdf").rename(folder / os.fsdecode(name))
    (folder / os.fsdecode(b"bad-\xff.pdf")).write_bytes(b"hello")
    ran = cli("ingest", folder, "-c", "c", "--json", *options, **FAKE)
    assert ran.code == 1 and "Traceback" not in ran.err
    key = "jobs" if options else "documents"
    names = {document["name"] for document in ran.json[key]}
    assert {"b-\\xe9.pdf", "linebreak.pdf", "über.pdf", "z.pdf"} <= names
    assert not options or [refusal["name"] for refusal in ran.json["refused"]] == ["bad-\\xff.pdf"]
    if not options:
        for name in ("u\u0308ber.pdf", "über.pdf", "b-\\xe9.pdf"):
            words = ("search", "alpha", "-c", "c", "--filter", f"document={name}", "--json")
            (hit,) = cli(*words, **FAKE).json["hits"]
            assert hit["document"] == unicodedata.normalize("NFC", name)


def test_one_bad_file_never_stops_the_batch(cli: Cli, tmp_path: Path, draw_pdf: DrawPdf) -> None:
    good = draw_pdf("in/good.pdf", ["alpha beta gamma delta"])
    folder = good.parent
    (folder / "empty.pdf").write_bytes(b"")
    (folder / "text.pdf").write_bytes(b"hello")
    (folder / "cut.pdf").write_bytes(good.read_bytes()[:300])
    locked = pymupdf.open(good)
    locked.save(
        folder / "locked.pdf", encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="x", owner_pw="y"
    )
    ran = cli("ingest", folder, "-c", "c", "--json", **FAKE)
    assert ran.code == 1
    verdicts = {one["name"]: one["verdict"] for one in ran.json["documents"]}
    assert verdicts == {
        "good.pdf": "indexed",
        "empty.pdf": "empty",
        "text.pdf": "unsupported",
        "cut.pdf": "corrupt",
        "locked.pdf": "password",
    }
    for one in ran.json["documents"]:
        if one["error"]:
            assert one["error"]["code"] == one["verdict"]
            assert "\n" not in one["error"]["message"]
    assert cli("search", "alpha", "-c", "c", "--json", **FAKE).json["hits"]
    assert cli("verify", "--deep", **FAKE).code == 0


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("ingest", "nowhere", "-c", "c"), 2, "does not exist"),
        (("ingest", "api/cli", "-c", "c"), 2, "pagesight kinds"),
        (("ingest", "-c", "c"), 2, "Missing argument"),
        (("ingest", "samples", "-c", "a/b"), 2, "cannot name a collection"),
        (("search", "words", "-c", "nothing"), 1, "no collection 'nothing'"),
        (("search", "  ", "-c", "c"), 2, "question is empty"),
        (("ask", "", "-c", "c"), 2, "question is empty"),
        (("search", "w", "-c", "c", "-k", "0"), 2, "between 1 and"),
        (("search", "w", "-c", "c", "--filter", "colour=red"), 2, "document=NAME"),
        (("documents", "show", "nothing"), 1, "no document"),
        (("eval", "nowhere.jsonl", "-c", "c"), 2, "cannot read"),
    ],
)
def test_an_error_is_one_line_that_says_what_to_do(
    cli: Cli, words: tuple[str, ...], code: int, told: str
) -> None:
    ran = cli(*words, **FAKE)
    assert ran.code == code
    assert told in ran.err and "Traceback" not in ran.err


def test_an_unknown_setting_stops_every_command(cli: Cli) -> None:
    ran = cli("collections", "list", PAGESIGHT_ENCODR="fake")
    assert ran.code == 2 and "PAGESIGHT_ENCODER" in ran.err


def test_an_unknown_encoder_names_the_known_ones(cli: Cli) -> None:
    ran = cli("collections", "list", PAGESIGHT_ENCODER="magic")
    assert ran.code == 1 and "lite" in ran.err


def test_a_data_folder_of_a_newer_format_is_refused(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "FORMAT").write_text("99")
    ran = cli("collections", "list")
    assert ran.code == 1 and "format 99" in ran.err


def test_a_document_that_was_deleted_is_gone_from_the_next_search(
    cli: Cli, draw_pdf: DrawPdf
) -> None:
    cli("ingest", draw_pdf("a.pdf", ["alpha beta"]), "-c", "c", **FAKE)
    cli("ingest", draw_pdf("b.pdf", ["alpha gamma"]), "-c", "c", **FAKE)
    listed = cli("documents", "list", "-c", "c", "--json", **FAKE).json["documents"]
    gone = next(one["id"] for one in listed if one["name"] == "a.pdf")
    assert cli("documents", "delete", gone, **FAKE).code == 0
    hits = cli("search", "alpha", "-c", "c", "--json", **FAKE).json["hits"]
    assert [hit["document"] for hit in hits] == ["b.pdf"]
    assert cli("collections", "delete", "c", "--yes", **FAKE).code == 0
    assert cli("search", "alpha", "-c", "c", **FAKE).code == 1


def test_two_data_folders_know_nothing_of_each_other(cli: Cli, tmp_path: Path) -> None:
    assert cli("collections", "create", "c", **FAKE).code == 0
    other = run_cli(tmp_path / "other", "collections", "list", "--json", **FAKE)
    assert other.json == {"collections": []}
