"""Real visual model classes with tiny weights, by the command line and over HTTP."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx2
import pytest
from PIL import Image

from tests.acceptance.conftest import SAMPLES, Cli, run_cli
from tests.support.checkpoints import tiny_folder
from tests.support.served_process import pagesight_serving

DOCUMENT = SAMPLES / "scanned-letter.pdf"
QUERY = "what is the total revenue"
QUERY_TOKENS = ["Query", ":", "what", "is", "the", "total", "revenue"]


def with_weights(folder: Path) -> dict[str, str]:
    return {"PAGESIGHT_ENCODER": "colqwen2", "PAGESIGHT_ENCODER_CHECKPOINT": str(folder)}


@pytest.fixture(scope="module")
def weights() -> dict[str, str]:
    return with_weights(tiny_folder("colqwen2"))


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory, weights: dict[str, str]) -> Path:
    """Two pages that are nothing but images, looked at by the tiny ColQwen2."""
    folder = tmp_path_factory.mktemp("visual") / "data"
    ran = run_cli(folder, "ingest", DOCUMENT, "-c", "tiny", "--json", **weights)
    assert ran.code == 0, ran.err + ran.out
    assert [one["pages"] for one in ran.json["documents"]] == [2]
    assert "Loading weights" not in ran.err
    return folder


@pytest.fixture(scope="module")
def found(data_dir: Path, weights: dict[str, str]) -> Any:
    """What `pagesight search` finds."""
    ran = run_cli(data_dir, "search", QUERY, "-c", "tiny", "--json", **weights)
    assert ran.code == 0, ran.err
    return ran.json


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("heat") / "heat.png"


@pytest.fixture(scope="module")
def heat(data_dir: Path, weights: dict[str, str], found: Any, picture: Path) -> Any:
    """The heat map of the best page, by `pagesight heatmap`."""
    page_id = found["hits"][0]["page_id"]
    words = ("heatmap", QUERY, "--page", str(page_id), "-c", "tiny", "-o", picture, "--json")
    ran = run_cli(data_dir, *words, **weights)
    assert ran.code == 0, ran.err
    return ran.json


@pytest.fixture(scope="module")
def client(data_dir: Path, weights: dict[str, str]) -> Iterator[httpx2.Client]:
    with pagesight_serving(data_dir, **weights) as client:
        yield client


def test_pages_are_found_by_what_the_model_sees(found: Any) -> None:
    assert [hit["document"] for hit in found["hits"]] == ["scanned-letter.pdf"] * 2
    assert all(hit["score"] > 0 and hit["evidence"] for hit in found["hits"])


def test_a_heat_map_covers_the_whole_page_with_patches(heat: Any, picture: Path) -> None:
    assert all(cell is not None for row in heat["grid"] for cell in row)
    tokens = heat["tokens"]
    assert [one["text"] for one in tokens][: len(QUERY_TOKENS)] == QUERY_TOKENS
    assert [one["text"] for one in tokens if one["content"]] == QUERY_TOKENS[2:]
    with Image.open(picture) as png:
        assert png.format == "PNG"


def test_the_search_and_the_heat_map_agree_on_the_score(found: Any, heat: Any) -> None:
    assert heat["score"] == pytest.approx(found["hits"][0]["score"], abs=0.01)


def test_http_and_the_command_line_say_the_same(
    client: httpx2.Client, found: Any, heat: Any
) -> None:
    body = client.post("/v1/search", json={"query": QUERY, "collections": ["tiny"]}).json()
    assert body["hits"] == found["hits"]
    path = f"/v1/pages/{heat['page_id']}/heatmap"
    assert client.get(path, params={"query": QUERY, "format": "json"}).json() == heat
    png = client.get(path, params={"query": QUERY, "token": 5, "width": 300}).content
    assert Image.open(BytesIO(png)).width == 300
    refused = client.get(path, params={"query": QUERY, "token": 99})
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "invalid_token")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--page", "99"), "no page 99"),
        (("--page", "1", "-c", "nothing"), "no collection 'nothing'"),
    ],
)
def test_a_heat_map_that_cannot_be_drawn_says_why(
    data_dir: Path, weights: dict[str, str], words: tuple[str, ...], told: str
) -> None:
    ran = run_cli(data_dir, "heatmap", QUERY, *words, **weights)
    assert ran.code == 1
    assert told in ran.err
    assert "Traceback" not in ran.err


def test_a_query_through_another_encoder_is_refused_with_a_command_that_works(
    data_dir: Path,
) -> None:
    fake = {"PAGESIGHT_ENCODER": "fake", "PAGESIGHT_OCR": "never"}
    for words in (("search", QUERY, "-c", "tiny"), ("heatmap", QUERY, "--page", "1")):
        ran = run_cli(data_dir, *words, **fake)
        assert ran.code == 1
        assert "set PAGESIGHT_ENCODER=colqwen2" in ran.err
        assert "`pagesight ingest PATH -c NEW_NAME`" in ran.err
    assert run_cli(data_dir, "ingest", DOCUMENT, "-c", "again", **fake).code == 0
    assert run_cli(data_dir, "search", QUERY, "-c", "again", **fake).code == 0


def test_a_query_through_other_weights_of_the_same_encoder_names_the_checkpoint(
    data_dir: Path, tmp_path: Path
) -> None:
    other = shutil.copytree(tiny_folder("colqwen2"), tmp_path / "other")
    config = (other / "processor_config.json").read_text()
    (other / "processor_config.json").write_text(config + "\n")
    ran = run_cli(data_dir, "search", QUERY, "-c", "tiny", **with_weights(other))
    assert ran.code == 1
    assert "set PAGESIGHT_ENCODER_CHECKPOINT" in ran.err


def without_a_tensor(folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    tensors = load_file(folder / "model.safetensors")
    del tensors["embedding_proj_layer.weight"]
    save_file(tensors, folder / "model.safetensors")


@pytest.mark.parametrize(
    ("kind", "damage", "told"),
    [
        ("colpali", lambda folder: None, "is a colpali model, not colqwen2"),
        ("colqwen2", without_a_tensor, "1 missing keys (embedding_proj_layer.weight)"),
    ],
)
def test_a_wrong_checkpoint_is_refused_before_anything_is_made(
    cli: Cli, tmp_path: Path, kind: str, damage: object, told: str
) -> None:
    folder = shutil.copytree(tiny_folder(kind), tmp_path / "weights")
    damage(folder)  # type: ignore[operator]
    ran = cli("ingest", DOCUMENT, "-c", "c", "--json", **with_weights(folder))
    assert ran.code == 1
    assert ran.json["error"]["code"] == "encoder_unavailable"
    assert told in ran.json["error"]["message"]
    assert ran.err.count("\n") == 1  # the one line, and no report of a library beside it
    assert cli("collections", "list", "--json").json == {"collections": []}
