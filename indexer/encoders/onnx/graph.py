"""Write an ONNX graph node by node. The file format is protobuf, of which a graph needs little.

The numbers of the fields are those of onnx.proto (ONNX, IR version 9); a test has the `onnx` package check
what is written here.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_IR_VERSION = 9
_OPSET = 20  # ai.onnx, the first with Gelu
CONTRIB = "com.microsoft"  # operators of ONNX Runtime's own
_TYPES = {"float32": 1, "uint8": 2, "int8": 3, "int64": 7, "float16": 10}
_PAGE_BYTES = 4096  # of memory
_FLOAT, _INT = 1, 2  # kinds of attributes
Dims = Sequence[int | str]  # a name where the length may be any


class Graph:
    """Collects nodes and weights. Every method that adds something returns the name of what it makes.

    weights  by name: handed over to a session, or written by `save` or `to_bytes(inline=True)`
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._nodes: list[bytes] = []
        self._inputs: list[bytes] = []
        self._outputs: list[bytes] = []
        self._constants: list[bytes] = []
        self.weights: dict[str, NDArray[np.generic]] = {}

    def input(self, name: str, dtype: str, dims: Dims) -> str:
        self._inputs.append(_value(name, dtype, dims))
        return name

    def output(self, name: str, source: str, dtype: str, dims: Dims) -> None:
        """Return `source`, which a node made, to the caller as `name`."""
        self._nodes.append(_field(1, source) + _field(2, name) + _field(4, "Identity"))
        self._outputs.append(_value(name, dtype, dims))

    def weight(self, name: str, values: NDArray[np.generic]) -> str:
        self.weights[name] = np.ascontiguousarray(values)
        return name

    def constant(self, values: NDArray[np.generic]) -> str:
        """Add a small array that stands in the file itself."""
        name = f"constant_{len(self._constants)}"
        self._constants.append(_tensor(name, values) + _field(9, values.tobytes()))
        return name

    def node(self, operator: str, *inputs: str, domain: str = "", **attributes: int | float) -> str:
        """Add an operator with one output; an input that it leaves out is the empty name."""
        return self.split(operator, *inputs, n_outputs=1, domain=domain, **attributes)[0]

    def split(
        self,
        operator: str,
        *inputs: str,
        n_outputs: int,
        domain: str = "",
        **attributes: int | float,
    ) -> list[str]:
        """Add an operator with several outputs; return their names."""
        outputs = [f"{operator}_{len(self._nodes)}_{i}" for i in range(n_outputs)]
        parts = [_field(1, name) for name in inputs] + [_field(2, name) for name in outputs]
        parts.append(_field(4, operator))
        parts += [_field(5, _attribute(name, value)) for name, value in attributes.items()]
        self._nodes.append(b"".join(parts) + _field(7, domain))
        return outputs

    def to_bytes(self, *, inline: bool = False) -> bytes:
        """Return the file; without `inline` its weights are to be handed over with it."""
        return self._bytes(
            _tensor(name, values) + (_field(9, values.tobytes()) if inline else _beside("weights"))
            for name, values in self.weights.items()
        )

    def save(self, path: Path) -> None:
        """Write the graph to `path` and its weights beside it: one file must not have more than 2 GB."""
        tensors = []
        with path.with_suffix(".weights").open("wb") as file:
            for name, values in self.weights.items():
                file.write(bytes(-file.tell() % _PAGE_BYTES))  # so that it can be mapped
                place = _beside(path.with_suffix(".weights").name, file.tell(), values.nbytes)
                tensors.append(_tensor(name, values) + place)
                file.write(values.data)
        path.write_bytes(self._bytes(tensors))

    def _bytes(self, weights: Iterable[bytes]) -> bytes:
        graph = b"".join(
            [
                *(_field(1, node) for node in self._nodes),
                _field(2, self._name),
                *(_field(5, tensor) for tensor in (*self._constants, *weights)),
                *(_field(11, value) for value in self._inputs),
                *(_field(12, value) for value in self._outputs),
            ]
        )
        opsets = (_field(1, d) + _field(2, v) for d, v in (("", _OPSET), (CONTRIB, 1)))
        return (
            _field(1, _IR_VERSION)
            + _field(7, graph)
            + b"".join(_field(8, opset) for opset in opsets)
        )


def _field(number: int, value: bytes | str | int | float) -> bytes:
    """Return one field of protobuf: a varint, a float of 32 bits, or bytes behind their length."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    if isinstance(value, float):
        return _varint(number << 3 | 5) + struct.pack("<f", value)
    content = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    """Return an integer, seven bits to a byte; a negative one as if it had 64 bits without a sign."""
    value &= 2**64 - 1
    parts = bytearray()
    while value > 127:
        parts.append(value & 127 | 128)
        value >>= 7
    return bytes([*parts, value])


def _attribute(name: str, value: int | float) -> bytes:
    number, kind = (3, _INT) if isinstance(value, int) else (2, _FLOAT)
    return _field(1, name) + _field(number, value) + _field(20, kind)


def _tensor(name: str, values: NDArray[np.generic]) -> bytes:
    """Return a tensor but for its numbers."""
    dims = b"".join(_field(1, length) for length in values.shape)
    return dims + _field(2, _TYPES[values.dtype.name]) + _field(8, name)


def _beside(file_name: str, offset: int | None = None, n_bytes: int = 0) -> bytes:
    """Return where a tensor's numbers are, if not in the file."""
    facts = {"location": file_name}
    if offset is not None:
        facts |= {"offset": str(offset), "length": str(n_bytes)}
    entries = (_field(13, _field(1, key) + _field(2, value)) for key, value in facts.items())
    return b"".join(entries) + _field(14, 1)


def _value(name: str, dtype: str, dims: Dims) -> bytes:
    shape = b"".join(
        _field(1, _field(1 if isinstance(length, int) else 2, length)) for length in dims
    )
    tensor_type = _field(1, _TYPES[dtype]) + _field(2, shape)
    return _field(1, name) + _field(2, _field(1, tensor_type))
