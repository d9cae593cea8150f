"""An adapter is fitted to a tiny ColQwen2, goes on where it was killed, and is an encoder like any other."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from api.base.errors import InvalidQuestions, InvalidSettings
from api.cli.main import app
from api.diagnostics.evaluation.questions import Question, read_questions
from api.diagnostics.training.labelled import examples_of, label
from api.diagnostics.training.plan_file import TrainingRequest
from api.diagnostics.training.ranking import quality
from api.diagnostics.training.run import TrainingReport, train_adapter
from api.serve.app import create_app
from api.services.wiring import Services, wire
from indexer.base.errors import EncoderUnavailable
from indexer.base.pages import RenderedPage
from indexer.encoders.options import EncoderOptions
from indexer.encoders.registry import fingerprint_of, load_encoder
from indexer.encoders.visual.families import VISUAL_MODELS
from indexer.encoders.visual.loading import load_visual
from indexer.encoders.visual.training.plan import TrainingExample, TrainingOptions, batches
from indexer.encoders.visual.training.trainer import LoraTrainer
from indexer.inputs.sources import Source
from tests.builders import settings_of, write_pdf
from tests.support.checkpoints import tiny_folder
from tests.support.factories import words

pytestmark = pytest.mark.skipif(not find_spec("peft"), reason="the extra `train` is not installed")

FACTS = VISUAL_MODELS["colqwen2"].at_resolution(None, 9)
WORDS = ("pump", "valve", "torque", "letter", "glacier", "recipe", "vaccine", "railway", "winch")
N_DOCUMENTS, N_PAGES = 6, 2
OPTIONS = TrainingOptions(learning_rate=4e-3, epochs=26, batch=10)


def settings(data_dir: Path, **options: Any) -> Any:
    checkpoint = str(tiny_folder("colqwen2"))
    tiny = {"encoder": "colqwen2", "encoder_checkpoint": checkpoint, "max_visual_tokens": 9}
    return settings_of(data_dir, **{**tiny, "ocr": "never", "layout": "never", **options})


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six documents of two pages each, and a question for each page."""
    root = tmp_path_factory.mktemp("training")
    drawn = random.Random(1)
    services = wire(settings(root / "data"))
    target = services.collection_for_ingest("c")
    lines = []
    for d in range(N_DOCUMENTS):
        texts = [
            "\n".join(
                " ".join(drawn.choices(WORDS, k=drawn.randint(1, 7)))
                for _ in range(drawn.randint(2, 20))
            )
            for _ in range(N_PAGES)
        ]
        path = write_pdf(root / f"d{d}.pdf", *texts)
        services.pipeline.ingest(target, Source(path, path.name))
        lines += [
            {
                "question": f"what is {drawn.randint(10_000, 99_999)}",
                "document": path.name,
                "evidence_pages": [p + 1],
            }
            for p in range(N_PAGES)
        ]
    (root / "q.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return root / "data"


@pytest.fixture(scope="module")
def services(data_dir: Path) -> Services:
    return wire(settings(data_dir))


@pytest.fixture(scope="module")
def questions(data_dir: Path) -> tuple[Question, ...]:
    return tuple(read_questions(data_dir.parent / "q.jsonl"))


def request(questions: tuple[Question, ...], name: str, **changes: Any) -> TrainingRequest:
    own = {"options": OPTIONS, "held_out": 0.2, "n_negatives": 0, "encoder": "colqwen2"}
    return TrainingRequest("c", questions, name, **{**own, **changes})


@pytest.fixture(scope="module")
def report(services: Services, questions: tuple[Question, ...]) -> TrainingReport:
    return train_adapter(services, request(questions, "mine"), lambda *step: None)


def test_what_was_learnt_goes_from_chance_to_the_top(report: TrainingReport) -> None:
    before, after = report.learnt
    assert before.n_questions == 10 and before.n_pages == N_DOCUMENTS * N_PAGES
    assert before.ndcg < before.chance + 0.25
    assert after.ndcg >= 0.9


def test_held_out_documents_are_reported_apart(report: TrainingReport) -> None:
    assert report.held_out is not None and len(report.held_out_documents) == 1
    assert [side.n_questions for side in report.held_out] == [2, 2]


def test_the_adapter_ranks_the_same_once_it_is_loaded_served_and_asked_over_http(
    data_dir: Path,
    report: TrainingReport,
    questions: tuple[Question, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    served = settings(shutil.copytree(data_dir, tmp_path / "data"), other_encoders="mine")
    names = ("encoder", "encoder_checkpoint", "max_visual_tokens", "other_encoders", "data_dir")
    for name in names:
        monkeypatch.setenv(f"PAGESIGHT_{name.upper()}", str(getattr(served, name)))
    ran = CliRunner().invoke(app, ["reencode", "-c", "c", "--encoder", "mine", "--json"])
    assert ran.exit_code == 0, ran.output
    services = wire(served)
    labelled = label(services.stores.catalog, "c", questions, 0.2, 0)
    with TestClient(create_app(services), base_url="http://127.0.0.1") as client:
        about = client.get("/v1/collections/c").json()
        assert (about["encoder"], about["image_queries"]) == ("mine", True)
        orders = [
            [hit["page_id"] for hit in _hits(client, question.question)]
            for question in labelled.learnt
        ]
    found = quality(labelled.learnt, orders)
    assert found.ndcg == pytest.approx(report.learnt[1].ndcg, abs=0.02)
    assert found.recall_at_5 == pytest.approx(report.learnt[1].recall_at_5, abs=0.02)


def _hits(client: TestClient, question: str) -> list[dict[str, Any]]:
    body = {"query": question, "collections": ["c"], "k": N_DOCUMENTS * N_PAGES, "mode": "vectors"}
    answer = client.post("/v1/search", json=body)
    assert answer.status_code == 200, answer.text
    hits: list[dict[str, Any]] = answer.json()["hits"]
    return hits


EXAMPLES = [TrainingExample(f"{word}?", n, (n,), (n + 4,)) for n, word in enumerate(WORDS[:4])]


def _image(page: int) -> Any:
    from PIL import Image

    return Image.fromarray(
        np.random.default_rng(page).integers(0, 255, (84, 84, 3), np.uint8), "RGB"
    )


def _trainer(folder: Path, source: Path | None = None) -> LoraTrainer:
    """Of the tiny checkpoint, or of `source`, an adapter of it."""
    folder.mkdir(exist_ok=True)
    options = TrainingOptions(rank=4, learning_rate=1e-2, epochs=3, batch=2, checkpoint_steps=2)
    base = str(source or tiny_folder("colqwen2"))
    return LoraTrainer(FACTS, base, options, folder, device="cpu", dtype=torch.float32)


def _run(trainer: LoraTrainer) -> Iterator[tuple[int, int, float]]:
    return trainer.train(EXAMPLES, _image)


def test_a_training_that_was_killed_ends_with_the_same_bytes(tmp_path: Path) -> None:
    whole = _trainer(tmp_path / "whole")
    losses = [loss for _, _, loss in _run(whole)]
    for n_done, _, _ in _run(_trainer(tmp_path / "killed")):
        if n_done == 3:
            break  # one step more than was put down
    resumed = _trainer(tmp_path / "killed")
    assert [(n, loss) for n, _, loss in _run(resumed)] == [*enumerate(losses, 1)][2:]
    for trainer, name in ((whole, "a"), (resumed, "b")):
        trainer.save(tmp_path / name)
    first, second = (tmp_path / n / "adapter_model.safetensors" for n in ("a", "b"))
    assert first.read_bytes() == second.read_bytes()


def test_a_saved_adapter_is_loaded_to_the_same_vectors_also_one_over_another(
    tmp_path: Path,
) -> None:
    page = RenderedPage(1, "1", 84.0, 84.0, _image(1), words(""))
    source = None
    for name in ("first", "second"):
        trainer = _trainer(tmp_path / f"{name}-state", source)
        list(_run(trainer))
        source = tmp_path / name
        trainer.save(source)
        loaded_encoder = load_visual(FACTS, device="cpu", source=str(source), dtype=torch.float32)
        encoders = (trainer.encoder, loaded_encoder)
        fitted, loaded = (encoder.encode_queries(["pump?"])[0].vectors for encoder in encoders)
        np.testing.assert_allclose(loaded, fitted, atol=1e-5)
        fitted, loaded = (e.encode_pages([page])[0].vectors.astype(np.float32) for e in encoders)
        np.testing.assert_allclose(loaded, fitted, atol=1e-3)


def test_a_broken_off_training_is_not_gone_on_with_by_other_options(
    services: Services, questions: tuple[Question, ...]
) -> None:
    def stop(*step: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_adapter(services, request(questions, "other"), stop)
    with pytest.raises(InvalidSettings, match="--restart"):
        train_adapter(services, request(questions, "other", n_negatives=1), stop)
    with pytest.raises(KeyboardInterrupt):
        train_adapter(services, request(questions, "other", n_negatives=1), stop, restart=True)


@pytest.mark.parametrize(
    ("name", "encoder", "message"),
    [
        ("mine", "colqwen2", "is there"),
        ("A/b", "colqwen2", "no name"),
        ("lite", "colqwen2", "is an encoder already"),
        ("lite-mine", "lite", "lite can be neither trained nor exported: name colqwen2"),
    ],
)
def test_a_name_or_an_encoder_that_cannot_be_is_refused(
    services: Services, questions: tuple[Question, ...], report: TrainingReport,
    name: str, encoder: str, message: str,
) -> None:  # fmt: skip
    with pytest.raises(EncoderUnavailable, match=message):
        train_adapter(services, request(questions, name, encoder=encoder), lambda *step: None)


def test_questions_without_pages_are_refused(services: Services) -> None:
    with pytest.raises(InvalidQuestions, match="evidence_pages"):
        train_adapter(services, request((Question("?", None),), "none"), lambda *step: None)


def test_nothing_of_a_held_out_document_is_learnt(
    services: Services, questions: tuple[Question, ...]
) -> None:
    labelled = label(services.stores.catalog, "c", questions, 0.5, 3)
    assert len(labelled.held_out) == 3
    examples = examples_of(labelled, services.searcher, "c", 4)
    names = {d.id: d.name for d in services.stores.catalog.snapshot("c").current}
    held_out = {page.id for page in labelled.pages if names[page.document_id] in labelled.held_out}
    for example in examples:
        assert len(example.negatives) == 4
        assert not {example.page, *example.negatives} & held_out
        assert not {*example.right} & {*example.negatives}


def test_an_adapter_of_others_is_added_by_its_folder(
    data_dir: Path, report: TrainingReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAGESIGHT_DATA_DIR", str(data_dir))
    adapters = data_dir / "models" / "adapters"
    words = ["models", "add", "theirs", str(adapters / "mine"), "--encoder", "colqwen2"]
    assert CliRunner().invoke(app, words).exit_code == 0
    listed = json.loads(CliRunner().invoke(app, ["models", "--json"]).output)["adapters"]
    assert [(a["name"], a["encoder"]) for a in listed] == [
        ("mine", "colqwen2"),
        ("theirs", "colqwen2"),
    ]
    options = EncoderOptions(adapters=adapters, max_visual_tokens=9)
    mine, theirs = (fingerprint_of(name, options) for name in ("mine", "theirs"))
    assert mine.revision == theirs.revision and mine != theirs
    assert load_encoder("theirs", device="cpu", options=options).fingerprint == theirs


def test_each_epoch_has_every_example_once_in_an_order_of_its_seed() -> None:
    options = TrainingOptions(epochs=2, batch=3)
    steps = batches(7, options)
    assert [len(step) for step in steps] == [3, 3, 1, 3, 3, 1]
    first, second = ([i for step in part for i in step] for part in (steps[:3], steps[3:]))
    assert sorted(first) == sorted(second) == [*range(7)] and first != second
    assert steps == batches(7, options) != batches(7, TrainingOptions(epochs=2, batch=3, seed=1))
