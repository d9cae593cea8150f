"""A data folder that version 0.1.0 wrote opens unchanged: nothing is lost, nothing is made anew.

`tests/fixtures/data-0.1.0.tar.gz` holds a collection of the lite encoder (`archive`, two documents in one
merged segment with a candidate index, a refused file, the garbage of a deleted document), one of the fake
encoder (`plain`, with a queued job), a conversation with feedback, and an API key.
"""

from __future__ import annotations

import sqlite3
import tarfile
from pathlib import Path

import httpx2
import pytest

from tests.acceptance.conftest import Cli, run_cli, served
from tests.conftest import ROOT

KEY = "ps_75ad6a975848_78bef126be616f9cbe027ad1b7feac72"  # opens nothing but this fixture
TERMINATION = "Either party may end the lease with a notice of six months."


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    with tarfile.open(ROOT / "tests/fixtures/data-0.1.0.tar.gz") as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path / "data"


@pytest.fixture
def old(data_dir: Path) -> Cli:
    return lambda *words, **environment: run_cli(data_dir, *words, **environment)


def test_every_byte_is_read_back_and_found_whole(old: Cli) -> None:
    report = old("verify", "--deep", "--json").json
    assert report["clean"] and report["faults"] == []
    assert (report["documents"], report["pages"], report["vectors"]) == (3, 6, 52)
    assert len(report["garbage"]) == 2


def test_it_is_paired_with_its_catalog_of_which_a_copy_is_kept(old: Cli, data_dir: Path) -> None:
    assert old("status").code == 0
    (copy,) = (data_dir / "backups").iterdir()
    with sqlite3.connect(copy) as catalog:
        assert catalog.execute("SELECT version_num FROM alembic_version").fetchone() == ("0004",)
    (data_dir / "catalog.sqlite3").unlink()
    ran = old("verify", "--repair", "--json")
    assert ran.code == 1 and ran.json["error"]["code"] == "catalog_mismatch"
    assert str(copy) in ran.err and "--adopt" in ran.err
    copy.rename(data_dir / "catalog.sqlite3")
    report = old("verify", "--adopt", "--deep", "--json").json
    assert report["clean"] and report["documents"] == 3


SEARCH = ("search", "torque of the flange bolts", "-c", "archive", "-k", "2", "--json")


def test_searches_give_the_pages_and_scores_of_before(old: Cli) -> None:
    """By the vectors alone; words, which are indexed at the first search, add to them."""
    answer = old(*SEARCH, PAGESIGHT_HYBRID="never").json
    assert [(hit["document"], hit["page_number"]) for hit in answer["hits"]] == [
        ("pump.pdf", 1),
        ("pump.pdf", 2),
    ]
    # A query may be embedded in bfloat16, whose numbers are as near as 2**-8.
    scores = [hit["score"] for hit in answer["hits"]]
    assert scores == pytest.approx([3.5762, 1.3877], rel=2**-8)
    assert answer["hits"][0]["snippet"] == "Tighten the bolts of the flange with a torque of 95 Nm."
    with_words = old(*SEARCH).json["hits"]
    assert [hit["page_id"] for hit in with_words] == [hit["page_id"] for hit in answer["hits"]]
    assert with_words[0]["score"] > answer["hits"][0]["score"]


def test_what_is_derived_is_used_as_it_is(old: Cli) -> None:
    small = {"PAGESIGHT_CANDIDATES_FROM_PAGES": "1"}
    answer = old("search", "torque of the bolts", "-c", "archive", "--json", **small).json
    assert answer["candidates"]["n_pages"] == 4
    archive = old("status", "--json").json["collections"][0]
    assert (archive["segments"], archive["candidate_indexes"]) == (1, 1)
    assert archive["recall"]["n_sampled"] >= 3


def test_compaction_drops_the_page_that_was_deleted(old: Cli) -> None:
    made = old("compact", "-c", "archive", "--json", PAGESIGHT_CANDIDATES_FROM_PAGES="1").json
    assert (made["merged"], made["dropped_pages"], made["candidate_indexes"]) == (1, 1, 1)
    assert old("verify", "--deep", "--json").json["clean"]


def test_lists_hold_what_they_held(old: Cli) -> None:
    documents = old("documents", "list", "-c", "archive", "--json").json["documents"]
    assert {each["name"]: each["verdict"] for each in documents} == {
        "broken.pdf": "corrupt",
        "lease.pdf": "indexed",
        "pump.pdf": "indexed",
    }
    [conversation] = old("conversations", "list", "--json").json["conversations"]
    assert (conversation["title"], conversation["messages"]) == ("The lease", 2)
    [job] = old("jobs", "list", "--json").json["jobs"]
    assert (job["name"], job["state"]) == ("pump.pdf", "queued")
    [key] = old("keys", "list", "--json").json["keys"]
    assert (key["name"], key["collections"]) == ("reader", ["archive"])


def test_the_service_answers_its_key_and_runs_its_job(data_dir: Path, old: Cli) -> None:
    with (
        served(data_dir, PAGESIGHT_ENCODER="fake") as address,
        httpx2.Client(base_url=address, timeout=600) as client,
    ):
        assert client.get("/v1/collections").status_code == 401
        client.headers["Authorization"] = f"Bearer {KEY}"
        assert [each["name"] for each in client.get("/v1/collections").json()["collections"]] == [
            "archive"
        ]
        [conversation] = old("conversations", "list", "--json").json["conversations"]
        assert (
            client.get(f"/v1/conversations/{conversation['id']}").status_code == 404
        )  # not its own
        job = old("jobs", "list", "--json").json["jobs"][0]["id"]
        for _ in range(300):
            shown = old("jobs", "show", job, "--json").json
            if shown["state"] == "done":
                break
        assert (shown["state"], shown["verdict"]) == ("done", "indexed")


def test_the_same_files_again_are_unchanged_and_the_question_is_answered(
    data_dir: Path, old: Cli, tmp_path: Path
) -> None:
    originals = sorted(data_dir.glob("originals/*/*.pdf"))
    ran = old("ingest", *originals, "-c", "archive", "--json")
    verdicts = sorted(each["verdict"] for each in ran.json["documents"])
    assert verdicts == ["indexed", "unchanged", "unchanged"]  # the deleted document comes back
    answer = old("ask", "How can the lease be terminated?", "-c", "archive", "--json").json
    assert TERMINATION in answer["answer"]
    assert answer["citations"][0]["document"].endswith(".pdf")
