"""lite-multi over a model as wide as the real one, with one layer and fifteen pieces."""

from __future__ import annotations

import hashlib
import os
import textwrap
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, pre_tokenizers

from api.diagnostics.evaluation.ranking_quality import ndcg
from indexer.base.errors import EncoderUnavailable
from indexer.base.pages import RenderedPage
from indexer.encoders.base import PageEncoder
from indexer.encoders.lite import multi
from indexer.encoders.lite.identity import HIDDEN
from indexer.encoders.options import EncoderOptions
from indexer.encoders.registry import fingerprint_of, languages_of, load_encoder
from samples.languages.draw import HERE, pages_of
from tests.support.factories import words

PIECES = (
    *("<s>", "<pad>", "</s>", "<unk>", "▁", "▁query", "▁passage", ":"),
    *("▁die", "▁Pumpe", "n", "▁und", "ポンプ", "、", "▁pump"),
)
REAL = os.environ.get("MULTILINGUAL_E5_SMALL", "")


def page_of(text: str) -> RenderedPage:
    return RenderedPage(1, "1", 612.0, 792.0, Image.new("RGB", (8, 8)), words(text))


def tiny_checkpoint(folder: Path, n_words: int = len(PIECES)) -> Path:
    """Write a checkpoint of random weights with one layer."""
    chance = torch.Generator().manual_seed(3)

    def tensor(*shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=chance) * 0.05

    layer = "encoder.layer.0."
    tensors = {
        "embeddings.word_embeddings.weight": tensor(n_words, HIDDEN),
        "embeddings.position_embeddings.weight": tensor(512, HIDDEN),
        "embeddings.token_type_embeddings.weight": tensor(2, HIDDEN),
    }
    shapes = {
        **{f"{layer}attention.self.{part}": (HIDDEN, HIDDEN) for part in ("query", "key", "value")},
        f"{layer}attention.output.dense": (HIDDEN, HIDDEN),
        f"{layer}intermediate.dense": (4 * HIDDEN, HIDDEN),
        f"{layer}output.dense": (HIDDEN, 4 * HIDDEN),
    }
    for name, shape in shapes.items():
        tensors |= {f"{name}.weight": tensor(*shape), f"{name}.bias": tensor(shape[0])}
    for name in ("embeddings.", f"{layer}attention.output.", f"{layer}output."):
        tensors |= {
            f"{name}LayerNorm.weight": torch.ones(HIDDEN),
            f"{name}LayerNorm.bias": tensor(HIDDEN),
        }
    folder.mkdir()
    save_file(tensors, folder / "model.safetensors")
    scores = [(piece, -2.0 - 0.1 * i) for i, piece in enumerate(PIECES)]
    tokenizer = Tokenizer(models.Unigram(scores, unk_id=3))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> PageEncoder:
    folder = tiny_checkpoint(tmp_path_factory.mktemp("e5") / "tiny")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(multi, "_N_WORDS", len(PIECES))
        return load_encoder("lite-multi", device="cpu", options=EncoderOptions(str(folder)))


def test_stop_words_and_punctuation_of_other_languages_have_no_vector(tiny: PageEncoder) -> None:
    (embedding,) = tiny.encode_pages([page_of("die\nPumpen\nund\nポンプ、")])
    assert embedding.vectors.shape == (2, HIDDEN)  # of `Pumpe` with `n`, of `ポンプ`
    (query,) = tiny.encode_queries(["die Pumpe"])
    assert query.tokens == ("Pumpe",) and query.content.all()
    np.testing.assert_allclose(np.linalg.norm(query.vectors, axis=1), 1, atol=1e-5)
    (empty_query,) = tiny.encode_queries([""])
    assert empty_query.tokens == ("<s>", "</s>")


def test_a_word_stands_elsewhere_in_a_question_than_on_a_page(tiny: PageEncoder) -> None:
    """The model reads `query: ` before one and `passage: ` before the other; neither has a vector."""
    (page,) = tiny.encode_pages([page_of("Pumpe")])
    (query,) = tiny.encode_queries(["Pumpe"])
    assert len(page.vectors) == len(query.vectors) == 1
    likeness = float(page.vectors[0].astype(np.float32) @ query.vectors[0])
    assert 0.5 < likeness < 0.9999


def test_the_fingerprint_is_of_the_very_weights_and_the_mean(tmp_path: Path) -> None:
    assert hashlib.sha256(multi.load_mean().tobytes()).hexdigest() == multi.MEAN_SHA256
    folders = [tiny_checkpoint(tmp_path / name, n) for name, n in (("a", 15), ("b", 16))]
    fingerprints = [fingerprint_of("lite-multi", EncoderOptions(str(folder))) for folder in folders]
    assert fingerprints[0].revision != fingerprints[1].revision
    assert {*languages_of(fingerprint_of("lite-multi"))} >= {
        "ar",
        "de",
        "en",
        "fr",
        "ja",
        "ko",
        "zh",
    }


def test_without_its_own_weights_it_says_what_to_set(tmp_path: Path) -> None:
    other = tiny_checkpoint(tmp_path / "other")
    damaged = tiny_checkpoint(tmp_path / "damaged")
    (damaged / "model.safetensors").write_bytes(b"x")
    empty = tmp_path / "empty"
    empty.mkdir()
    for folder in (other, damaged, empty):
        options = EncoderOptions(str(folder))
        with pytest.raises(EncoderUnavailable, match="multilingual-e5-small"):
            load_encoder("lite-multi", device="cpu", options=options)
    with pytest.raises(EncoderUnavailable, match="no visual tokens"):
        load_encoder("lite-multi", device="cpu", options=EncoderOptions(max_visual_tokens=8))


@pytest.mark.skipif(
    not REAL, reason="MULTILINGUAL_E5_SMALL names no folder of multilingual-e5-small"
)
def test_questions_in_six_languages_find_their_pages() -> None:
    """nDCG@5 by vectors alone, over the pages of all six."""
    encoder = load_encoder("lite-multi", device="cpu", options=EncoderOptions(REAL))
    sources = sorted((HERE / "texts").glob("*.txt"))
    pages = [page for path in sources for page in pages_of(path.read_text(encoding="utf-8"))]
    embeddings = encoder.encode_pages(
        [
            page_of(
                textwrap.fill(" ".join([page.title, *page.paragraphs]), 40, break_long_words=False)
            )
            for page in pages
        ]
    )
    values = []
    for number, page in enumerate(pages):
        for query in encoder.encode_queries(page.questions):
            scores = [
                float((query.vectors @ e.vectors.astype(np.float32).T).max(axis=1).sum())
                for e in embeddings
            ]
            ranking = sorted(range(len(pages)), key=lambda i: -scores[i])
            values.append(ndcg(ranking, {number}, 5))
    assert np.mean(values) >= 0.9
