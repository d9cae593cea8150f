"""The encoder `colvision` over checkpoints of page images: one model for both sides, and one for each."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from api.services.wiring import wire
from indexer.base.errors import EncoderUnavailable
from indexer.base.pages import BOX_SCALE, PageEmbedding
from indexer.encoders.multi_vector.image_encoder import MultiVectorImageEncoder
from indexer.encoders.options import EncoderOptions
from indexer.encoders.registry import facts_of, fingerprint_of, load_encoder
from indexer.inputs.sources import find_sources
from tests.builders import settings_of
from tests.conftest import ROOT
from tests.support.checkpoints import tiny_folder
from tests.support.colbert_checkpoint import save_colbert
from tests.support.page_checkpoint import DIM, save_page_model

SIDES = {"one model": False, "a model for each side": True}
IMAGES = [Image.new("RGB", size, "white") for size in ((300, 400), (400, 200))]


@pytest.fixture(scope="module", params=SIDES)
def checkpoint(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    return save_page_model(folder, asymmetric=SIDES[request.param])


def options(checkpoint: Path, **parts: int) -> EncoderOptions:
    return EncoderOptions(checkpoint=str(checkpoint), **parts)  # type: ignore[arg-type]


def loaded(checkpoint: Path) -> MultiVectorImageEncoder:
    encoder = load_encoder("colvision", device="cpu", options=options(checkpoint))
    assert isinstance(encoder, MultiVectorImageEncoder)
    return encoder


def area(embedding: PageEmbedding) -> float:
    sides = (embedding.boxes[:, 2:].astype(float) - embedding.boxes[:, :2]) / BOX_SCALE
    return float((sides[:, 0] * sides[:, 1]).sum())


def test_a_page_has_a_vector_and_a_place_for_each_visual_token(checkpoint: Path) -> None:
    encoder = loaded(checkpoint)
    tall, wide = encoder.encode_images(IMAGES)
    assert tall.vectors.shape == (10 * 4, DIM), "3 x 3 tiles and the whole page, 2 x 2 tokens each"
    assert wide.vectors.shape == (7 * 4, DIM), "2 x 3 tiles and the whole page"
    assert area(tall) == pytest.approx(2, abs=0.01) and area(wide) == pytest.approx(2, abs=0.01)
    np.testing.assert_allclose(np.linalg.norm(tall.vectors.astype(float), axis=1), 1, atol=2e-3)
    (alone,) = encoder.encode_images(IMAGES[1:])
    assert np.array_equal(alone.vectors, wide.vectors), "no page changes another"


def test_vectors_are_those_of_a_plain_call(checkpoint: Path) -> None:
    from sentence_transformers import MultiVectorEncoder

    encoder, text = loaded(checkpoint), "How tight are the bolts?"
    plain = MultiVectorEncoder(str(checkpoint), device="cpu", local_files_only=True)
    (query,), (page, _) = encoder.encode_queries([text]), encoder.encode_images(IMAGES)
    plain_query = plain.encode_query([text], normalize_embeddings=True, convert_to_numpy=True)[0]
    np.testing.assert_allclose(query.vectors, plain_query, atol=1e-5)
    plain_page = plain.encode_document(
        [IMAGES[0]], normalize_embeddings=True, convert_to_numpy=True
    )[0]
    similarities = page.vectors.astype(np.float32) @ plain_page.T
    np.testing.assert_allclose(similarities.max(axis=1), 1, atol=2e-3)
    words = "".join(token for token, says in zip(query.tokens, query.content, strict=True) if says)
    assert words.replace("Ġ", "").lower() == text.replace(" ", "").lower()


def test_pages_are_ingested_searched_and_shown_where_they_matched(
    checkpoint: Path, tmp_path: Path
) -> None:
    settings = settings_of(
        tmp_path, encoder="colvision", encoder_checkpoint=str(checkpoint), layout="never"
    )
    services = wire(settings)
    (manual,) = find_sources([ROOT / "samples" / "pump-manual.pdf"])
    services.pipeline.ingest(services.create_collection("manuals"), manual)
    hit, *others = services.searcher.search("torque of the flange bolts", ["manuals"], k=3).hits
    assert hit.evidence and len(others) == 2
    assert not facts_of("colvision").reads_words, "an image may be the question"


def test_checkpoints_that_are_not_of_this_kind_are_refused_with_what_to_do(
    checkpoint: Path, tmp_path: Path
) -> None:
    for folder, complaint in (
        (None, "set PAGESIGHT_ENCODER_CHECKPOINT"),
        (tiny_folder("colqwen2"), "set PAGESIGHT_ENCODER=colqwen2, with the same checkpoint"),
        (tmp_path, r"modules\.json cannot be read"),
    ):
        with pytest.raises(EncoderUnavailable, match=complaint):
            fingerprint_of(
                "colvision", EncoderOptions(checkpoint=None if folder is None else str(folder))
            )
    with pytest.raises(EncoderUnavailable, match="as many as its checkpoint says"):
        fingerprint_of("colvision", options(checkpoint, max_visual_tokens=768))
    with pytest.raises(EncoderUnavailable, match="PAGESIGHT_ENCODER=colbert"):
        loaded(save_colbert(tmp_path / "text"))


def test_code_and_pickles_are_refused_in_the_parts_of_each_side(tmp_path: Path) -> None:
    model = save_page_model(tmp_path, asymmetric=True)
    before = fingerprint_of("colvision", options(model))
    strange = shutil.copytree(model, tmp_path / "strange")
    router = json.loads((strange / "router_config.json").read_text())
    router["types"]["query_1_Dense"] = "modeling.Stranger"
    (strange / "router_config.json").write_text(json.dumps(router))
    with pytest.raises(EncoderUnavailable, match="code of its own"):
        fingerprint_of("colvision", options(strange))
    pickle = shutil.copytree(model, tmp_path / "pickle")
    (pickle / "query_1_Dense" / "model.safetensors").rename(
        pickle / "query_1_Dense" / "pytorch_model.bin"
    )
    with pytest.raises(EncoderUnavailable, match="can hold code"):
        fingerprint_of("colvision", options(pickle))
    other = shutil.copytree(model, tmp_path / "other")
    weights = other / "query_1_Dense" / "model.safetensors"
    weights.write_bytes((model / "document_1_Dense" / "model.safetensors").read_bytes())
    assert fingerprint_of("colvision", options(other)) != before, "each part shapes the vectors"
