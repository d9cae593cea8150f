"""The encoder `colbert` over a checkpoint: every word has its vectors, and pages are found."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from api.services.wiring import wire
from indexer.base.errors import EncoderUnavailable
from indexer.base.pages import RenderedPage
from indexer.encoders.options import EncoderOptions
from indexer.encoders.registry import fingerprint_of, load_encoder
from indexer.inputs.sources import find_sources
from tests.builders import settings_of
from tests.conftest import ROOT
from tests.support.colbert_checkpoint import DIM, save_colbert
from tests.support.factories import words

QUESTIONS = {
    "What torque do the bolts of the suction and discharge flanges need?": 5,
    "What does a motor that hums and trips have?": 8,
}


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_colbert(tmp_path_factory.mktemp("colbert") / "model", length=150)


def test_pages_are_found_by_what_the_model_of_a_checkpoint_reads(
    checkpoint: Path, tmp_path: Path
) -> None:
    settings = settings_of(
        tmp_path / "data",
        encoder="colbert",
        encoder_checkpoint=str(checkpoint),
        ocr="never",
        layout="never",
    )
    services = wire(settings)
    (manual,) = find_sources([ROOT / "samples" / "pump-manual.pdf"])
    services.pipeline.ingest(services.create_collection("manuals"), manual)
    for question, page_number in QUESTIONS.items():
        hit = services.searcher.search(question, ["manuals"]).hits[0]
        assert hit.page.page_number == page_number
        assert hit.evidence, "a hit shows where"


@pytest.mark.parametrize("word", ["bolt", "Kraftfahrzeughaftpflichtversicherung", "x" * 900])
def test_every_word_of_a_long_page_has_a_vector_of_its_own(checkpoint: Path, word: str) -> None:
    lines = "\n".join(" ".join([word, "number", str(i)] * 4) for i in range(25))
    source = RenderedPage(1, "1", 612.0, 792.0, Image.new("RGB", (8, 8)), words(lines))
    encoder = load_encoder(
        "colbert", device="cpu", options=EncoderOptions(checkpoint=str(checkpoint))
    )
    (embedding,) = encoder.encode_pages([source])
    assert embedding.vectors.shape[1] == DIM
    assert {tuple(box) for box in embedding.boxes.tolist()} == {
        tuple(box) for box in source.words.boxes.tolist()
    }
    assert (np.diff(embedding.boxes[:, 1].astype(int)) >= 0).all()


def test_a_checkpoint_is_needed_and_one_that_asks_for_code_is_refused(
    checkpoint: Path, tmp_path: Path
) -> None:
    with pytest.raises(EncoderUnavailable, match="set PAGESIGHT_ENCODER_CHECKPOINT"):
        fingerprint_of("colbert")
    with pytest.raises(EncoderUnavailable, match=r"modules\.json cannot be read"):
        fingerprint_of("colbert", EncoderOptions(checkpoint=str(tmp_path)))
    with pytest.raises(EncoderUnavailable, match="no visual tokens"):
        fingerprint_of("colbert", EncoderOptions(checkpoint=str(checkpoint), max_visual_tokens=768))
    modules = json.loads((checkpoint / "modules.json").read_text())
    modules[-1]["type"] = "modeling.Stranger"
    (tmp_path / "modules.json").write_text(json.dumps(modules))
    with pytest.raises(EncoderUnavailable, match="code of its own"):
        fingerprint_of("colbert", EncoderOptions(checkpoint=str(tmp_path)))


def test_weights_that_can_hold_code_are_refused(checkpoint: Path, tmp_path: Path) -> None:
    for name in ("modules.json", "config.json"):
        (tmp_path / name).write_bytes((checkpoint / name).read_bytes())
    (tmp_path / "pytorch_model.bin").write_bytes(b"anything")
    with pytest.raises(EncoderUnavailable, match="can hold code"):
        fingerprint_of("colbert", EncoderOptions(checkpoint=str(tmp_path)))
