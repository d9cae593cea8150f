"""A collection gets another encoder while it is searched: one index or the other, never something of both."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from pytest import FixtureRequest
from typer.testing import CliRunner

from api.base.errors import InvalidSettings
from api.cli.main import app
from api.diagnostics.evaluation.questions import Question
from api.diagnostics.index_overlap import asked_questions, index_overlap
from api.services.wiring import Services
from indexer.base.errors import CannotReencode, EncoderMismatch, EncoderUnavailable
from indexer.base.pages import PageEmbedding, QueryEmbedding, RenderedPage
from indexer.encoders.base import EncoderFingerprint
from indexer.encoders.fake import FakeEncoder
from indexer.encoders.options import EncoderOptions
from indexer.encoders.registered import EncoderFacts, RegisteredEncoder
from indexer.encoders.registry import ENCODERS
from indexer.ingest.outcomes import IngestOutcome
from indexer.inputs.sources import Source
from indexer.maintenance.compaction import Compactor
from indexer.maintenance.reencoding import Reencoder
from tests.builders import fake_services, write_pdf
from tests.support.postgres import new_database

DIM = 16
QUERIES = ("alpha seven", "beta of three", "gamma words", "delta")
Ranking = tuple[tuple[str, int, float], ...]  # (document, page number, score) of each hit
FIRST = [f"first{n}" for n in range(8)]


class ShortEncoder:
    """Another space: the fake encoder's vectors, turned and cut to half their length."""

    fingerprint = EncoderFingerprint(name="short", checkpoint="hashed-words", revision="1", dim=DIM)
    reads_words = True
    window = 4

    def __init__(self) -> None:
        self._inner = FakeEncoder()
        self._turn = np.linalg.qr(np.random.default_rng(3).normal(size=(32, 32)))[0][:, :DIM]
        self.before_pages: Callable[[], None] = lambda: None

    def encode_pages(self, pages: Sequence[RenderedPage]) -> list[PageEmbedding]:
        self.before_pages()
        return [
            PageEmbedding(self._cut(page.vectors).astype(np.float16), page.boxes)
            for page in self._inner.encode_pages(pages)
        ]

    def encode_queries(self, texts: Sequence[str]) -> list[QueryEmbedding]:
        return [
            QueryEmbedding(self._cut(query.vectors), query.tokens, query.content)
            for query in self._inner.encode_queries(texts)
        ]

    def _cut(self, vectors: np.ndarray) -> np.ndarray:
        cut = vectors.astype(np.float32) @ self._turn.astype(np.float32)
        return cut / np.maximum(np.linalg.norm(cut, axis=1, keepdims=True), 1e-9)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> ShortEncoder:
    """An encoder `short` that processes may know beside `fake`."""
    encoder = ShortEncoder()
    facts = EncoderFacts(
        "short", "for tests", "AGPL-3.0-or-later", DIM, "hashed-words", "1", 0, 0, 0, True
    )

    def fingerprint(options: EncoderOptions) -> EncoderFingerprint:
        return encoder.fingerprint

    registered = RegisteredEncoder(facts, fingerprint, lambda device, options: encoder)
    monkeypatch.setitem(ENCODERS, "short", registered)
    return encoder


def settings(**options: object) -> dict[str, object]:
    return {"page_dpi": 48, "other_encoders": "short", "recall_sampling": 0.0} | options


