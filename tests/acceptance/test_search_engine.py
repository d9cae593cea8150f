"""The engine as its users meet it: segments merged, candidates chosen, documents gone at once."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.acceptance.conftest import Cli, run_cli, served

SMALL = {"PAGESIGHT_CANDIDATES_FROM_PAGES": "20", "PAGESIGHT_RECALL_SAMPLING": "0.5"}
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


def best(data_dir: Path, query: str, **environment: str) -> list[tuple[str, int, float]]:
    return places(
        run_cli(data_dir, "search", query, "-c", "samples", "-k", "5", "--json", **environment).json
    )


def asked(client: httpx2.Client, query: str, k: int = 5) -> Any:
    body = {"query": query, "collections": ["samples"], "k": k}
    return client.post("/v1/search", json=body).json()


def places(found: Any) -> list[tuple[str, int, float]]:
    return [(hit["document"], hit["page_number"], hit["score"]) for hit in found["hits"]]


@contextmanager
def client_of(data_dir: Path, **environment: str) -> Iterator[httpx2.Client]:
    with (
        served(data_dir, **environment) as address,
        httpx2.Client(base_url=address, timeout=120) as client,
    ):
        yield client


def test_merging_changes_no_answer(compacted: Path, samples_server: str) -> None:
    with (
        httpx2.Client(base_url=samples_server, timeout=120) as before,
        client_of(compacted) as after,
    ):
        for query in QUERIES:
            assert places(asked(after, query)) == places(asked(before, query))
    report = run_cli(compacted, "verify", "--deep", "--json").json
    assert report["clean"] and report["pages"] == 41


def test_candidates_are_told_and_their_recall_is_measured_and_kept(compacted: Path) -> None:
    with client_of(compacted, **SMALL) as client:
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
    with client_of(compacted, **SMALL) as client:
        hits = asked(client, QUERIES[0], k=20)["hits"]
        assert hits[0]["document"] == "pump-manual.pdf"
        gone = hits[0]["document_id"]
        deleted = run_cli(compacted, "documents", "delete", gone)
        assert deleted.code == 0, deleted.err
        left = asked(client, QUERIES[0], k=20)
        assert left["hits"] and all(hit["document_id"] != gone for hit in left["hits"])
        ran = run_cli(compacted, "compact", "-c", "samples", "--json", **SMALL)
        assert ran.json["dropped_pages"] == 8
        # The new index may choose other candidates for the last places.
        assert places(asked(client, QUERIES[0], k=20))[:5] == places(left)[:5]


@pytest.mark.parametrize("harm", ["gone", "garbage"])
def test_without_what_is_derived_answers_stay_and_it_is_made_anew(
    compacted: Path, samples_server: str, harm: str
) -> None:
    with httpx2.Client(base_url=samples_server, timeout=120) as client:
        before = places(asked(client, QUERIES[0]))
    for file in (compacted / "derived").rglob("*.*"):
        if file.is_file() and harm == "garbage":
            file.write_bytes(b"\x00" * 100)
        elif file.is_file():
            file.unlink()
    assert best(compacted, QUERIES[0], **SMALL) == before
    made = run_cli(compacted, "compact", "-c", "samples", "--json", **SMALL).json
    assert (made["int8_copies"], made["candidate_indexes"]) == (0, 1)
    assert best(compacted, QUERIES[0], **SMALL) == before


def test_damaged_vectors_are_refused_by_name(samples_data: Path, tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    shutil.copytree(samples_data, data_dir)
    vectors = min(data_dir.glob("collections/**/vectors.npy"), key=lambda one: one.stat().st_size)
    vectors.write_bytes(vectors.read_bytes()[:-10])
    ran = run_cli(data_dir, "search", QUERIES[0], "-c", "samples", "--json")
    assert ran.code == 1
    assert "vectors.npy" in json.loads(ran.out)["error"]["message"]
    assert run_cli(data_dir, "verify").code == 1
    assert run_cli(data_dir, "verify", "--repair").code == 0
    assert len(best(data_dir, QUERIES[0])) == 5


def test_every_page_of_a_small_collection_is_scored(samples: Cli) -> None:
    found = samples("search", QUERIES[0], "-c", "samples", "--json").json
    assert found["candidates"] is None
