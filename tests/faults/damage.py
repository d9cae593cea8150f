"""Damage to stored files, and what the service says then: the truth, an error, or what it left out."""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import httpx

from api.serve.app import create_app
from api.services.wiring import Services
from indexer.base.errors import PagesightError
from indexer.maintenance.compaction import Compactor
from tests.faults.papers import Paper, services_over
from tests.faults.zygote import in_child

N_PAPERS, N_PAGES = 12, 20  # of each of two collections: more pages than stage 1 hands on
COLLECTIONS = ("c", "d")
K = 4  # pages of an answer: as many as a query has words
# Candidates first, then exact scores; no sampling of recall, which would write.
SETTINGS = {"candidates_from_pages": 100, "recall_sampling": 0.0, "max_k": 500, "hybrid": "never"}
BLOCK_BYTES = 4096

# One segment for each collection, so that two files of each kind can be swapped.
FILE_KINDS = {
    "vectors": "collections/*/*/vectors.npy",
    "boxes": "collections/*/*/boxes.npy",
    "offsets": "collections/*/*/offsets.npy",
    "pages": "collections/*/*/pages.npy",
    "int8 copy": "derived/*/*/int8/vectors.npy",
    "int8 manifest": "derived/*/*/int8/manifest.json",
    "token index": "derived/*/*/tokens/index.faiss",
    "token manifest": "derived/*/*/tokens/manifest.json",
    "page image": "images/*/*.webp",
    "original": "originals/*/*.pdf",
    "format mark": "FORMAT",
    "catalog": "catalog.sqlite3",
}


def library(collection: str) -> list[Paper]:
    return [Paper(f"{collection}{n}x{N_PAGES}", N_PAGES) for n in range(N_PAPERS)]


# -- harms -----------------------------------------------------------------------------------------------


def _flip(paths: list[Path], chance: random.Random) -> None:
    data = bytearray(paths[0].read_bytes())
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    paths[0].write_bytes(data)


def _zero(paths: list[Path], chance: random.Random) -> None:
    data = bytearray(paths[0].read_bytes())
    start = BLOCK_BYTES * chance.randrange(len(data) // BLOCK_BYTES + 1)
    data[start : start + BLOCK_BYTES] = bytes(len(data[start : start + BLOCK_BYTES]))
    paths[0].write_bytes(data)


def _truncate(paths: list[Path], chance: random.Random) -> None:
    os.truncate(paths[0], chance.randrange(paths[0].stat().st_size))


def _swap(paths: list[Path], chance: random.Random) -> None:
    if len(paths) == 1:  # nothing of its kind: it changes places with itself of another time
        paths[0].write_bytes(paths[0].read_bytes()[::-1])
        return
    first, second = paths[0].read_bytes(), paths[1].read_bytes()
    paths[0].write_bytes(second)
    paths[1].write_bytes(first)


def _delete(paths: list[Path], chance: random.Random) -> None:
    paths[0].unlink()


HARMS: dict[str, Callable[[list[Path], random.Random], None]] = {
    "flip": _flip,
    "zero": _zero,
    "truncate": _truncate,
    "swap": _swap,
    "delete": _delete,
}


# -- the folder that is damaged, and its right answers ----------------------------------------------------


def damage_template(folder: str) -> str:
    """Fill two collections, once, and write down the right answers; return the folder."""
    root = Path(folder) / "damage"
    if not root.exists():
        root.mkdir()
        code, error = in_child(partial(_fill, root))
        if code != 0:
            raise RuntimeError(error)
        _app(root)
    return str(root)


def _fill(root: Path) -> None:
    services = services_over(root / "data", **SETTINGS)
    for name in COLLECTIONS:
        collection = services.create_collection(name)
        for paper in library(name):
            source = paper.source(root)
            assert services.pipeline.ingest(collection, source).verdict.searchable
        compactor = Compactor(services.stores, min_copied=1, min_indexed=1)
        compactor.run(name, eager=True)
    services.database.engine.dispose()  # the log goes into the database
    exact = services_over(root / "data", **SETTINGS | {"candidates_from_pages": 10_000})
    app = create_app(exact)
    truth: dict[str, Any] = {"pages": {}, "originals": {}, "rankings": {}}
    for name in COLLECTIONS:
        for document in exact.stores.catalog.documents.of_collection(
            exact.stores.catalog.collections.get(name).id
        ):
            truth["originals"][f"{document.sha256}.pdf"] = document.id
            for page in exact.stores.catalog.pages.of_document(document.id):
                truth["pages"].setdefault(f"{page.image_sha256}.webp", page.id)
    for query in queries():
        body = _ask(app, exact, [_search(query, k=2 * N_PAPERS * N_PAGES)])[0][1]
        truth["rankings"][json.dumps(query)] = json.loads(body)["hits"]
    (root / "truth.json").write_text(json.dumps(truth))
    unharmed = services_over(root / "data", **SETTINGS)
    for query in queries():
        [answer] = _ask(app, unharmed, [_search(query)])
        assert json.loads(answer[1])["candidates"] is not None, "no token index was asked"
        wrong = _wrong_search(truth, query, *answer)
        assert wrong is None, wrong
    unharmed.database.engine.dispose()
    exact.database.engine.dispose()


@cache
def queries() -> tuple[tuple[str, str], ...]:
    """(collection, words): each of the first K hits has one of the words."""
    chance = random.Random(5)
    return tuple(
        (name, " ".join(
            paper.word(chance.randint(1, N_PAGES)) for paper in chance.sample(library(name), K)
        ))
        for name in COLLECTIONS for _ in range(3)
    )  # fmt: skip


# -- one trial ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Question:
    """A request, and what tells whether a 200 is wrong."""

    method: str
    path: str
    body: Any = None


def _search(query: tuple[str, str], k: int = K) -> Question:
    collection, words = query
    return Question("POST", "/v1/search", {"query": words, "collections": [collection], "k": k})


def damage_trial(folder: str, kind: str, harm: str, seed: int) -> dict[str, Any]:
    """Harm one file of a kind; return the status codes that came, and what was wrong with a 200."""
    root = Path(damage_template(folder))
    trial = Path(folder) / "damaged"
    shutil.rmtree(trial, ignore_errors=True)
    shutil.copytree(root / "data", trial, copy_function=_link, symlinks=True)
    chance = random.Random(f"{kind} {harm} {seed}")
    paths = sorted(trial.glob(FILE_KINDS[kind]))
    chosen = chance.sample(paths, min(2, len(paths)))
    for path in chosen:
        _copy_for_real(path)
    HARMS[harm](chosen, chance)
    truth = json.loads((root / "truth.json").read_text())
    if all(
        path.exists()
        and path.read_bytes() == (root / "data" / path.relative_to(trial)).read_bytes()
        for path in chosen
    ):
        return {"codes": [], "wrong": [], "was_harmed": False}  # a block of zeros that was zeroed
    code, result = in_child(partial(_question, root, trial, chosen[0], truth))
    shutil.rmtree(trial)
    if code != 0:
        result = {"codes": [], "wrong": [f"the service ended with {code}: {result}"]}
    return dict(result) | {"was_harmed": True}


def _link(source: str, target: str) -> None:
    if Path(source).name.startswith("catalog.sqlite3") or Path(source).name == "lock":
        shutil.copy2(source, target)
    else:
        os.link(source, target)


def _copy_for_real(path: Path) -> None:
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content)


