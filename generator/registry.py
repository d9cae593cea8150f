"""What is known of each generator before it is chosen. Importing this loads no model and no torch.

A revision is a commit of the model's repository on the Hugging Face hub.
"""

from __future__ import annotations

from dataclasses import dataclass

from generator.errors import GeneratorUnavailable


@dataclass(frozen=True, slots=True)
class GeneratorFacts:
    """What a person wants to know before choosing.

    checkpoint, revision  a hub id and the commit tried; empty where no weights are loaded
    size_bytes            what the weights take on disk, in bfloat16
    model_type            of the checkpoint's config.json; empty where no weights are loaded
    """

    name: str
    summary: str
    licence: str
    checkpoint: str = ""
    revision: str = ""
    size_bytes: int = 0
    reads_images: bool = False
    model_type: str = ""


GENERATORS: dict[str, GeneratorFacts] = {
    facts.name: facts
    for facts in (
        GeneratorFacts(
            name="extractive",
            summary="quotes the best supported passages of the pages: no model, runs on a CPU",
            licence="AGPL-3.0-or-later",
        ),
        GeneratorFacts(
            name="openai",
            summary="asks a model behind an OpenAI-compatible address: vLLM, SGLang, Ollama, llama.cpp",
            licence="that of the model behind the address",
            reads_images=True,
        ),
        GeneratorFacts(
            name="gguf",
            summary="a GGUF file in this process, by llama.cpp: a small model answers on a laptop's CPU",
            licence="that of the file: see the GGUF models",
            reads_images=True,
        ),
        GeneratorFacts(
            name="qwen2-vl",
            summary="Qwen2-VL 2B in this process, over page images: wants a GPU",
            licence="Apache-2.0",
            checkpoint="Qwen/Qwen2-VL-2B-Instruct",
            revision="895c3a49bc3fa70a340399125c650a463535e71c",
            size_bytes=4_418_050_768,
            reads_images=True,
            model_type="qwen2_vl",
        ),
        GeneratorFacts(
            name="qwen2.5-vl",
            summary="Qwen2.5-VL 3B in this process, over page images: its 7B checkpoint is Apache-2.0",
            licence="Qwen Research (not for commercial use)",
            checkpoint="Qwen/Qwen2.5-VL-3B-Instruct",
            revision="66285546d2b821cf421d4f5eb2576359d3770cd3",
            size_bytes=7_509_245_952,
            reads_images=True,
            model_type="qwen2_5_vl",
        ),
        GeneratorFacts(
            name="qwen3-vl",
            summary="Qwen3-VL 2B in this process, over page images: the newest",
            licence="Apache-2.0",
            checkpoint="Qwen/Qwen3-VL-2B-Instruct",
            revision="89644892e4d85e24eaac8bacfd4f463576704203",
            size_bytes=4_255_140_312,
            reads_images=True,
            model_type="qwen3_vl",
        ),
    )
}


def generator_facts(name: str) -> GeneratorFacts:
    """Raises GeneratorUnavailable for an unknown name."""
    if name not in GENERATORS:
        raise GeneratorUnavailable(
            f"no generator is called {name!r}: set PAGESIGHT_GENERATOR to one of "
            f"{', '.join(GENERATORS)}"
        )
    return GENERATORS[name]
