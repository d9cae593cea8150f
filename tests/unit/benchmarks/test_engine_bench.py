"""The bench of search engines itself: what it counts as right, and that it runs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from tests.benchmarks.engine.corpus import (
    DIM,
    append_pages,
    page_lengths,
    read_pages,
    read_queries,
    write_queries,
)
from tests.benchmarks.engine.data import random_corpus
from tests.benchmarks.engine.measure import Row
from tests.benchmarks.engine.plot import Line, log_log_svg
from tests.benchmarks.engine.report import as_markdown, table
from tests.benchmarks.engine.synthetic import synthetic_pages
from tests.benchmarks.engine.truth import Truth, exact
from tests.conftest import ROOT
from tests.support.factories import unit_vectors


def pages_of(lengths: list[int]) -> list[np.ndarray]:
    return [unit_vectors(n, DIM, seed=n).astype(np.float16) for n in lengths]


def test_a_page_that_was_half_written_is_cut_off(tmp_path: Path) -> None:
    append_pages(tmp_path, pages_of([3, 5]))
    with (tmp_path / "vectors.f16").open("ab") as file:
        file.write(b"half a page")
    with (tmp_path / "lengths.i64").open("ab") as file:
        file.write(b"\7")
    append_pages(tmp_path, pages_of([4]))
    assert page_lengths(tmp_path).tolist() == [3, 5, 4]
    for found, written in zip((0, 1, 2), pages_of([3, 5, 4]), strict=True):
        assert (read_pages(tmp_path, 3).page(found) == written).all()


def test_a_corpus_that_is_too_small_is_refused(tmp_path: Path) -> None:
    append_pages(tmp_path, pages_of([3]))
    with pytest.raises(ValueError, match="has 1 pages, not 2"):
        read_pages(tmp_path, 2)


def test_the_halves_share_no_query(tmp_path: Path) -> None:
    vectors = [unit_vectors(2, DIM, seed=i) for i in range(5)]
    write_queries(tmp_path, vectors, [True, False, True, False, True])
    queries = read_queries(tmp_path)
    assert queries.half(tuning=True, at_most=2) == [0, 2]
    assert queries.half(tuning=False, at_most=9) == [1, 3]
    assert all((a == b).all() for a, b in zip(queries.vectors, vectors, strict=True))


def test_synthetic_pages_are_the_same_however_they_are_asked_for(tmp_path: Path) -> None:
    append_pages(tmp_path, pages_of([40, 60, 80]))
    real = read_pages(tmp_path, 3)
    together = list(synthetic_pages(real, 3, 7))
    apart = [*synthetic_pages(real, 3, 5), *synthetic_pages(real, 5, 7)]
    assert all((a == b).all() for a, b in zip(together, apart, strict=True))
    for page in together:
        lengths = np.linalg.norm(page.astype(np.float32), axis=1)
        assert np.allclose(lengths, 1, atol=2e-3)


def test_truth_is_maxsim_by_the_definition(tmp_path: Path) -> None:
    corpus = random_corpus(tmp_path, 30)
    truth = exact(corpus, 30, [4, 1], threads=1)
    pages, query = read_pages(corpus, 30), read_queries(corpus).vectors[1].astype(np.float64)
    scores = [(query @ pages.page(i).T.astype(np.float64)).max(axis=1).sum() for i in range(30)]
    order = np.argsort(scores)[::-1].tolist()
    assert truth.recall(1, order[:10], 10) == 1
    assert truth.recall(1, order[2:12], 10) == pytest.approx(0.8)
    assert exact(corpus, 30, [4, 1], threads=1).recall(1, order[:10], 10) == 1  # from the cache


def test_a_copy_of_the_last_page_counts_as_that_page() -> None:
    truth = Truth([7], np.array([[3.0, 2.0, 2.0, 1.0]], np.float32))
    assert truth.recall(7, [0, 2], 2) == 1
    assert truth.recall(7, [0, 3], 2) == 0.5
    assert truth.recall(7, [0, 0], 2) == 0.5


def test_an_engine_that_could_not_run_says_why_in_the_table() -> None:
    rows = [Row("other", "", 600, note="not available: no wheel"), measured("ours", "scan")]
    header, failed, ours = table(rows)
    assert failed[:3] == ["other", "not available: no wheel", "600"]
    assert dict(zip(header, ours, strict=True))["p50 ms"] == "2.0"
    assert len({line.count("|") for line in as_markdown(table(rows)).splitlines()}) == 1


def measured(engine: str, mode: str) -> Row:
    times = {1: 1.0, 2: 2.0, 3: 9.0}
    return Row(engine, mode, 600, recall=dict.fromkeys(times, 1.0), ms=times, cpu_ms=times)


def test_the_picture_is_well_formed_and_its_names_do_not_overlap() -> None:
    lines = [Line(f"<{i}>", [(600, 10.0), (3_000, 50.0 + i)]) for i in range(9)]
    root = ElementTree.fromstring(log_log_svg(lines, "a & b", "pages", "ms"))
    named = [text for text in root.iter() if (text.text or "").startswith("<")]
    heights = sorted(float(text.attrib["y"]) for text in named)
    assert len(heights) == 9
    assert min(np.diff(heights)) > 12


def test_the_quick_run_measures_every_engine_of_the_project(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.benchmarks.engine", "--quick", "--passes", "1"]
    command += ["--pages", "40", "--threads", "1", "--out", str(tmp_path)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    rows = json.loads((tmp_path / "results.json").read_text())["rows"]
    assert {row["engine"] for row in rows} == {"ours", "numpy", "einsum"}
    for row in rows:
        assert len(row["ms"]) == 6
        assert min(row["recall"].values()) == 1
    assert "RANDOM VECTORS" in (tmp_path / "table.md").read_text()
    assert (tmp_path / "latency.svg").is_file()


def test_a_peer_that_is_not_installed_is_said_to_be_so(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.benchmarks.engine", "--quick", "--passes", "1"]
    command += ["--pages", "40", "--peers", "qdrant", "--threads", "1"]
    command += ["--cache", str(tmp_path / "cache"), "--out", str(tmp_path)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert "not available: not installed: run `make bench-peers`" in run.stdout
