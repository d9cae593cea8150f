"""`pagesight models`: every encoder, generator and GGUF model there is, and how to get one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn

from api.base.settings import Settings, load_settings
from api.cli import own_models
from api.cli.output import AsJson, console, print_json, table_of, to_stderr
from api.services.answer_writers import models_folder
from api.services.engines import adapters_folder, encoder_options
from generator.backends.gguf.catalogue import CATALOGUE, CatalogueModel
from generator.backends.gguf.download import Downloader
from generator.backends.gguf.estimates import PAGE_IMAGES, answer_cpu_s, memory_of_model
from generator.errors import DownloadFailed, GeneratorUnavailable
from generator.registry import GENERATORS, GeneratorFacts
from indexer.encoders.multi_vector.published import PUBLISHED
from indexer.encoders.registered import EncoderFacts
from indexer.encoders.registry import ENCODERS, facts_of
from indexer.encoders.visual.named_adapters import named_adapters

Facts = EncoderFacts | GeneratorFacts

models = typer.Typer(
    help="Encoders, generators and GGUF models: what there is, and how to get one."
)


models.command("add")(own_models.add)
models.command("export")(own_models.export)


@models.callback(invoke_without_command=True)
def list_models(context: typer.Context, as_json: AsJson = False) -> None:
    """List the encoders, generators and GGUF models; `*` marks those set. `doctor` says which fit."""
    if context.invoked_subcommand is not None:
        return
    settings = load_settings()
    encoders = [facts.facts for facts in ENCODERS.values()]
    adapters = named_adapters(adapters_folder(settings))
    if as_json:
        print_json(
            {
                "encoders": [asdict(facts) for facts in encoders],
                "generators": [asdict(facts) for facts in GENERATORS.values()],
                "published": [asdict(checkpoint) for checkpoint in PUBLISHED],
                "adapters": [
                    {"name": a.name, "encoder": a.encoder, "folder": str(a.folder)}
                    for a in adapters
                ],
                "gguf": [_body(model, settings) for model in CATALOGUE.values()],
                "set": {
                    "encoder": settings.encoder,
                    "generator": settings.generator,
                    "gguf": settings.gguf,
                },
            }
        )
        return
    adapter_facts = [facts_of(a.name, encoder_options(settings)) for a in adapters]
    _print_table("encoder", [*encoders, *adapter_facts], settings.encoder)
    console.print()
    _print_published()
    console.print()
    _print_table("generator", list(GENERATORS.values()), settings.generator)
    console.print()
    _print_catalogue(settings)


@models.command("get")
def get(
    name: Annotated[str, typer.Argument(help="A GGUF model that `pagesight models` lists.")],
    as_json: AsJson = False,
) -> None:
    """Download a GGUF model for PAGESIGHT_GENERATOR=gguf, or go on with what was cut off.

    Each file is compared with the SHA-256 of the catalogue. One that was brought by hand is compared, too.
    """
    settings = load_settings()
    if name not in CATALOGUE:
        raise GeneratorUnavailable(
            f"no GGUF model is called {name!r}: get one of {', '.join(CATALOGUE)}"
        )
    model, downloader = CATALOGUE[name], _downloader(settings)
    to_stderr.print(
        f"{name}, {size_text(model.size_bytes)}, licence {model.licence}", soft_wrap=True
    )
    try:
        _download(model, downloader)
    except DownloadFailed:
        to_stderr.print(downloader.by_hand(model), soft_wrap=True, markup=False)
        raise
    if as_json:
        print_json(_body(model, settings))
        return
    paths = ", ".join(str(downloader.path_of(file)) for file in model.files)
    console.print(f"{paths}: there, and as in the catalogue", soft_wrap=True)
    console.print(f"use it: PAGESIGHT_GENERATOR=gguf PAGESIGHT_GGUF={name}", soft_wrap=True)


def size_text(n_bytes: int) -> str:
    """What weights take on disk, for a person; nothing where there are none."""
    if n_bytes == 0:
        return ""
    return f"{n_bytes / 1e9:.1f} GB" if n_bytes >= 1e9 else f"{n_bytes / 1e6:.0f} MB"


def _downloader(settings: Settings) -> Downloader:
    return Downloader(models_folder(settings), settings.models_url)


def _download(model: CatalogueModel, downloader: Downloader) -> None:
    columns = ("{task.description}", BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=to_stderr) as progress:
        for file in model.files:
            task = progress.add_task(file.name, total=file.size_bytes)

            def show(n_bytes: int, _: int, task: Any = task) -> None:
                progress.update(task, completed=n_bytes)

            downloader.get(file, show)
            progress.update(task, completed=file.size_bytes)


def _body(model: CatalogueModel, settings: Settings) -> dict[str, Any]:
    downloader = _downloader(settings)
    memory = memory_of_model(model, settings.gguf_context_tokens)
    return {
        "name": model.name,
        "summary": model.summary,
        "licence": model.licence,
        "size_bytes": model.size_bytes,
        "memory_bytes": memory.needs_bytes,
        "answer_cpu_s": round(answer_cpu_s(model, PAGE_IMAGES), 1),
        "files": [
            asdict(file) | {"path": str(downloader.path_of(file)), "is_here": downloader.has(file)}
            for file in model.files
        ],
    }


def _print_table(role: str, models: Sequence[Facts], configured_name: str) -> None:
    table = table_of("", role, "weights", "licence", "what it does")
    for facts in models:
        mark = "*" if facts.name == configured_name else ""
        table.add_row(mark, facts.name, size_text(facts.size_bytes), facts.licence, facts.summary)
    console.print(table)


def _print_published() -> None:
    table = table_of(
        "encoder", "published checkpoint", "licence", "dim", "ViDoRe V1, V2, V3", "loads"
    )
    for model in PUBLISHED:
        facts = (model.licence, str(model.dim), model.vidore, model.loads)
        table.add_row(model.encoder, model.checkpoint, *facts)
    console.print(table)


def _print_catalogue(settings: Settings) -> None:
    downloader = _downloader(settings)
    table = table_of("", "gguf", "file", "memory", "CPU s an answer", "licence", "", "what it does")
    for model in CATALOGUE.values():
        mark = "*" if settings.generator == "gguf" and model.name == settings.gguf else ""
        place = "here" if all(map(downloader.has, model.files)) else "`models get`"
        memory = memory_of_model(model, settings.gguf_context_tokens)
        table.add_row(
            mark,
            model.name,
            size_text(model.size_bytes),
            size_text(memory.needs_bytes),
            f"{answer_cpu_s(model, PAGE_IMAGES):.0f}",
            model.licence,
            place,
            model.summary,
        )
    console.print(table)
    console.print("Memory and seconds are computed: docs/models.md.", soft_wrap=True)
