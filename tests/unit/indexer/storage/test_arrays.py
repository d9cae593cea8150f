from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from indexer.storage.arrays import map_array

ROWS = np.arange(12, dtype=np.float16).reshape(4, 3)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    np.save(tmp_path / "rows.npy", ROWS, allow_pickle=False)
    return tmp_path / "rows.npy"


def test_an_array_is_mapped_not_read(path: Path) -> None:
    mapped = map_array(path, np.float16, (4, 3))
    np.testing.assert_array_equal(mapped, ROWS)
    assert isinstance(mapped.base, np.memmap) and not mapped.flags.writeable


@pytest.mark.parametrize("shape", [(0,), (0, 3)])
def test_an_empty_array_is_read(tmp_path: Path, shape: tuple[int, ...]) -> None:
    np.save(tmp_path / "empty.npy", np.zeros(shape, np.int8), allow_pickle=False)
    assert map_array(tmp_path / "empty.npy", np.int8, shape).shape == shape


def test_a_header_with_another_padding_is_read_too(path: Path) -> None:
    """The format asks for a multiple of 64 bytes only (NEP 1)."""
    content = path.read_bytes()
    end = content.index(b"\n")
    longer = content[:8] + (end + 1 - 10 + 64).to_bytes(2, "little") + content[10:end]
    path.write_bytes(longer + b" " * 64 + content[end:])
    np.testing.assert_array_equal(map_array(path, np.float16, (4, 3)), ROWS)


@pytest.mark.parametrize(
    ("dtype", "shape"), [(np.int8, (4, 3)), (np.float16, (3, 4)), (np.float16, (4, 3, 1))]
)
def test_another_array_is_refused(path: Path, dtype: Any, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"float16\(4, 3\) instead of"):
        map_array(path, dtype, shape)


@pytest.mark.parametrize("n_bytes", [0, 5, 100, 140])
def test_a_short_file_is_refused(path: Path, n_bytes: int) -> None:
    path.write_bytes(path.read_bytes()[:n_bytes])
    with pytest.raises((ValueError, OSError)):
        map_array(path, np.float16, (4, 3))


def test_arrays_are_opened_without_parsing_python(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which threads must not do at once up to CPython 3.11.7."""

    def parsed(*_: Any) -> None:
        raise AssertionError("a literal was parsed")

    monkeypatch.setattr("ast.literal_eval", parsed)
    monkeypatch.setattr("ast.parse", parsed)
    map_array(path, np.float16, (4, 3))
    with pytest.raises(AssertionError, match="a literal was parsed"):
        np.load(path)
