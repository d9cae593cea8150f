"""Fits the lite encoder's fixed projection: python tests/benchmarks/fit_projection.py PDF_FOLDER OUT.npz

Uncentred principal directions (384 -> 128) of the mixed vectors of all content pieces in the text
layers of a folder of PDFs. Run once; a new projection is a new vector space, so its hash goes into
`indexer/encoders/lite/identity.py` and with it into every collection's fingerprint.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pymupdf
import torch
from numpy.typing import NDArray

from indexer.encoders.lite.content import ContentPieces
from indexer.encoders.lite.identity import DIM, HIDDEN
from indexer.encoders.lite.model import MiniLM
from indexer.encoders.lite.pieces import PieceReader
from indexer.encoders.lite.weights import checked_weights, find_weights, load_tokenizer


def pages_of(folder: Path) -> Iterator[list[str]]:
    """The words of each page that has a text layer, in the layer's own order."""
    for path in sorted(folder.glob("*.pdf")):
        with pymupdf.open(path) as document:
            for page in document:
                words = [part for word in page.get_text("words") for part in word[4].split()]
                if words:
                    yield words


def moments(
    reader: PieceReader, content: ContentPieces, folder: Path
) -> tuple[NDArray[np.float64], int]:
    """Second moments (384, 384) of the content pieces' vectors, and how many there were."""
    total, count = np.zeros((HIDDEN, HIDDEN)), 0
    for words in pages_of(folder):
        (page,) = reader.read_pages([words])
        kept = page.vectors[content.mask(page.ids)].astype(np.float64)
        total += kept.T @ kept
        count += len(kept)
    return total, count


def principal_directions(second_moments: NDArray[np.float64]) -> NDArray[np.float32]:
    """(384, 128), orthonormal columns, strongest first; each column's largest entry is positive."""
    _, vectors = np.linalg.eigh(second_moments)
    matrix = vectors[:, ::-1][:, :DIM]
    largest = np.abs(matrix).argmax(axis=0)
    signs = np.sign(matrix[largest, np.arange(DIM)])
    return np.ascontiguousarray(matrix * signs, np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument(
        "--corpus", default="PDF text layers", help="kind of corpus, for the record"
    )
    options = parser.parse_args()
    weights = find_weights()
    model = MiniLM(checked_weights(weights), torch.device("cpu"))
    tokenizer = load_tokenizer(weights)
    reader = PieceReader(model, tokenizer, projection=None)
    total, count = moments(reader, ContentPieces(tokenizer.get_vocab()), options.folder)
    matrix = principal_directions(total)
    kept = np.linalg.eigvalsh(total)[::-1][:DIM].sum() / np.trace(total)
    today = datetime.now(UTC).date().isoformat()
    source = f"{options.corpus}: {count} content pieces, {kept:.1%} of the energy, fitted {today}"
    np.savez(options.out, matrix=matrix, source=np.array(source))
    print(source)
    print(f"PROJECTION_SHA256 = {hashlib.sha256(matrix.tobytes()).hexdigest()!r}")


if __name__ == "__main__":
    main()
