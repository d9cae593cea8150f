"""Writes the pages and files that are made from the code; `make docs` runs it, a test compares."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

import typer
from pydantic import BaseModel
from pydantic_core import PydanticUndefined
from sqlalchemy import create_engine
from typer.testing import CliRunner

from api.base.settings import PREFIX, Settings
from api.cli.main import app
from api.cli.models import Facts, size_text
from api.serve.app import create_app
from api.services.wiring import wire
from generator.backends.gguf.catalogue import CATALOGUE
from generator.backends.gguf.estimates import PAGE_IMAGES, answer_cpu_s, memory_of_model
from generator.registry import GENERATORS
from indexer.base.settings import FrozenSettings
from indexer.catalog.schema import upgrade
from indexer.catalog.whole_schema import whole_schema
from indexer.encoders.multi_vector.published import PUBLISHED
from indexer.encoders.registry import ENCODERS

ROOT = Path(__file__).parent.parent


def settings_page() -> str:
    return (
        "# Settings\n\nEnvironment variables, or lines of a `.env` file in the folder where "
        "`pagesight` starts; the environment wins.\nAn unknown name that begins with "
        f"`{PREFIX}` is an error. This page is made by `make docs`.\n\n"
        + "\n".join(_settings_table(topic) for topic in _topics())
    )


def _topics() -> list[type[BaseModel]]:
    """Return the groups of settings, those first that a new user needs first."""
    groups = [
        group
        for group in Settings.__mro__
        if issubclass(group, FrozenSettings) and group is not Settings and _own_fields(group)
    ]
    packages = ("indexer", "generator", "retriever", "api")
    return sorted(groups, key=lambda group: packages.index(group.__module__.split(".")[0]))


def _own_fields(group: type[BaseModel]) -> list[str]:
    return [name for name in group.__annotations__ if name in group.model_fields]


def _settings_table(group: type[BaseModel]) -> str:
    rows = ["| variable | default | what it does |", "|---|---|---|"]
    for name in _own_fields(group):
        field = group.model_fields[name]
        default = "" if field.default in (None, "", PydanticUndefined) else f"`{field.default}`"
        rows.append(f"| `{PREFIX}{name.upper()}` | {default} | {field.description} |")
    assert group.__doc__ is not None, "a group of settings says what it is about"
    title, _, _ = group.__doc__.partition("\n")
    return f"## {title.rstrip('.')}\n\n" + "\n".join(rows) + "\n"


def cli_page() -> str:
    parts = ["# Command line\n\nThis page is made by `make docs` from `pagesight --help`.\n"]
    group = typer.main.get_command(app)
    for words in _commands(group):
        text = (
            CliRunner()
            .invoke(app, [*words, "--help"], env={"COLUMNS": "90", "TERM": "dumb"})
            .output
        )
        plain = re.sub(r"[ \t]+\n", "\n", re.sub(r"\x1b\[[0-9;]*m", "", text)).strip("\n")
        title = " ".join(["pagesight", *words])
        parts.append(f"## {title}\n\n```\n{plain}\n```\n")
    return "\n".join(parts)


def models_page() -> str:
    return (
        "# Models\n\nWhat `pagesight models` lists; this page is made by `make docs`. `pagesight doctor` "
        "says which fit in this machine's memory.\n\n"
        "## Encoders\n\nSet `PAGESIGHT_ENCODER` to a name. A collection keeps the encoder that made it. "
        "[languages.md](languages.md)\nsays what else knows which language.\n\n"
        + _models_table([one.facts for one in ENCODERS.values()])
        + "\n`colbert` is for text models that give each token a vector, as `MultiVectorEncoder` of "
        "sentence-transformers loads them\n(PyLate's, too): name the checkpoint in "
        "`PAGESIGHT_ENCODER_CHECKPOINT`, a folder or `owner/name@revision`.\nPrefixes, lengths, expansion "
        "of queries and a query side of its own are the checkpoint's; code of its own and\npickled weights "
        "are refused. `colvision` is the same for models that see page images, such as a ModernVBERT with a\n"
        "projection; the side of questions may be another, smaller model (`Router`). Qwen backbones are "
        "refused: their processor wants torchvision, which pagesight does\nwithout.\n\nA LoRA adapter that "
        "`pagesight train` or `pagesight models add` made is an encoder of its name as well: "
        "[training.md](training.md).\n\nNone of the published models for `colvision` and `colbert` could be "
        "run here; what is said of them (nDCG@5 of V1 and V2, nDCG@10 of V3), and what keeps\n"
        "some out:\n\n"
        + _published_table()
        + "\n## Generators\n\nSet `PAGESIGHT_GENERATOR` to a name. It may change at any time.\n\n"
        + _models_table(list(GENERATORS.values()))
        + "\n## GGUF models\n\nFor `PAGESIGHT_GENERATOR=gguf`, which needs the extra `gguf`: `pagesight "
        "models get NAME` downloads one, with its hash compared,\nand `PAGESIGHT_GGUF` names it. Any other "
        "GGUF file with a chat template is as good: `PAGESIGHT_GGUF` may be its path.\nMemory is computed "
        "for a context of 4,096 tokens; CPU seconds of an answer are computed from the one model that was "
        "measured,\nwith two page images where it sees. Projectors (mmproj) of Qwen2-VL, Qwen2.5-VL and "
        "Qwen3-VL were run with tiny weights: with the first two\nllama.cpp writes what transformers "
        "writes, with Qwen3-VL it begins alike and parts sooner.\n\n" + _catalogue_table()
    )


def _published_table() -> str:
    rows = [
        "| checkpoint | encoder | licence | dim | vectors of a page | ViDoRe V1, V2, V3 | loads |",
        "|---|---|---|---|---|---|---|",
    ]
    for model in PUBLISHED:
        rows.append(
            f"| `{model.checkpoint}` | `{model.encoder}` | {model.licence} | {model.dim} "
            f"| {model.vectors} | {model.vidore} | {model.loads} |"
        )
    return "\n".join(rows) + "\n"


def _catalogue_table() -> str:
    rows = [
        "| name | what it does | files | memory | CPU s | repository, revision | licence |",
        "|---|---|---|---|---|---|---|",
    ]
    for model in CATALOGUE.values():
        size = size_text(model.size_bytes)
        source = f"`{model.model.repository}` `{model.model.revision[:12]}`"
        memory = size_text(memory_of_model(model, 4096).needs_bytes)
        seconds = f"{answer_cpu_s(model, PAGE_IMAGES):.0f}"
        rows.append(
            f"| `{model.name}` | {model.summary} | {size} | {memory} | {seconds} | {source} "
            f"| {model.licence} |"
        )
    return "\n".join(rows) + "\n"


def _models_table(models: Sequence[Facts]) -> str:
    rows = [
        "| name | what it does | weights | checkpoint, revision | licence |",
        "|---|---|---|---|---|",
    ]
    for facts in models:
        checkpoint = f"`{facts.checkpoint}`" if facts.checkpoint else ""
        revision = f" `{facts.revision[:12]}`" if facts.revision else ""
        rows.append(
            f"| `{facts.name}` | {facts.summary} | {size_text(facts.size_bytes)} "
            f"| {checkpoint}{revision} | {facts.licence} |"
        )
    return "\n".join(rows) + "\n"


def openapi_file() -> str:
    with tempfile.TemporaryDirectory() as folder:
        document = create_app(wire(Settings(data_dir=Path(folder)))).openapi()  # type: ignore[call-arg]
    return json.dumps(document, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def schema_file() -> str:
    with create_engine("sqlite://").begin() as connection:
        upgrade(connection)
        return whole_schema(connection)


FILES = {
    "indexer/catalog/whole_schema.sql": schema_file,
    "docs/settings.md": settings_page,
    "docs/cli.md": cli_page,
    "docs/models.md": models_page,
    "docs/openapi.json": openapi_file,
}


def _commands(group: object, words: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = [words]
    for name, command in getattr(group, "commands", {}).items():
        found += _commands(command, (*words, name))
    return found


if __name__ == "__main__":
    for name, text in FILES.items():
        (ROOT / name).write_text(text(), encoding="utf-8")
