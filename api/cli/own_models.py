"""`pagesight models add` and `export`: adapters of others, and encoders written as ONNX."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.base.settings import load_settings
from api.cli.output import console, to_stderr
from api.services.engines import adapters_folder, encoder_choice
from indexer.base.errors import EncoderUnavailable
from indexer.encoders.registry import require_new_encoder, trainable_model
from indexer.encoders.visual.families import VISUAL_MODELS
from indexer.encoders.visual.named_adapters import add_adapter
from indexer.encoders.visual.onnx.products import Precision


def add(
    name: Annotated[str, typer.Argument(help="What the adapter is to be called.")],
    folder: Annotated[
        Path, typer.Argument(help="Folder with adapter_config.json and adapter_model.safetensors.")
    ],
    encoder: Annotated[
        str, typer.Option("--encoder", help="The encoder that it is for, such as colqwen2.")
    ],
) -> None:
    """Add a LoRA adapter in peft's format, as those of ColQwen2 are published: an encoder of that name.

    The weights that it changes are those that its adapter_config.json names.
    """
    if encoder not in VISUAL_MODELS:
        raise EncoderUnavailable(
            f"adapters are for encoders of page images, and {encoder!r} is none: "
            f"name one of {', '.join(VISUAL_MODELS)}"
        )
    home = adapters_folder(load_settings())
    require_new_encoder(name, home)
    adapter = add_adapter(home, name, encoder, folder)
    console.print(f"{adapter.folder}: an encoder called {name}", markup=False, soft_wrap=True)
    console.print(f"use it: PAGESIGHT_ENCODER={name}, or in PAGESIGHT_OTHER_ENCODERS", markup=False)


def export(
    name: Annotated[
        str, typer.Argument(help="colqwen2, colqwen2.5, or an adapter of one of them.")
    ],
    folder: Annotated[Path, typer.Argument(help="A new folder.")],
    precision: Annotated[
        Precision,
        typer.Option(
            "--precision",
            help="fp16 halves the file, int8 the memory as well, and has a fingerprint of its own.",
        ),
    ] = "fp16",
) -> None:
    """Write an encoder as ONNX, to be run without torch: PAGESIGHT_ENCODER_CHECKPOINT=FOLDER.

    `lite` needs no export: PAGESIGHT_LITE_RUNTIME says what computes it.
    """
    from indexer.encoders.visual.onnx.export import export_onnx

    settings = load_settings()
    facts, source = trainable_model(name, encoder_choice(settings, name))
    with to_stderr.status("writing"):
        adapter_name = None if name == facts.name else name
        about = export_onnx(facts, source, folder, precision, adapter_name)
    console.print(
        f"use it: PAGESIGHT_ENCODER={about.encoder} PAGESIGHT_ENCODER_CHECKPOINT={folder}",
        markup=False,
        soft_wrap=True,
    )
