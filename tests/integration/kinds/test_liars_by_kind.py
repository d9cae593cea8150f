"""Twenty liars and bombs of each kind: a verdict each, nothing fetched, no process lost."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from indexer.base.errors import DocumentRejected
from indexer.base.settings import IndexerSettings
from indexer.inputs.pdf.attachments import AttachmentLimits
from indexer.inputs.rasterizer import Rasterizer
from tests.support.liars import KINDS, liars_of
from tests.support.listening import listening

SETTINGS = IndexerSettings(layout="never", max_pages=50, page_cpu_s=0.7)
SECRET = Path("/etc/passwd").read_text(encoding="utf-8", errors="replace").partition("\n")[0]


def verdict_of(path: Path, name: str, out: Path) -> str:
    """Read a file and take out what it carries; return its verdict."""
    rasterizer = Rasterizer(SETTINGS)
    try:
        with rasterizer.open(path, name=name) as document:
            words = [page.words.text() for page in document.pages()]
            if document.carries_files:
                rasterizer.attachments(path, out, AttachmentLimits(10, 1_000_000), name)
            verdict = "indexed_with_warnings" if document.warnings else "indexed"
    except DocumentRejected as refusal:
        assert "\n" not in str(refusal)
        return refusal.verdict.value
    assert words and SECRET not in " ".join(words)
    return verdict


def n_open_descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


@pytest.mark.parametrize("kind", KINDS)
def test_liars_have_a_verdict_each(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind == "videos" and find_spec("av") is None:
        pytest.skip("PyAV, of the extra `video`, is not installed")
    monkeypatch.setenv("PATH", str(tmp_path))  # no LibreOffice, which has limits of its own
    with listening() as (port, callers):
        liars = liars_of(kind, f"http://127.0.0.1:{port}/x.png")
        assert len(liars) >= 20
        n_descriptors = n_open_descriptors()
        verdicts = {}
        for number, (lie, (name, data, _)) in enumerate(liars.items()):
            path, out = tmp_path / f"{number}", tmp_path / f"out {number}"
            path.write_bytes(data)
            out.mkdir()
            verdicts[lie] = verdict_of(path, name, out)
            assert sum(file.stat().st_size for file in out.iterdir()) <= 1_000_000
        assert abs(n_open_descriptors() - n_descriptors) <= 1  # that of a warm process
    assert verdicts == {lie: verdict for lie, (_, _, verdict) in liars.items()}
    assert callers == []
    written = {path.name.partition(" ")[0] for path in tmp_path.iterdir()}
    assert written == {*map(str, range(len(liars))), "out"}
