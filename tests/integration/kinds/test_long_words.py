"""Words without end: what they cost, and what stands behind them."""

from __future__ import annotations

from pathlib import Path

from indexer.base.settings import IndexerSettings
from indexer.inputs.rasterizer import Rasterizer
from tests.support.kind_files import epub_bytes


def test_a_book_with_a_word_of_300000_letters_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "a.epub"
    path.write_bytes(epub_bytes("begin " + "x" * 300_000 + " &amp; end", "beta"))
    settings = IndexerSettings(layout="never", page_dpi=30)
    with Rasterizer(settings).open(path) as document:
        words = [page.words.text() for page in document.pages()]
    assert "begin" in words[0] and "& end" in words[-2] and words[-1].split()[-1] == "beta"
    assert sum(text.count("x") for text in words) == 300_000
