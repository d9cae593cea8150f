"""Names of files that are ingested together."""

from __future__ import annotations

from pathlib import Path

from indexer.inputs.sources import find_sources


def names(tmp_path: Path, *arguments: str) -> list[str]:
    return [source.name for source in find_sources([tmp_path / path for path in arguments])]


def test_files_of_one_name_from_several_folders_get_their_folders(tmp_path: Path) -> None:
    for path in ("a/report.pdf", "b/report.pdf", "b/x/report.pdf", "b/other.pdf", "c/x/report.pdf"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(b"%PDF-")
    assert names(tmp_path, "a/report.pdf") == ["report.pdf"]
    assert names(tmp_path, "a/report.pdf", "b/report.pdf") == ["a/report.pdf", "b/report.pdf"]
    assert names(tmp_path, "a", "b") == [
        "a/report.pdf",
        "other.pdf",
        "b/report.pdf",
        "x/report.pdf",
    ]
    assert names(tmp_path, "b", "c") == [
        "other.pdf",
        "report.pdf",
        "b/x/report.pdf",
        "c/x/report.pdf",
    ]
    assert names(tmp_path, ".")[0] == "a/report.pdf"