def _question(root: Path, trial: Path, harmed: Path, truth: dict[str, Any]) -> dict[str, Any]:
    try:
        services = services_over(trial, **SETTINGS)
    except PagesightError as error:
        return {"codes": [f"no start: {error.code}"], "wrong": []}
    page_id = truth["pages"].get(harmed.name, 1)
    document_id = truth["originals"].get(harmed.name) or next(iter(truth["originals"].values()))
    image = next(name for name, known_id in truth["pages"].items() if known_id == page_id)
    original = next(name for name, id_ in truth["originals"].items() if id_ == document_id)
    files = {
        f"/v1/pages/{page_id}/image": next((root / "data/images").glob(f"*/{image}")),
        f"/v1/documents/{document_id}/file": next((root / "data/originals").glob(f"*/{original}")),
    }
    asked = [*(_search(query) for query in queries()), *(Question("GET", path) for path in files)]
    answers = _ask(_app(root), services, asked)
    wrong = []
    for query, answer in zip(queries(), answers, strict=False):
        if (sentence := _wrong_search(truth, query, *answer)) is not None:
            wrong.append(sentence)
    for (path, source), (status, body) in zip(
        files.items(), answers[len(queries()) :], strict=True
    ):
        if status == 200 and body != source.read_bytes():
            wrong.append(f"{path}: other bytes")
    return {"codes": [str(status) for status, _ in answers], "wrong": wrong}


def _wrong_search(
    truth: dict[str, Any], query: tuple[str, str], status: int, body: bytes
) -> str | None:
    """Say what is wrong with an answer; None when it is right, or says that it is not whole, or no answer."""
    if status != 200:
        return None
    answer = json.loads(body)
    ranking = [_known(hit) for hit in truth["rankings"][json.dumps(list(query))]]
    hits = [_known(hit) for hit in answer["hits"]]
    if answer.get("degraded"):
        rest = iter(ranking)
        return None if all(hit in rest for hit in hits) else f"{query}: degraded, and wrong"
    return None if hits == ranking[: len(hits)] and len(hits) == K else f"{query}: wrong hits"


def _known(hit: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in hit.items() if key != "rank"}


@cache
def _app(root: Path) -> Any:
    """Make the application once, before children are forked; each child gives it services of its own."""
    services = services_over(root / "data", **SETTINGS)
    services.database.engine.dispose()
    return create_app(services)


def _ask(app: Any, services: Services, asked: list[Question]) -> list[tuple[int, bytes]]:
    app.state.running.services = services

    async def ask_all() -> list[tuple[int, bytes]]:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            answers = []
            for question in asked:
                answer = await client.request(question.method, question.path, json=question.body)
                answers.append((answer.status_code, answer.content))
            return answers

    return asyncio.run(ask_all())