def fill(services: Services, folder: Path) -> Services:
    services.create_collection("c")
    for name in FIRST:
        add(services, folder, name)
    return services


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a collection `c` of the encoder `fake`."""
    folder = tmp_path_factory.mktemp("template")
    fill(fake_services(folder / "data", page_dpi=48), folder).database.engine.dispose()
    return folder / "data"


@pytest.fixture
def services(tmp_path: Path, short: ShortEncoder, template: Path) -> Services:
    """A process that knows `short`, too."""
    shutil.copytree(template, tmp_path / "data")
    return fake_services(tmp_path / "data", **settings())


def add(services: Services, folder: Path, name: str, collection: str = "c") -> IngestOutcome:
    words = ("alpha", "beta", "gamma", "delta", "three", "seven", "words", "of")
    n = sum(name.encode())
    texts = [" ".join(words[(n * k + place) % 8] for k in (1, 3, 5)) for place in range(2)]
    path = write_pdf(folder / f"{name}.pdf", *(f"{text} {name}" for text in texts))
    target = services.stores.catalog.collections.get(collection)
    outcome = services.pipeline.ingest(target, Source(path, path.name))
    assert outcome.verdict.searchable, outcome.error
    return outcome


def ranking(services: Services, query: str, collection: str = "c") -> Ranking:
    hits = services.searcher.search(query, [collection], 8).hits
    return tuple((hit.document.name, hit.page.page_number, round(hit.score, 4)) for hit in hits)


def rankings(services: Services, collection: str = "c") -> dict[str, Ranking]:
    return {query: ranking(services, query, collection) for query in QUERIES}


def reencode(services: Services, name: str = "short") -> None:
    target = services.stores.catalog.collections.get("c")
    services.reencoder.swap(target, services.encoders.by_name(name))


def ingested_anew(services: Services, folder: Path, names: Sequence[str]) -> dict[str, Ranking]:
    """What searches find in a collection into which the same files were ingested with `short`."""
    services.stores.catalog.collections.create("oracle", ShortEncoder.fingerprint)
    for name in names:
        add(services, folder, name, "oracle")
    return rankings(services, "oracle")


def test_searches_meanwhile_find_what_the_one_index_has_or_the_other(
    services: Services, short: ShortEncoder, tmp_path: Path
) -> None:
    elsewhere = fake_services(  # another process over the same data
        tmp_path / "data", **services.settings.model_dump(exclude={"data_dir"})
    )
    before, seen, stopping = rankings(elsewhere), {query: set() for query in QUERIES}, []
    failures: list[BaseException] = []

    def search() -> None:
        try:
            while not stopping:
                for query in QUERIES:
                    seen[query].add(ranking(elsewhere, query))
        except BaseException as error:  # noqa: BLE001 - the test tells
            failures.append(error)

    thread = threading.Thread(target=search)
    thread.start()
    reencode(services)
    after = rankings(services)
    reencode(services, "fake")
    stopping.append(True)
    thread.join(600)
    assert failures == []
    assert rankings(services) == rankings(elsewhere) == before != after
    assert all(seen[query] <= {before[query], after[query]} for query in QUERIES)
    assert after == ingested_anew(services, tmp_path, FIRST)
    assert services.repairer.verify(deep=True).clean


@pytest.mark.parametrize("of", ["sqlite", "postgresql and qdrant"])
def test_what_comes_and_goes_while_it_is_encoded_is_in_both_indexes(
    of: str, services: Services, short: ShortEncoder, tmp_path: Path, request: FixtureRequest
) -> None:
    if of != "sqlite":
        pytest.importorskip("qdrant_client")
        places = {
            "database_url": new_database(request.getfixturevalue("postgres_server")),
            "vectors": "qdrant",
            "qdrant_url": ":memory:",
            "candidates_from_pages": 4,
        }
        services = fake_services(tmp_path / "other", **settings(**places))
        fill(services, tmp_path)
    first = services.stores.catalog.snapshot("c").documents[0]
    steps = [
        lambda: add(services, tmp_path, "then"),
        lambda: services.stores.delete_document(first.id),
        lambda: services.compactor.run("c", eager=True),
        lambda: services.rereader.read(
            services.stores.catalog.collections.get("c"),
            next(
                d for d in services.stores.catalog.snapshot("c").documents if d.name == "first5.pdf"
            ),
        ),
    ]

    def step() -> None:
        if steps:
            steps.pop(0)()

    short.before_pages = step
    reencode(services)
    assert not steps
    names = [name for name in FIRST if f"{name}.pdf" != first.name] + ["then"]
    assert rankings(services) == ingested_anew(services, tmp_path, names)
    add(services, tmp_path, "later")
    reencode(services, "fake")
    assert {document.name for document in services.stores.catalog.snapshot("c").documents} == {
        f"{name}.pdf" for name in [*names, "later"]
    }
    assert services.searcher.search("later", ["c"]).hits[0].document.name == "later.pdf"
    report = services.repairer.verify(deep=True)
    assert report.clean and not report.garbage, (report.faults, report.garbage)


def test_a_document_that_was_read_for_the_encoder_of_before_is_read_again(
    services: Services, short: ShortEncoder, tmp_path: Path
) -> None:
    target = services.stores.catalog.collections.get("c")
    services.reencoder.build(target, services.encoders.by_name("short"))
    fake = services.encoders.own.get()
    encode_pages = fake.encode_pages

    def swap_meanwhile(pages: Sequence[RenderedPage]) -> list[PageEmbedding]:
        fake.encode_pages = encode_pages  # type: ignore[method-assign]
        services.reencoder.swap(target, services.encoders.by_name("short"))
        return encode_pages(pages)

    fake.encode_pages = swap_meanwhile  # type: ignore[method-assign]
    outcome = add(services, tmp_path, "meanwhile")
    names = [*FIRST, "meanwhile"]
    assert outcome.error is None
    assert rankings(services) == ingested_anew(services, tmp_path, names)
    assert services.repairer.verify(deep=True).clean


class Killed(BaseException):
    """The process ends here."""


def test_what_broke_off_goes_on_where_it_was(services: Services, short: ShortEncoder) -> None:
    reencoder = Reencoder(services.stores, services.compactor, segment_pages=4)
    target = services.stores.catalog.collections.get("c")
    windows: list[int] = []

    def die_at(n_windows: int) -> Callable[[], None]:
        def step() -> None:
            windows.append(1)
            if len(windows) == n_windows:
                raise Killed

        return step

    short.before_pages = die_at(3)
    with pytest.raises(Killed):
        reencoder.build(target, services.encoders.by_name("short"))
    n_before = len(windows)
    short.before_pages = die_at(0)
    reencoder.build(target, services.encoders.by_name("short"))
    assert len(windows) == n_before + 2  # four windows in all, two of them kept
    assert services.stores.catalog.collections.get("c").fingerprint.name == "fake"
    with pytest.raises(CannotReencode, match="--drop"):
        services.stores.catalog.reencodings.begin(target, FakeEncoder("third").fingerprint)
    reencoder.drop(target)
    assert services.stores.catalog.segments.of_collection(target.id) == (
        services.stores.catalog.segments.all()
    )
    report = services.repairer.verify(deep=True)
    assert report.clean and not report.garbage


def test_the_two_indexes_are_compared_over_questions(services: Services) -> None:
    target = services.stores.catalog.collections.get("c")
    services.reencoder.build(target, services.encoders.by_name("short"))
    conversation = services.conversations.create(["c"])
    services.conversations.add_turn(conversation.id, "alpha seven", "no", {}, "alpha")
    asked = asked_questions(services.conversations, "c")
    known = Question("first3", document="first3.pdf", gold=frozenset({("first3.pdf", 1)}))
    overlap = index_overlap(services.searcher, "c", [*asked, known])
    assert [question.question for question in asked] == ["alpha seven"]
    assert (overlap.n_questions, overlap.n_with_pages) == (2, 1)
    assert overlap.n_found == overlap.n_found_beside == 1
    assert 0 < overlap.same_pages <= 1


def test_vectors_of_before_go_when_deleted_ones_would(services: Services, tmp_path: Path) -> None:
    reencode(services)
    result = services.searcher.search("alpha", ["c"])
    hit = result.hits[0]
    of_before = FakeEncoder().fingerprint
    of_page = services.searcher.page_embeddings("c", [hit.page.id], of_before)[hit.page.id]
    assert of_page.vectors.shape[1] == 32
    services.compactor.run("c")
    assert len(services.stores.catalog.shadow_snapshot("c").documents) == len(FIRST)
    at_once = Compactor(services.stores, drop_deleted_after=timedelta(0))
    at_once.run("c")
    with pytest.raises(CannotReencode):
        services.stores.catalog.shadow_snapshot("c")
    assert services.searcher.page_embeddings("c", [hit.page.id], of_before) == {}
    assert services.repairer.verify(deep=True).clean


def test_damage_to_the_index_beside_is_dropped_and_encoded_again(
    services: Services, short: ShortEncoder
) -> None:
    before = rankings(services)
    reencode(services)
    target = services.stores.catalog.collections.get("c")
    record = services.stores.catalog.reencodings.segments(target.id)[0]
    folder = services.stores.vectors.folder_of(target.id, record.name)
    assert folder is not None
    data = bytearray((folder / "vectors.npy").read_bytes())
    data[-9] ^= 255
    (folder / "vectors.npy").write_bytes(data)
    report = services.repairer.verify(deep=True)
    assert [shadow.name for shadow in report.damaged_shadows] == [record.name]
    services.repairer.repair(report)
    assert services.repairer.verify(deep=True).clean
    reencode(services, "fake")
    assert rankings(services) == before


def test_the_command_encodes_compares_swaps_and_goes_back(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("data_dir", "encoder", "other_encoders", "ocr", "layout", "page_dpi"):
        monkeypatch.setenv(f"PAGESIGHT_{name.upper()}", str(getattr(services.settings, name)))
    questions = tmp_path / "questions.jsonl"
    questions.write_text(
        '{"question": "first3", "document": "first3.pdf", "evidence_pages": [1]}\n'
    )

    def run(*words: str) -> Result:
        return CliRunner().invoke(app, ["reencode", "-c", "c", *words])

    def encoder() -> str:
        return services.stores.catalog.collections.get("c").fingerprint.name

    prepared = run("--encoder", "short", "--no-swap", "--json", "--questions", str(questions))
    body = json.loads(prepared.stdout)
    assert (body["encoded_pages"], body["swapped"], encoder()) == (16, False, "fake")
    assert body["overlap"] | {"same_pages": 0, "same_first": 0} == {
        "n_questions": 1, "same_pages": 0, "same_first": 0,
        "n_with_pages": 1, "n_found": 1, "n_found_beside": 1,
    }  # fmt: skip
    assert isinstance(run("--rollback").exception, CannotReencode)  # nothing was swapped yet
    swapped = run("--encoder", "short")
    assert swapped.exit_code == 0 and encoder() == "short"
    assert "nobody asked anything yet" in swapped.stdout and "it is searched now" in swapped.stdout
    assert run("--rollback").exit_code == 0 and encoder() == "fake"
    assert run("--drop").exit_code == 0
    assert (
        services.stores.catalog.reencodings.find(services.stores.catalog.collections.get("c").id)
        is None
    )
    assert isinstance(run("--encoder", "other").exception, EncoderUnavailable)
    assert isinstance(run("--drop", "--rollback").exception, InvalidSettings)


def test_a_process_that_does_not_know_the_encoder_says_so(
    services: Services, tmp_path: Path
) -> None:
    reencode(services)
    ignorant = services.settings.model_dump(exclude={"data_dir"}) | {"other_encoders": None}
    with pytest.raises(EncoderMismatch, match="short"):
        fake_services(tmp_path / "data", **ignorant).searcher.search("alpha", ["c"])
