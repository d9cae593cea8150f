"""Fits what is fixed in an encoder of words: the projection of `lite`, the mean of `lite-multi`.

    python -m tests.benchmarks.fit_projection lite OUT.npz PDF_FOLDER ...
    python -m tests.benchmarks.fit_projection lite-multi OUT.npz PDF_FOLDER WHEEL.whl ... --weights FOLDER

Principal directions (384 -> 128), or the mean, of the mixed vectors of all content pieces in the text
layers of PDFs, and of the messages in the translations (`ar`, `de`, `fr`, `ja`, `ko`, `zh`) that a wheel
carries. Run once; another projection or mean is another vector space, so its hash goes into the encoder's
identity and with it into every collection's fingerprint.
"""

from __future__ import annotations

import argparse
import gettext
import hashlib
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import numpy as np
import pymupdf
import torch
from numpy.typing import NDArray

from indexer.base.language.stop_words import STOP_WORDS_OF_ALL
from indexer.encoders.lite.content import ContentPieces
from indexer.encoders.lite.identity import DIM, HIDDEN
from indexer.encoders.lite.model import MiniLM
from indexer.encoders.lite.pieces import PieceReader
from indexer.encoders.lite.weights import checked_weights, find_weights, load_tokenizer

_TRANSLATION = re.compile(r"locale/(?:ar|de|fr|ja|ko|zh|zh_CN|zh_TW|zh_Hans)/LC_MESSAGES/\w+\.mo")
_PAGE_MESSAGES = 30


def pages_of(folder: Path) -> Iterator[list[str]]:
    """The words of each page that has a text layer, in the layer's own order."""
    for path in sorted(folder.glob("*.pdf")):
        with pymupdf.open(path) as document:
            for page in document:
                words = [part for word in page.get_text("words") for part in word[4].split()]
                if words:
                    yield words


def messages_of(wheel: Path) -> Iterator[list[str]]:
    """The words of translated messages, some of them at a time, as if they stood on a page."""
    with zipfile.ZipFile(wheel) as archive:
        for name in filter(_TRANSLATION.search, archive.namelist()):
            catalog = gettext.GNUTranslations(io.BytesIO(archive.read(name)))
            texts = iter([text for text in vars(catalog)["_catalog"].values() if text])
            while messages := list(islice(texts, _PAGE_MESSAGES)):
                yield [word for message in messages for word in message.split()]


def texts_of(sources: Sequence[str]) -> list[list[str]]:
    """The words of pages and of messages; of `PATH=N` about so many, evenly spaced."""
    texts: list[list[str]] = []
    for source in sources:
        name, _, n = source.partition("=")
        path = Path(name)
        own = list(pages_of(path) if path.is_dir() else messages_of(path))
        texts += own[:: max(1, len(own) // int(n)) if n else 1]
    return texts


def moments(
    reader: PieceReader, content: ContentPieces, texts: Sequence[Sequence[str]]
) -> tuple[NDArray[np.float64], NDArray[np.float64], int]:
    """Second moments (384, 384) and sum (384,) of the content pieces' vectors, and how many there were."""
    total, sums, count = np.zeros((HIDDEN, HIDDEN)), np.zeros(HIDDEN), 0
    for words in texts:
        (page,) = reader.read_pages([words])
        kept = page.vectors[content.mask(page.ids)].astype(np.float64)
        total += kept.T @ kept
        sums += kept.sum(axis=0)
        count += len(kept)
    return total, sums, count


def principal_directions(second_moments: NDArray[np.float64]) -> NDArray[np.float32]:
    """(384, 128), orthonormal columns, strongest first; each column's largest entry is positive."""
    _, vectors = np.linalg.eigh(second_moments)
    matrix = vectors[:, ::-1][:, :DIM]
    largest = np.abs(matrix).argmax(axis=0)
    signs = np.sign(matrix[largest, np.arange(DIM)])
    return np.ascontiguousarray(matrix * signs, np.float32)


def reader_of(encoder: str, weights: Path | None) -> tuple[PieceReader, ContentPieces]:
    """The encoder without its projection."""
    cpu = torch.device("cpu")
    if encoder == "lite":
        folder = find_weights()
        tokenizer = load_tokenizer(folder)
        model = MiniLM(checked_weights(folder), cpu)
        return PieceReader(model, tokenizer), ContentPieces(tokenizer.get_vocab())
    assert weights is not None, "lite-multi has no weights of its own: give --weights"
    tokenizer = load_tokenizer(weights)
    reader = PieceReader(
        MiniLM(weights / "model.safetensors", cpu),
        tokenizer,
        ends=("<s>", "</s>"),
        page_prefix="passage: ",
    )
    return reader, ContentPieces(tokenizer.get_vocab(), STOP_WORDS_OF_ALL, unigram=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("encoder", choices=["lite", "lite-multi"])
    parser.add_argument("out", type=Path)
    parser.add_argument("sources", nargs="+", help="PATH, or PATH=N for about N texts of it")
    parser.add_argument("--weights", type=Path)
    parser.add_argument(
        "--corpus", default="PDF text layers", help="kind of corpus, for the record"
    )
    options = parser.parse_args()
    reader, content = reader_of(options.encoder, options.weights)
    total, sums, count = moments(reader, content, texts_of(options.sources))
    today = datetime.now(UTC).date().isoformat()
    if options.encoder == "lite-multi":
        mean = (sums / count).astype(np.float32)
        source = f"mean of {count} content pieces of {options.corpus}, fitted {today}"
        np.savez(options.out, mean=mean, source=np.array(source))
        print(f"{source}\nMEAN_SHA256 = {hashlib.sha256(mean.tobytes()).hexdigest()!r}")
        return
    matrix = principal_directions(total)
    share = np.linalg.eigvalsh(total)[::-1][:DIM].sum() / np.trace(total)
    source = f"{options.corpus}: {count} content pieces, {share:.1%} of the energy, fitted {today}"
    np.savez(options.out, matrix=matrix, source=np.array(source))
    print(f"{source}\nPROJECTION_SHA256 = {hashlib.sha256(matrix.tobytes()).hexdigest()!r}")


if __name__ == "__main__":
    main()
