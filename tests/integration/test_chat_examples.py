"""`pagesight questions export`: conversations that LLaMA-Factory reads, as the service would ask them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from typer.testing import CliRunner

from api.base.errors import InvalidQuestions
from api.cli.main import app
from generator.prompts import NOT_FOUND
from indexer.inputs.sources import Source
from tests.builders import FAKE_MODELS, fake_services, write_pdf

TEXTS = {
    "pump.pdf": ("The torque of the flange is 95 Nm.", "The impeller has <image> on it."),
    "letter.pdf": ("Miss Pellow certified the winch.", "The winch was made in 1931."),
}


def line(question: str, document: str, answer: Any, *pages: int) -> dict[str, Any]:
    return {"question": question, "document": document, "answer": answer, "evidence_pages": pages}


LINES: list[dict[str, Any]] = [
    line("Torque of the flange?", "pump.pdf", "95 Nm", 1),
    line("What is on the impeller?", "pump.pdf", "an image", 2),
    line("When was the winch made?", "letter.pdf", "1931", 2),
    line("Torque flange impeller?", "letter.pdf", ["Pellow", "1931"], 1, 2),
    {"question": "How tall is the tower of the pump?", "answer": "Not answerable"},
    line("Torque?", "pump.pdf", None, 1),
    line("Torque?", "gone.pdf", "3", 1),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("chat")
    services = fake_services(root / "data")
    target = services.collection_for_ingest("c")
    for name, pages in TEXTS.items():
        path = write_pdf(root / name, *pages)
        services.pipeline.ingest(target, Source(path, name))
    (root / "q.jsonl").write_text("".join(json.dumps(line) + "\n" for line in LINES))
    return root


def export(folder: Path, output: Path, *more: str) -> Any:
    environment = {f"PAGESIGHT_{name.upper()}": str(v) for name, v in FAKE_MODELS.items()}
    environment |= {"PAGESIGHT_DATA_DIR": str(folder / "data"), "PAGESIGHT_RESERVE_BYTES": "0"}
    words = ["questions", "export", str(folder / "q.jsonl"), "-c", "c", "-o", str(output), *more]
    ran = CliRunner().invoke(app, [*words, "--json"], env=environment)
    if ran.exception is not None:
        raise ran.exception
    return json.loads(ran.output)


@pytest.fixture(scope="module")
def output(folder: Path) -> Path:
    output = folder / "out"
    counts = export(folder, output, "--pages", "2", "--held-out", "0")
    assert counts["n_learnt"] == 5 and counts["n_left_out"] == 2
    return output


def conversations(output: Path) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = json.loads((output / "train.json").read_text())
    return lines


def test_every_mark_has_its_image(output: Path) -> None:
    for conversation in conversations(output):
        texts = [message["content"] for message in conversation["messages"]]
        assert [m["role"] for m in conversation["messages"]] == ["system", "user", "assistant"]
        assert "".join(texts).count("<image>") == len(conversation["images"]) == 2
        for name in conversation["images"]:
            assert Image.open(output / name).format == "JPEG"


def test_the_answer_cites_the_right_pages_by_their_numbers(output: Path) -> None:
    torque, _, year, both, nowhere = conversations(output)
    for conversation, answer, place in (
        (torque, "95 Nm", "Page 1 of “pump.pdf”"),
        (year, "1931", "Page 2 of “letter.pdf”"),
    ):
        _, asked, answered = (message["content"] for message in conversation["messages"])
        text, number = answered[: -len("[1]")].strip(), answered[-2]
        assert text == answer and f"[{number}] {place}" in asked
    assert both["messages"][-1]["content"] == "Pellow; 1931 [1][2]"
    assert nowhere["messages"][-1]["content"] == NOT_FOUND


def test_the_dataset_is_described_for_its_reader(output: Path) -> None:
    info = json.loads((output / "dataset_info.json").read_text())["pagesight_train"]
    assert info["formatting"] == "sharegpt"
    for column in info["columns"].values():
        assert column in conversations(output)[0]
    roles = {message["role"] for message in conversations(output)[0]["messages"]}
    assert roles <= set(info["tags"].values())


def test_held_out_documents_are_a_file_apart(folder: Path) -> None:
    counts = export(folder, folder / "apart", "--held-out", "0.5")
    (name,) = counts["held_out_documents"]
    questions = {line["question"] for line in LINES if line.get("document") == name}
    lines = json.loads((folder / "apart" / "held_out.json").read_text())
    assert len(lines) == counts["n_held_out"] == 2
    for conversation in lines:
        assert any(question in conversation["messages"][1]["content"] for question in questions)


def test_a_folder_with_something_in_it_is_left_alone(folder: Path, output: Path) -> None:
    with pytest.raises(InvalidQuestions, match="name a new folder"):
        export(folder, output)
