"""Every odd file that was collected ends in a verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from pathlib import Path
from typing import Literal

import pytest

from indexer.base.errors import DocumentRejected
from indexer.base.settings import IndexerSettings
from indexer.base.verdicts import Verdict
from indexer.inputs.rasterizer import Rasterizer


def verdict_of(path: Path, layout: Literal["auto", "never"]) -> Verdict:
    settings = IndexerSettings(layout=layout)
    try:
        with Rasterizer(settings).open(path) as opened:
            for page in opened.pages():
                width, height = page.image.size
                assert width * height <= settings.max_page_px
                assert max(width, height) <= settings.max_side_px
                assert all(text.split() == [text] for text in page.words.texts)
            return Verdict.INDEXED_WITH_WARNINGS if opened.warnings else Verdict.INDEXED
    except DocumentRejected as rejected:
        assert str(rejected).isprintable()
        return rejected.verdict


def test_every_odd_file_ends_in_a_verdict(shared_data: Path) -> None:
    folder = shared_data / "odd-pdfs"
    if not folder.is_dir():
        pytest.skip("../shared/data/odd-pdfs is absent: odd files are not part of the project")
    with ThreadPoolExecutor(2) as pool:
        # The layout model takes most of the time: it looks at every fourth file.
        layouts: Iterator[Literal["auto", "never"]] = cycle(("auto", "never", "never", "never"))
        verdicts = Counter(pool.map(verdict_of, sorted(folder.glob("*.pdf")), layouts))
    assert verdicts[Verdict.INDEXED] > 0
    assert verdicts[Verdict.PASSWORD] > 0
    assert verdicts[Verdict.CORRUPT] > 0
    assert verdicts[Verdict.FAILED] == 0
