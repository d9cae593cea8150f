"""`pagesight status` and `pagesight jobs list`, as an operator sees them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli.ingesting.jobs import age_text
from api.cli.main import app
from api.services.wiring import Services
from indexer.catalog.jobs.records import JobDraft
from tests.support.small_library import library

pytestmark = pytest.mark.usefixtures("kernels_built")


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    made = library(tmp_path)
    monkeypatch.setenv("PAGESIGHT_DATA_DIR", str(made.settings.data_dir))
    monkeypatch.setenv("PAGESIGHT_ENCODER", "fake")
    monkeypatch.setenv("COLUMNS", "200")
    collection = made.stores.catalog.collections.get("manuals")
    made.queue.submit(collection.id, [JobDraft("[red]late[/].pdf", "0" * 64, 1)])
    return made


def ran(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, [*words], env=dict(os.environ))
    return result.exit_code, result.output


def test_status_names_every_part_the_queue_and_every_collection(services: Services) -> None:
    code, said = ran("status")
    assert code == 0
    for part in ("catalog", "disk", "encoder", "generator", "kernels", "worker"):
        assert f"ok        {part}" in said
    assert "1 jobs queued, 0 running" in said
    assert "manuals" in said and "garden" in said


def test_status_as_json_has_the_same(services: Services) -> None:
    code, said = ran("status", "--json")
    body = json.loads(said)
    assert (code, body["state"], body["jobs"]["queued"]) == (0, "ok", 1)
    assert [one["name"] for one in body["collections"]] == ["garden", "manuals"]


def test_status_ends_with_1_when_questions_cannot_be_answered(
    services: Services, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PAGESIGHT_ENCODER", "colqwen2")
    monkeypatch.setenv("PAGESIGHT_ENCODER_CHECKPOINT", str(tmp_path / "nothing"))
    code, said = ran("status")
    assert code == 1 and "failed    encoder" in said


def test_jobs_tell_their_age_and_keep_a_name_as_it_is(services: Services) -> None:
    code, said = ran("jobs", "list")
    assert code == 0 and "[red]late[/].pdf" in said and "queued" in said and " s " in said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-1, "0 s"), (42, "42 s"), (420, "7 min"), (3 * 3600, "3 h"), (12 * 86400, "12 d")],
)
def test_an_age_has_two_digits_and_a_unit(seconds: float, said: str) -> None:
    assert age_text(seconds) == said
