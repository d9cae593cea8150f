"""Read and write `.npy` files of a known shape, from any number of threads at once."""

from __future__ import annotations

import io
import mmap
import weakref
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from indexer.storage.files import NewFile

try:
    from indexer.storage import _bus_faults
except ImportError:  # no C compiler where this was installed
    _bus_faults = None  # type: ignore[assignment]


class MapWatch:
    """Says whether a map has lost bytes: the file was cut short, or the disk cannot read them.

    Without the C part nothing is watched, and such a read ends the process.
    """

    def __init__(self, address: int, n_bytes: int, owner: object) -> None:
        """Watch a map of memory for as long as `owner` lives, which holds it."""
        self._number: int | None = None
        if _bus_faults is not None:
            _bus_faults.install()
            self._number = _bus_faults.watch(address, n_bytes)
            weakref.finalize(owner, _bus_faults.forget, self._number)

    @property
    def is_broken(self) -> bool:
        """Whether something was read that is not in the file; call it while the map lives."""
        return self._number is not None and _bus_faults.n_faults(self._number) > 0


def map_array(path: Path, dtype: DTypeLike, shape: tuple[int, ...]) -> NDArray[Any]:
    """Map the array of a file, read-only. Raises OSError, or ValueError if it is another array.

    NumPy reads a header as a Python literal. Up to CPython 3.11.7 two threads that do so at once may
    get a SystemError (python/cpython#106905), so a header is compared with the expected one.
    """
    header = header_of(dtype, shape)
    with path.open("rb") as file:
        header_matches = file.read(len(header)) == header
    if header_matches and 0 not in shape:  # an empty array cannot be mapped, and needs no mapping
        # Same map, without memmap's cost for every slice.
        return np.asarray(np.memmap(path, dtype, "r", len(header), shape))
    # Empty, written by a NumPy that pads its headers in another way, or not what is expected.
    try:
        array = np.load(path, mmap_mode=None if 0 in shape else "r", allow_pickle=False)
    except EOFError as error:
        raise ValueError("an empty file") from error
    return _as_expected(array, dtype, shape)


def array_of(data: bytes, dtype: DTypeLike, shape: tuple[int, ...]) -> NDArray[Any]:
    """Return the array of a file's bytes, read-only. Raises ValueError if it is another array."""
    header = header_of(dtype, shape)
    if data.startswith(header) and len(data) == len(header) + np.dtype(dtype).itemsize * int(
        np.prod(shape)
    ):
        return np.frombuffer(data, dtype, offset=len(header)).reshape(shape)
    try:
        array = np.load(io.BytesIO(data), allow_pickle=False)
    except EOFError as error:
        raise ValueError("an empty file") from error
    return _as_expected(array, dtype, shape)


def map_of(array: NDArray[Any]) -> mmap.mmap | None:
    """Return the map that the array lies in, None where it lies in memory."""
    base: object = array
    while isinstance(base, np.ndarray | memoryview):
        base = base.base if isinstance(base, np.ndarray) else base.obj
    return base if isinstance(base, mmap.mmap) else None


def address_of(array: NDArray[Any]) -> int:
    """Return where in memory the array begins."""
    address: int = array.__array_interface__["data"][0]
    return address


def _as_expected(array: Any, dtype: DTypeLike, shape: tuple[int, ...]) -> NDArray[Any]:
    if array.shape != shape or array.dtype != dtype:
        raise ValueError(f"{array.dtype}{array.shape} instead of {np.dtype(dtype)}{shape}")
    return np.asarray(array)


def write_array(file: NewFile, array: NDArray[Any]) -> None:
    """Write an array as `np.save` does, but with every error of the disk seen. Raises OSError."""
    begin_array(file, array.dtype, array.shape)
    write_rows(file, array)


def array_bytes(array: NDArray[Any]) -> bytes:
    """Return what `write_array` writes."""
    return header_of(array.dtype, array.shape) + array.tobytes()


def begin_array(file: NewFile, dtype: DTypeLike, shape: tuple[int, ...]) -> None:
    """Write what precedes the numbers of an array, whose rows follow by `write_rows`. Raises OSError."""
    file.write(header_of(dtype, shape))


def write_rows(file: NewFile, rows: NDArray[Any]) -> None:
    """Write the next rows of an array. Raises OSError."""
    if rows.size:
        file.write(np.ascontiguousarray(rows).reshape(-1).view(np.uint8))


def header_of(dtype: DTypeLike, shape: tuple[int, ...]) -> bytes:
    """Return all that precedes the numbers, as this NumPy writes it."""
    header = io.BytesIO()
    description = {
        "descr": np.lib.format.dtype_to_descr(np.dtype(dtype)),
        "fortran_order": False,
        "shape": shape,
    }
    np.lib.format.write_array_header_1_0(header, description)
    return header.getvalue()


def array_bytes_length(dtype: DTypeLike, shape: tuple[int, ...]) -> int:
    """Return how many bytes the file of an array has."""
    return len(header_of(dtype, shape)) + np.dtype(dtype).itemsize * int(np.prod(shape))
