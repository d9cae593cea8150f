"""The engine as its users meet it: segments merged, candidates chosen, documents gone at once."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.acceptance.conftest import Cli, run_cli
from tests.support.same_pages import assert_same_pages, recall
from tests.support.served_process import pagesight_serving

PageKey = tuple[str, int]  # document, page number
N_PAGES = 41
# Of a candidate index over so few pages. With forty seeds of its clustering, each in float32 and in
# bfloat16, no page that was missing lay further above the fifth than a fifth of the best score, and the
# four queries together never lost more than two of their twenty pages.
MARGIN = 0.25  # of the best score
RECALL = 0.8  # of the five best pages, in the mean over the queries
SMALL = {"PAGESIGHT_CANDIDATES_FROM_PAGES": "20", "PAGESIGHT_RECALL_SAMPLING": "0.5"}
NO_UPKEEP = {"PAGESIGHT_UPKEEP_INTERVAL_S": "0"}  # else the server may make an index first
VECTORS_ALONE = {"PAGESIGHT_HYBRID": "never"}  # how rare a word is changes with the pages there are
QUERIES = ("flange bolts torque", "revenue by segment", "termination for cause", "water damage")


@pytest.fixture(scope="module")
def compacted_once(samples_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The samples in one segment, with a candidate index as of a large collection."""
    pytest.importorskip("faiss", reason="faiss is not installed: candidates are optional")
    data_dir = tmp_path_factory.mktemp("compacted") / "data"
    shutil.copytree(samples_data, data_dir)
    ran = run_cli(data_dir, "compact", "-c", "samples", "--json", **SMALL)
    assert ran.code == 0, ran.err
    assert ran.json["merged"] == 6 and ran.json["candidate_indexes"] == 1
    return data_dir


@pytest.fixture
def compacted(compacted_once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(compacted_once, tmp_path / "data"))


def asked(client: httpx2.Client, query: str, k: int = 5) -> Any:
    body = {"query": query, "collections": ["samples"], "k": k}
    return client.post("/v1/search", json=body).json()


def places(answer: Any) -> list[tuple[PageKey, float]]:
    return [((hit["document"], hit["page_number"]), hit["score"]) for hit in answer["hits"]]


@pytest.fixture(scope="module")
def exact(samples_server: str) -> dict[str, dict[PageKey, float]]:
    """The score of every page for each query, before anything was merged or derived."""
    with httpx2.Client(base_url=samples_server, timeout=600) as client:
        answers = {query: asked(client, query, k=N_PAGES) for query in QUERIES}
    assert all(answer["candidates"] is None for answer in answers.values())
    return {query: dict(places(answer)) for query, answer in answers.items()}


def assert_exact(client: httpx2.Client, exact: dict[str, dict[PageKey, float]]) -> None:
    """Assert that a search without candidates shows the best pages with their scores."""
    for query, scores in exact.items():
        answer = asked(client, query)
        assert answer["candidates"] is None
        assert_same_pages(scores, places(answer), k=5)


def assert_near_exact(client: httpx2.Client, exact: dict[str, dict[PageKey, float]]) -> None:
    """Assert what a search through candidates owes: true scores, and nearly all of the best pages."""
    recalls = []
    for query, scores in exact.items():
        answer = asked(client, query)
        assert answer["candidates"]["n_pages"] == len(scores)
        assert_same_pages(scores, places(answer), k=5, margin=MARGIN * max(scores.values()))
        recalls.append(recall(scores, places(answer), k=5))
    assert sum(recalls) / len(recalls) >= RECALL


def test_merging_changes_no_answer(compacted: Path, exact: dict[str, dict[PageKey, float]]) -> None:
    with pagesight_serving(compacted) as client:
        assert_exact(client, exact)
    report = run_cli(compacted, "verify", "--deep", "--json").json
    assert report["clean"] and report["pages"] == 41


def test_candidates_are_told_and_their_recall_is_measured_and_kept(compacted: Path) -> None:
    with pagesight_serving(compacted, **SMALL) as client:
        for query in QUERIES * 2:
            answer = asked(client, query)
            assert answer["candidates"]["n_pages"] == 41
            assert set(answer["timing_ms"]) >= {"encode", "candidates", "scan", "evidence"}
        measured = answer["candidates"]
    status = run_cli(compacted, "status", "--json").json["collections"][0]
    assert (status["segments"], status["candidate_indexes"]) == (1, 1)
    assert status["recall"]["n_sampled"] >= max(1, measured["n_sampled"])
    assert 0 <= status["recall"]["worst"] <= status["recall"]["mean"] <= 1


def test_a_document_deleted_by_another_process_is_absent_from_the_very_next_search(
    compacted: Path,
) -> None:
    with pagesight_serving(compacted, **VECTORS_ALONE) as client:
        answers = {query: asked(client, query, k=N_PAGES) for query in QUERIES}
        exact = {query: dict(places(answer)) for query, answer in answers.items()}
    with pagesight_serving(compacted, **SMALL, **NO_UPKEEP, **VECTORS_ALONE) as client:
        hits = asked(client, QUERIES[0], k=20)["hits"]
        assert hits[0]["document"] == "pump-manual.pdf"
        gone = hits[0]["document_id"]
        deleted = run_cli(compacted, "documents", "delete", gone)
        assert deleted.code == 0, deleted.err
        left = asked(client, QUERIES[0], k=20)
        assert left["hits"] and all(hit["document_id"] != gone for hit in left["hits"])
        ran = run_cli(compacted, "compact", "-c", "samples", "--json", **SMALL)
        assert ran.json["dropped_pages"] == 8
        name = hits[0]["document"]
        assert_near_exact(
            client,
            {
                query: {page: score for page, score in scores.items() if page[0] != name}
                for query, scores in exact.items()
            },
        )


@pytest.mark.parametrize("harm", ["gone", "garbage"])
def test_without_what_is_derived_answers_stay_and_it_is_made_anew(
    compacted: Path, exact: dict[str, dict[PageKey, float]], harm: str
) -> None:
    for file in (compacted / "derived").rglob("*.*"):
        if file.is_file() and harm == "garbage":
            file.write_bytes(b"\x00" * 100)
        elif file.is_file():
            file.unlink()
    with pagesight_serving(compacted, **SMALL, **NO_UPKEEP) as client:
        assert_exact(client, exact)
        made = run_cli(compacted, "compact", "-c", "samples", "--json", **SMALL).json
        assert (made["int8_copies"], made["candidate_indexes"]) == (0, 1)
        assert_near_exact(client, exact)


def test_damaged_vectors_are_left_out_named_and_repaired(
    samples_data: Path, tmp_path: Path
) -> None:
    data_dir = tmp_path / "data"
    shutil.copytree(samples_data, data_dir)
    vectors = min(data_dir.glob("collections/**/vectors.npy"), key=lambda one: one.stat().st_size)
    vectors.write_bytes(vectors.read_bytes()[:-10])
    ran = run_cli(data_dir, "search", QUERIES[0], "-c", "samples", "--json")
    assert ran.code == 0 and ran.json["degraded"] and ran.json["missing_pages"]["documents"]
    assert "vectors.npy" in ran.err
    assert run_cli(data_dir, "verify").code == 1
    assert run_cli(data_dir, "verify", "--repair").code == 0
    ran = run_cli(data_dir, "search", QUERIES[0], "-c", "samples", "-k", "5", "--json")
    assert len(ran.json["hits"]) == 5 and not ran.json["degraded"]


def test_every_page_of_a_small_collection_is_scored(samples: Cli) -> None:
    found = samples("search", QUERIES[0], "-c", "samples", "--json").json
    assert found["candidates"] is None
