"""Loads a vision-language model from a local folder or the hub, and checks that its weights are complete.

transformers fills a tensor that is missing from a checkpoint with random numbers and prints a report;
here a missing or unexpected name is an error. Only safetensors are read: no code runs, none is fetched.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.backends.vlm.options import VlmOptions, stretch_context
from generator.backends.vlm.precision import choose_attention, choose_dtype, quantization_config
from generator.backends.vlm.prompting import Prompting
from generator.backends.vlm.text_pieces import TokenBytes
from generator.backends.vlm.video_input import TIMINGS
from generator.errors import GeneratorUnavailable
from generator.registry import GENERATORS, GeneratorFacts
from indexer.base.errors import EncoderUnavailable
from indexer.encoders.checkpoints.contents import refuse_incomplete
from indexer.encoders.checkpoints.devices import resolve_device
from indexer.encoders.checkpoints.discovery import find_checkpoint, split_revision
from indexer.encoders.checkpoints.messages import one_line, quiet

if TYPE_CHECKING:
    import torch

_CLASSES = {
    "qwen2_vl": "Qwen2VLForConditionalGeneration",
    "qwen2_5_vl": "Qwen2_5_VLForConditionalGeneration",
    "qwen3_vl": "Qwen3VLForConditionalGeneration",
}


@dataclass(frozen=True, slots=True, eq=False)
class LoadedVlm:
    """A model in evaluation mode on its device, and what goes with it.

    ends            the tokens that end an answer
    context_tokens  most tokens of prompt and answer together
    """

    model: Any
    prompting: Prompting
    token_bytes: TokenBytes
    ends: frozenset[int]
    context_tokens: int


def load_vlm(facts: GeneratorFacts, options: VlmOptions) -> LoadedVlm:
    """Load a model. Raises GeneratorUnavailable when weights, packages or the device are missing or unfit."""
    try:
        return _load(facts, options)
    except EncoderUnavailable as error:  # of what encoders and answer models share
        raise GeneratorUnavailable(str(error)) from error


def _load(facts: GeneratorFacts, options: VlmOptions) -> LoadedVlm:
    device = resolve_device(options.device)
    folder = _folder(facts, options.checkpoint)
    with quiet():
        config = _config(folder, facts)
        context_tokens = stretch_context(config, options.yarn_factor)
        tokenizer, images = _tokenizer_and_images(folder, facts)
        model = _model(folder, config, options, device)
    return LoadedVlm(
        model=model,
        prompting=Prompting(
            tokenizer,
            images,
            images.patch_size * images.merge_size,
            TIMINGS[config.model_type],
        ),
        token_bytes=TokenBytes(tokenizer),
        ends=_ends(model, tokenizer),
        context_tokens=context_tokens,
    )


def _folder(facts: GeneratorFacts, source: str | None) -> Path:
    own = (facts.checkpoint, facts.revision)
    checkpoint = find_checkpoint(*(own if source is None else split_revision(source)))
    if checkpoint.adapters:
        raise GeneratorUnavailable(
            f"{checkpoint.adapters[0]} is a LoRA adapter: merge it into its base and name that folder"
        )
    return checkpoint.weights


def _config(folder: Path, facts: GeneratorFacts) -> Any:
    from transformers import AutoConfig

    try:
        config = AutoConfig.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError) as error:
        raise GeneratorUnavailable(
            f"{folder} holds no readable config.json: name a folder of {facts.checkpoint}"
        ) from error
    if config.model_type != facts.model_type:
        names = [
            generator.name
            for generator in GENERATORS.values()
            if generator.model_type == config.model_type
        ]
        fix = f"set PAGESIGHT_GENERATOR={names[0]}" if names else "choose another checkpoint"
        raise GeneratorUnavailable(
            f"{folder} is a {config.model_type} model, not {facts.model_type}: {fix}"
        )
    return config


def _tokenizer_and_images(folder: Path, facts: GeneratorFacts) -> tuple[Any, Any]:
    from transformers import AutoTokenizer
    from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        images = Qwen2VLImageProcessorPil.from_pretrained(folder, local_files_only=True)
        tokenizer.chat_template = tokenizer.chat_template or _chat_template(folder)
    except (OSError, ValueError) as error:
        raise GeneratorUnavailable(
            f"{folder} has no tokenizer, image settings or chat template of {facts.checkpoint}: download "
            f"it again ({one_line(error)})"
        ) from error
    return tokenizer, images


def _chat_template(folder: Path) -> str:
    """Read the chat template where checkpoints of 2024 keep it."""
    text = (folder / "chat_template.json").read_text(encoding="utf-8")
    return str(json.loads(text)["chat_template"])


def _model(folder: Path, config: Any, options: VlmOptions, device: torch.device) -> Any:
    import torch
    import transformers
    from safetensors import SafetensorError

    dtype = choose_dtype(options.dtype, device)
    stored_config = getattr(config, "quantization_config", None)
    load_config = quantization_config(options.quantization, stored_config, device, dtype)
    placed: bool = load_config is not None or stored_config is not None  # as they load
    try:
        model, info = getattr(transformers, _CLASSES[config.model_type]).from_pretrained(
            folder,
            config=config,
            dtype=dtype,
            attn_implementation=choose_attention(options.attention, device, dtype),
            quantization_config=load_config,
            device_map={"": device} if placed else None,
            local_files_only=True,
            use_safetensors=True,
            ignore_mismatched_sizes=True,  # refused below, by their names
            output_loading_info=True,
        )
        refuse_incomplete(info, folder, config.model_type)
        return model.eval() if placed else model.to(device).eval()
    except torch.OutOfMemoryError as error:
        raise GeneratorUnavailable(
            f"{folder} does not fit in the memory of {device}: set PAGESIGHT_VLM_QUANTIZATION=4bit, choose "
            "a smaller checkpoint, or PAGESIGHT_DEVICE=cpu"
        ) from error
    except (OSError, SafetensorError, RuntimeError, ValueError, ImportError) as error:
        raise GeneratorUnavailable(f"{folder} cannot be loaded: {one_line(error)}") from error


def _ends(model: Any, tokenizer: Any) -> frozenset[int]:
    """Return the tokens that end an answer, and drop the checkpoint's other defaults (temperature,
    penalties): the settings decide.
    """
    from transformers import GenerationConfig

    eos = model.generation_config.eos_token_id
    ends = {tokenizer.eos_token_id, *([eos] if isinstance(eos, int) else eos or [])}
    model.generation_config = GenerationConfig()
    return frozenset(ends - {None})
