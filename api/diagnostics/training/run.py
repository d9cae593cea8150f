"""Train an adapter from the questions of a collection, measure it before and after, and give it its name."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.diagnostics.training.labelled import LabelledSet, examples_of, label
from api.diagnostics.training.plan_file import TrainingRequest, key_of, read_plan, write_plan
from api.diagnostics.training.ranking import RankingQuality, quality, rankings
from api.services.engines import adapters_folder, encoder_choice
from api.services.wiring import Services
from indexer.base.page_images import open_page_image
from indexer.encoders.registry import require_new_encoder, trainable_model
from indexer.encoders.visual.named_adapters import new_adapter
from indexer.encoders.visual.training.trainer import LoraTrainer

if TYPE_CHECKING:
    from PIL.Image import Image

_REPORT = "training.json"
OnStep = Callable[[int, int, float], None]  # (steps done, steps in all, loss)


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """Before and after, over the questions that were learnt and over those that were held out."""

    learnt: tuple[RankingQuality, RankingQuality]
    held_out: tuple[RankingQuality, RankingQuality] | None
    held_out_documents: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        sides = {"learnt": self.learnt, "held_out": self.held_out}
        return {
            name: pair and {"before": pair[0].to_dict(), "after": pair[1].to_dict()}
            for name, pair in sides.items()
        } | {"held_out_documents": list(self.held_out_documents)}


def train_adapter(
    services: Services, request: TrainingRequest, on_step: OnStep, *, restart: bool = False
) -> TrainingReport:
    """Train, measure and save; goes on with a training of that name that was broken off.

    Raises CollectionNotFound, DataFolderBusy, EncoderUnavailable, InvalidQuestions, InvalidSettings, and
    DamagedFile for a page image that is damaged.
    """
    home = adapters_folder(services.settings)
    require_new_encoder(request.name, home)
    folder = home / f".{request.name}.training"
    with services.stores.folder.alone("training", "another `pagesight train` is at work"):
        if restart:
            shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        report = _train(services, request, home, folder, on_step)
        shutil.rmtree(folder)
    return report


def _train(
    services: Services, request: TrainingRequest, home: Path, folder: Path, on_step: OnStep
) -> TrainingReport:
    catalog, settings = services.stores.catalog, services.settings
    facts, source = trainable_model(request.encoder, encoder_choice(settings, request.encoder))
    question_set = label(
        catalog, request.collection, request.questions, request.held_out, request.options.seed
    )
    images = {page.id: page.image_sha256 for page in question_set.pages}

    def load_image(page_id: int) -> Image:
        sha256 = images.get(page_id) or catalog.pages.by_id([page_id])[page_id].image_sha256
        return open_page_image(services.stores.images.read(sha256))

    trainer = LoraTrainer(facts, source, request.options, folder, device=settings.device)

    def orders() -> list[list[int]]:
        return rankings(trainer.encoder, question_set.questions, question_set.pages, load_image)

    plan = read_plan(folder, request, question_set)
    if plan is None:
        examples = examples_of(
            question_set, services.searcher, request.collection, request.n_negatives
        )
        before = orders()
        write_plan(folder, request, examples, before)
    else:
        examples, before = plan
    for step in trainer.train(examples, load_image):
        on_step(*step)
    report = _report(question_set, before, orders())
    with new_adapter(home, request.name, facts.name) as adapter:
        trainer.save(adapter)
        text = json.dumps(key_of(request) | report.to_dict(), indent=2)
        (adapter / _REPORT).write_text(text + "\n", encoding="utf-8")
    return report


def _report(
    question_set: LabelledSet, before: Sequence[Sequence[int]], after: Sequence[Sequence[int]]
) -> TrainingReport:
    def before_and_after(*, held_out: bool) -> tuple[RankingQuality, RankingQuality] | None:
        places = [i for i, q in enumerate(question_set.questions) if q.is_held_out is held_out]
        if not places:
            return None
        questions = [question_set.questions[i] for i in places]
        first, second = (
            quality(questions, [orders[i] for i in places]) for orders in (before, after)
        )
        return first, second

    learnt = before_and_after(held_out=False)
    assert learnt is not None  # `label` refuses a set without
    return TrainingReport(learnt, before_and_after(held_out=True), question_set.held_out)
