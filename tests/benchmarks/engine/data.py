"""Real page vectors for the benches: every token of the text layers of PDFs, read by the lite encoder.

The product's encoder drops stop words and joins pairs of tokens; here each word piece keeps its own
vector (about 600 a page), as many as a visual encoder makes, because the load is what is measured.
Queries are real questions about the same documents, all tokens, split in two halves by document.
Everything is kept in a cache folder: an interrupted build goes on where it stopped.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pymupdf
from numpy.typing import NDArray

from tests.benchmarks.engine.corpus import (
    DIM,
    append_pages,
    page_lengths,
    read_about,
    read_pages,
    write_queries,
)
from tests.benchmarks.engine.synthetic import random_pages, synthetic_pages, unit

SHARED = Path(__file__).parents[4] / "shared" / "data"
QUESTIONS = SHARED / "mmlongbench-dev" / "questions.jsonl"
MIN_WORDS = 50  # a page with fewer is a title, a slide or an empty page
# A visual encoder bounds a page (ColQwen2: 768 patches); the few far longer text pages would only
# make engines that pad look worse than they are.
MAX_VECTORS = 1_024
_VERSION = 1  # raise it with any change of what a page or a query is
_SEED = 7


class NoDocuments(Exception):
    """There is nothing to build page vectors from."""


def ensure_corpus(cache: Path, n_pages: int) -> Path:
    """The folder of a corpus with at least `n_pages` pages, built as far as it is not there yet.

    Raises NoDocuments when the PDFs or the questions are absent.
    """
    paths = sorted(SHARED.rglob("*.pdf"), key=lambda path: ("odd" in path.parent.name, path))
    if not paths or not QUESTIONS.is_file():
        raise NoDocuments(f"no PDFs and questions under {SHARED}: only --quick runs without them")
    names = [f"{path.name} {path.stat().st_size}" for path in paths]
    folder = cache / f"corpus-{_key(str(MAX_VECTORS), *names)}"
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:  # released by its end, however that comes
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "about.json").is_file():
            _build_real(cache / "documents", folder, paths)
        _lengthen(folder, n_pages)
    return folder


def _lengthen(folder: Path, n_pages: int) -> None:
    """Appends the synthetic pages that are missing."""
    first = len(page_lengths(folder))
    if first < n_pages:
        print(f"making synthetic pages {first}..{n_pages}", flush=True)
        real = read_pages(folder, read_about(folder)["n_real"])
        append_pages(folder, synthetic_pages(real, first, n_pages))


def random_corpus(folder: Path, n_pages: int) -> Path:
    """A corpus without any meaning, to try the bench itself: 12 queries, pages of 20 to 40 vectors."""
    append_pages(folder, random_pages(0, n_pages, n_vectors=40, dim=DIM))
    dice = np.random.default_rng(_SEED)
    queries = [unit(dice.standard_normal((8 + i, DIM), np.float32)) for i in range(12)]
    write_queries(folder, queries, [i % 2 == 0 for i in range(12)])
    about = {"n_real": n_pages, "what": "RANDOM VECTORS, a trial of the bench"}
    (folder / "about.json").write_text(json.dumps(about), encoding="utf-8")
    return folder


def _build_real(documents: Path, folder: Path, paths: list[Path]) -> None:
    reader = _Reader()
    pages = [page[:MAX_VECTORS] for path in paths for page in reader.document(path, documents)]
    random.Random(_SEED).shuffle(pages)  # so that the first pages are of all documents
    for leftover in ("vectors.f16", "lengths.i64"):
        (folder / leftover).unlink(missing_ok=True)
    append_pages(folder, pages)
    questions = [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()]
    random.Random(_SEED).shuffle(questions)
    names = sorted({question["document"] for question in questions})
    tuning = set(random.Random(_SEED).sample(names, len(names) // 2))
    vectors = [reader.query(question["question"]) for question in questions]
    write_queries(folder, vectors, [question["document"] in tuning for question in questions])
    what = (
        f"all text tokens (at most {MAX_VECTORS} a page) of {len(paths)} PDFs, read by MiniLM; "
        f"pages after the first {len(pages)} are synthetic"
    )
    about = {"n_real": len(pages), "what": what}
    (folder / "about.json").write_text(json.dumps(about), encoding="utf-8")


class _Reader:
    """The lite encoder's model and projection, without its choice and pooling of pieces."""

    def __init__(self) -> None:
        import torch

        from indexer.encoders.lite.model import MiniLM
        from indexer.encoders.lite.pieces import PieceReader
        from indexer.encoders.lite.weights import (
            checked_weights,
            find_weights,
            load_projection,
            load_tokenizer,
        )

        weights = find_weights()
        model = MiniLM(checked_weights(weights), torch.device("cpu"), projection=load_projection())
        self._reader = PieceReader(model, load_tokenizer(weights))

    def query(self, text: str) -> NDArray[np.float32]:
        return unit(self._reader.read_queries([text])[0].vectors)

    def document(self, path: Path, cache: Path) -> list[NDArray[np.float16]]:
        """Its pages (N, D); from the cache where it was read before."""
        digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        kept = cache / f"{digest}-{_key()}.npz"
        if not kept.is_file():
            pages = [
                unit(self._reader.read_pages([words])[0].vectors).astype(np.float16)
                for words in _pages_of_words(path)
            ]
            cache.mkdir(parents=True, exist_ok=True)
            unfinished = kept.with_suffix(".part")
            with unfinished.open("wb") as file:
                np.savez(file, *pages)
            unfinished.replace(kept)
            print(f"read {path.name}: {len(pages)} pages", flush=True)
        with np.load(kept, allow_pickle=False) as stored:
            return [stored[name] for name in stored.files]


def _pages_of_words(path: Path) -> Iterator[list[str]]:
    """The text layer of each page that has one; a file that cannot be opened has no pages."""
    pymupdf.TOOLS.mupdf_display_errors(False)
    try:
        with pymupdf.open(path) as document:
            for page in document:
                words = [part for word in page.get_text("words") for part in word[4].split()]
                if len(words) >= MIN_WORDS:
                    yield words
    except (RuntimeError, ValueError, pymupdf.mupdf.FzErrorBase):
        return  # damaged on purpose, or behind a password


def _key(*more: str) -> str:
    """Names what vectors are made of: the encoder, the rules of this file, and `more`."""
    from indexer.encoders.lite.identity import FINGERPRINT

    parts = [str(_VERSION), str(MIN_WORDS), repr(FINGERPRINT), *more]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:10]
