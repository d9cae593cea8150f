"""What a model points at is evidence where the page agrees, else it is told to be the model's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from api.schemas.answers import answer_body
from api.services.prompting import resized_by_a_server
from api.services.stored_pages import page_image
from api.services.wiring import Services
from generator.answering.model_writer import ModelWriter
from generator.answering.pointing_reader import PointingOptions
from generator.backends.fake import FakeAnswerModel
from generator.grounding.scales import Scale
from indexer.base.page_images import jpeg_for_model
from tests.support.small_library import QUESTION, SENTENCE, library


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    yield library(tmp_path_factory.mktemp("pointing"))


def pointed(services: Services, scale: Scale, *pieces: str) -> tuple[FakeAnswerModel, object]:
    model = FakeAnswerModel(pieces, reads_images=True)
    writer = ModelWriter(
        model,
        lambda hit: jpeg_for_model(page_image(services.stores, hit.page), 400_000),
        pointing=PointingOptions(scale, resized_by_a_server),
    )
    answer = services.answered_by(writer).answerer.answer(QUESTION, ["manuals"], k=3)
    return model, answer_body(answer)


def test_a_place_is_evidence_only_where_the_page_agrees(services: Services) -> None:
    catalog = services.stores.catalog
    (document,) = catalog.snapshot("manuals").documents
    page = catalog.pages.of_document(document.id)[1]
    boxes = catalog.pages.words([page.id])[page.id].boxes / 65535 * 1000
    x0, y0 = boxes[:, :2].min(axis=0).astype(int)
    x1, y1 = boxes[:, 2:].max(axis=0).astype(int) + 1
    right, wrong = f"<|box_start|>({x0},{y0}),({x1},{y1})<|box_end|>", "(700,800),(900,950)"
    # Pages stand in the prompt in the order of their numbers: [2] is the second page.
    model, body = pointed(
        services,
        Scale.THOUSANDTHS,
        f"{SENTENCE} [2",
        f"] {right[:9]}",
        f"{right[9:]} It is ",
        f"so [2] {wrong}.",
    )
    assert "<|box_start|>" in model.prompts[0].system
    assert "box" not in body.answer and "(" not in body.answer and body.grounded is not None
    first, second = body.pointings
    assert first.page_number == second.page_number == 2 and first.document == "pump.pdf"
    assert first.agrees_with == "words" and second.agrees_with == ""
    assert abs(first.box[0] - x0 / 1000) < 1e-6 and second.box == (0.7, 0.8, 0.9, 0.95)


def test_pixels_are_those_of_the_resized_image(services: Services) -> None:
    _, body = pointed(
        services, Scale.PIXELS, SENTENCE, ' [2] {"bbox_2d": [0, 0, 280, 280], "label": "bolts"}'
    )
    (pointing,) = body.pointings
    (width, height) = (round(280 / pointing.box[2]), round(280 / pointing.box[3]))
    assert width % 28 == 0 and height % 28 == 0 and pointing.label == "bolts"
