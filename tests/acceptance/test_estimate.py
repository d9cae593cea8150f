"""`pagesight ingest --estimate`: the cost before the work, and no trace of it."""

from __future__ import annotations

from pathlib import Path

from tests.acceptance.conftest import SAMPLES, Cli
from tests.conftest import DrawPdf

FAKE = {"PAGESIGHT_ENCODER": "fake", "PAGESIGHT_OCR": "never"}


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_an_estimate_tells_pages_time_disk_and_memory_and_makes_no_data_folder(
    cli: Cli, tmp_path: Path
) -> None:
    ran = cli("ingest", SAMPLES, "--estimate", "--json", **FAKE)
    assert ran.code == 0, ran.err
    assert (ran.json["files"], ran.json["pages"], ran.json["refused"]) == (6, 41, [])
    assert len(ran.json["samples"]) == 5
    assert ran.json["seconds"] > 0
    assert ran.json["peak_memory_bytes"] > 50e6
    assert all(ran.json["bytes"][what] > 0 for what in ("originals", "images", "vectors"))
    assert not (tmp_path / "data").exists()


def test_an_estimate_changes_nothing_in_a_data_folder(
    cli: Cli, tmp_path: Path, draw_pdf: DrawPdf
) -> None:
    old, new = draw_pdf("a.pdf", ["alpha"]), draw_pdf("b.pdf", ["beta", "gamma"])
    assert cli("ingest", old, "-c", "c", **FAKE).code == 0
    before = contents(tmp_path / "data")
    verified = cli("verify", "--deep", "--json", **FAKE).json
    body = cli("ingest", old, new, "--estimate", "-c", "c", "--json", **FAKE).json
    assert (body["unchanged"], body["files"], body["pages"]) == (1, 1, 2)
    assert cli("ingest", new, "--estimate", "-c", "other", **FAKE).code == 0
    assert contents(tmp_path / "data") == before
    assert cli("verify", "--deep", "--json", **FAKE).json == verified
    assert [one["name"] for one in cli("collections", "list", "--json").json["collections"]] == [
        "c"
    ]


def test_a_file_that_would_be_refused_is_listed_and_a_lonely_one_is_a_failure(
    cli: Cli, tmp_path: Path, draw_pdf: DrawPdf
) -> None:
    bad = tmp_path / "bad.pdf"
    bad.write_text("no PDF at all")
    ran = cli("ingest", bad, draw_pdf("a.pdf", ["alpha"]), "--estimate", **FAKE)
    assert ran.code == 0
    assert "unsupported" in ran.out
    assert "nothing was written" in ran.out
    assert cli("ingest", bad, "--estimate", **FAKE).code == 1


def test_an_estimate_for_a_collection_of_another_encoder_is_refused_like_the_ingest(
    cli: Cli, draw_pdf: DrawPdf
) -> None:
    pdf = draw_pdf("a.pdf", ["alpha"])
    assert cli("ingest", pdf, "-c", "c", **FAKE).code == 0
    ran = cli("ingest", pdf, "--estimate", "-c", "c", PAGESIGHT_ENCODER="lite")
    assert ran.code == 1
    assert "PAGESIGHT_ENCODER=fake" in ran.err


def test_an_ingest_that_names_no_collection_says_what_is_missing(
    cli: Cli, draw_pdf: DrawPdf
) -> None:
    ran = cli("ingest", draw_pdf("a.pdf", ["alpha"]), **FAKE)
    assert ran.code == 2
    assert "--collection" in ran.err
