"""A ColQwen2 written as ONNX: torch's vectors for pages of any grid, without torch."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from typer.testing import CliRunner

from api.cli.main import app
from indexer.base.errors import EncoderUnavailable
from indexer.base.pages import RenderedPage
from indexer.encoders.base import PageEncoder
from indexer.encoders.onnx.session import GraphSession
from indexer.encoders.options import EncoderOptions
from indexer.encoders.registry import fingerprint_of, load_encoder
from indexer.encoders.visual.qwen2_patches import size_in_cells
from tests.builders import write_pdf
from tests.support.blocked_imports import output_without
from tests.support.checkpoints import tiny_encoder, tiny_folder
from tests.support.factories import words

QUESTIONS = ["what is the total revenue", "Wie hoch? <|image_pad|> 狐", ""]
SIZES = ((84, 140), (300, 200), (420, 421), (20, 900))
TOLERANCES = {"fp32": 1e-3, "fp16": 2e-3}  # weights of half precision are rounded by 5e-4

Exported = Callable[[str, str], Path]


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """exported("colqwen2", "fp16"): the folder that `pagesight models export` writes."""
    root = tmp_path_factory.mktemp("onnx")

    def export(name: str, precision: str) -> Path:
        folder = root / f"{name}-{precision}"
        if not folder.exists():
            environment = {
                "PAGESIGHT_ENCODER": name,
                "PAGESIGHT_ENCODER_CHECKPOINT": str(tiny_folder(name)),
            }
            ran = CliRunner().invoke(
                app,
                ["models", "export", name, str(folder), "--precision", precision],
                env=environment,
            )
            assert ran.exit_code == 0, ran.output
        return folder

    return export


def loaded(folder: Path, name: str) -> PageEncoder:
    return load_encoder(name, device="cpu", options=EncoderOptions(checkpoint=str(folder)))


def pages() -> list[RenderedPage]:
    drawn = np.random.default_rng(1)
    images = [drawn.integers(0, 255, (height, width, 3), np.uint8) for width, height in SIZES]
    return [
        RenderedPage(1, "1", 612.0, 792.0, Image.fromarray(image), words("")) for image in images
    ]


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
@pytest.mark.parametrize("name", ["colqwen2", "colqwen2.5"])
def test_pages_and_questions_have_the_vectors_of_torch(
    exported: Exported, name: str, precision: str
) -> None:
    encoder, by_torch = loaded(exported(name, precision), name), tiny_encoder(name)
    for mine, theirs in zip(
        encoder.encode_pages(pages()), by_torch.encode_pages(pages()), strict=True
    ):
        np.testing.assert_array_equal(mine.boxes, theirs.boxes)
        difference = np.abs(mine.vectors.astype(np.float32) - theirs.vectors.astype(np.float32))
        assert difference.max() < TOLERANCES[precision]
    for query, other in zip(
        encoder.encode_queries(QUESTIONS), by_torch.encode_queries(QUESTIONS), strict=True
    ):
        assert query.tokens == other.tokens
        np.testing.assert_array_equal(query.content, other.content)
        np.testing.assert_allclose(query.vectors, other.vectors, atol=TOLERANCES[precision])


def test_integers_turn_vectors_a_little_and_have_a_fingerprint_of_their_own(
    exported: Exported,
) -> None:
    encoder = loaded(exported("colqwen2", "int8"), "colqwen2")
    theirs = tiny_encoder("colqwen2").encode_pages(pages())
    for embedding, other in zip(encoder.encode_pages(pages()), theirs, strict=True):
        cosines = (embedding.vectors.astype(np.float32) * other.vectors.astype(np.float32)).sum(1)
        assert 0.995 < cosines.mean() < 0.99999
    options = [
        EncoderOptions(checkpoint=str(folder))
        for folder in (tiny_folder("colqwen2"), exported("colqwen2", "fp16"))
    ]
    whole, half = (fingerprint_of("colqwen2", option) for option in options)
    assert whole == half != encoder.fingerprint


def test_page_images_are_ingested_and_searched_without_torch(
    exported: Exported, tmp_path: Path
) -> None:
    source = write_pdf(tmp_path / "revenue.pdf", "Total revenue was 4,317.")
    environment = {
        "PAGESIGHT_DATA_DIR": str(tmp_path / "data"),
        "PAGESIGHT_ENCODER": "colqwen2",
        "PAGESIGHT_ENCODER_CHECKPOINT": str(exported("colqwen2", "fp16")),
    }
    commands = [["ingest", str(source), "-c", "c"], ["search", "total revenue", "-c", "c"]]
    output = output_without(["torch", "transformers"], commands, environment)
    assert "revenue.pdf, page 1" in output


def _without_weights(folder: Path) -> None:
    (folder / "text.weights").unlink()


def _without_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()


def _with_half_a_description(folder: Path) -> None:
    (folder / "onnx.json").write_text((folder / "onnx.json").read_text()[:100])


def _of_another_encoder(folder: Path) -> None:
    about = json.loads((folder / "onnx.json").read_text()) | {"encoder": "colqwen2.5"}
    (folder / "onnx.json").write_text(json.dumps(about))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (_without_weights, "export it again"),
        (_without_tokenizer, "tokenizer.json is missing"),
        (_with_half_a_description, "damaged: export the encoder again"),
        (_of_another_encoder, "holds colqwen2.5, not colqwen2"),
    ],
)
def test_a_folder_that_is_not_whole_is_refused(
    exported: Exported, tmp_path: Path, damage: Callable[[Path], None], message: str
) -> None:
    folder = shutil.copytree(exported("colqwen2", "fp16"), tmp_path / "copy")
    damage(folder)
    with pytest.raises(EncoderUnavailable, match=message):
        loaded(folder, "colqwen2")


@pytest.mark.parametrize(
    ("name", "message"), [("lite", "neither"), ("colqwen2", "something in it")]
)
def test_what_cannot_be_exported_is_told(name: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ran = CliRunner().invoke(app, ["models", "export", name, str(tmp_path)])
    assert isinstance(ran.exception, EncoderUnavailable)
    assert message in str(ran.exception)


def test_a_gpu_is_refused(exported: Exported) -> None:
    options = EncoderOptions(checkpoint=str(exported("colqwen2", "fp16")))
    with pytest.raises(EncoderUnavailable, match="PAGESIGHT_DEVICE=cpu"):
        load_encoder("colqwen2", device="cuda", options=options)


def test_the_graphs_keep_to_the_format(exported: Exported) -> None:
    onnx = pytest.importorskip("onnx", reason="the format's own checker is not installed")
    for name in ("vision", "text"):
        onnx.checker.check_model(exported("colqwen2", "fp32") / f"{name}.onnx", full_check=True)


def test_a_file_that_is_no_graph_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "text.onnx"
    path.write_bytes(b"no graph at all")
    with pytest.raises(EncoderUnavailable, match="export it again"):
        GraphSession(path)


@given(st.integers(1, 3000), st.integers(1, 3000), st.integers(4, 30), st.integers(30, 800))
def test_pages_are_resized_as_transformers_does(
    width: int, height: int, fewest: int, most: int
) -> None:
    if max(width, height) > 200 * min(width, height):
        return  # transformers refuses them
    bounds = {"min_pixels": fewest * 28**2, "max_pixels": most * 28**2}
    from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import smart_resize

    theirs = smart_resize(height, width, factor=28, **bounds)
    assert size_in_cells((width, height), 28, *bounds.values()) == (theirs[1], theirs[0])
