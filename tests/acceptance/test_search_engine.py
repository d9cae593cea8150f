"""The engine as its users meet it: segments merged, candidates chosen, documents gone at once."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import httpx2
import pytest

from tests.acceptance.conftest import Cli, run_cli, served

SMALL = {"PAGESIGHT_CANDIDATES_FROM_PAGES": "20", "PAGESIGHT_RECALL_SAMPLING": "0.5"}
QUERIES = ("flange bolts torque", "revenue by segment", "termination for cause", "water damage")


@pytest.fixture
def compacted(samples_data: Path, tmp_path: Path) -> Path:
    """The samples in one segment, with a candidate index as of a large collection."""
    pytest.importorskip("faiss", reason="faiss is not installed: candidates are optional")
    data_dir = tmp_path / "data"
    shutil.copytree(samples_data, data_dir)
    ran = run_cli(data_dir, "compact", "-c", "samples", "--json", **SMALL)
    assert ran.code == 0, ran.err
    assert ran.json["merged"] == 6 and ran.json["candidate_indexes"] == 1
    return data_dir


def best(data_dir: Path, query: str, **environment: str) -> list[tuple[str, int, float]]:
    found = run_cli(
        data_dir, "search", query, "-c", "samples", "-k", "5", "--json", **environment
    ).json
    return [(hit["document"], hit["page_number"], hit["score"]) for hit in found["hits"]]


def test_merging_changes_no_answer(compacted: Path, samples: Cli) -> None:
    for query in QUERIES:
        found = samples("search", query, "-c", "samples", "-k", "5", "--json").json
        before = [(hit["document"], hit["page_number"], hit["score"]) for hit in found["hits"]]
        assert best(compacted, query) == before
    report = run_cli(compacted, "verify", "--deep", "--json").json
    assert report["clean"] and report["pages"] == 41


def test_candidates_are_told_and_their_recall_is_measured_and_kept(compacted: Path) -> None:
    with (
        served(compacted, **SMALL) as address,
        httpx2.Client(base_url=address, timeout=120) as client,
    ):
        for query in QUERIES * 2:
            answer = client.post(
                "/v1/search", json={"query": query, "collections": ["samples"], "k": 5}
            ).json()
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
    asked = {"query": "flange bolts torque", "collections": ["samples"], "k": 20}
    with (
        served(compacted, **SMALL) as address,
        httpx2.Client(base_url=address, timeout=120) as client,
    ):
        hits = client.post("/v1/search", json=asked).json()["hits"]
        assert hits[0]["document"] == "pump-manual.pdf"
        gone = hits[0]["document_id"]
        deleted = run_cli(compacted, "documents", "delete", gone, "--yes")
        assert deleted.code == 0, deleted.err
        left = client.post("/v1/search", json=asked).json()["hits"]
        assert left and all(hit["document_id"] != gone for hit in left)
        ran = run_cli(compacted, "compact", "-c", "samples", "--json", **SMALL)
        assert ran.json["dropped_pages"] == 8
        assert client.post("/v1/search", json=asked).json()["hits"] == left


@pytest.mark.parametrize("harm", ["gone", "garbage"])
def test_without_what_is_derived_answers_stay_and_it_is_made_anew(
    compacted: Path, harm: str
) -> None:
    before = best(compacted, QUERIES[0], **SMALL)
    for file in (compacted / "derived").rglob("*.*"):
        if file.is_file() and harm == "garbage":
            file.write_bytes(b"\x00" * 100)
        elif file.is_file():
            file.unlink()
    assert best(compacted, QUERIES[0], **SMALL) == before
    made = run_cli(compacted, "compact", "-c", "samples", "--json", **SMALL).json
    assert (made["int8_copies"], made["candidate_indexes"]) == (0, 1)
    assert best(compacted, QUERIES[0], **SMALL) == before


def test_damaged_vectors_are_refused_by_name(compacted: Path) -> None:
    vectors = next((compacted / "collections").rglob("vectors.npy"))
    vectors.write_bytes(vectors.read_bytes()[:-10])
    ran = run_cli(compacted, "search", QUERIES[0], "-c", "samples", "--json")
    assert ran.code == 1
    assert "vectors.npy" in json.loads(ran.out)["error"]["message"]
    assert run_cli(compacted, "verify").code == 1
    assert run_cli(compacted, "verify", "--repair").code == 0
    assert len(best(compacted, QUERIES[0])) == 5


def test_every_page_of_a_small_collection_is_scored(samples: Cli) -> None:
    found = samples("search", QUERIES[0], "-c", "samples", "--json").json
    assert found["candidates"] is None
