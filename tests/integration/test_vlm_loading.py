"""Checkpoints of models that write: every layout, and those that must be refused."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from generator.backends.base import Usage
from generator.backends.messages import Sampling
from generator.backends.vlm.loading import LoadedVlm, load_vlm
from generator.backends.vlm.model import VlmAnswerModel
from generator.backends.vlm.options import VlmOptions
from generator.errors import GeneratorUnavailable, PromptTooLong
from generator.registry import GENERATORS
from tests.support.checkpoints import CHAT_TEMPLATE, tiny_folder, tiny_vlm
from tests.support.vlm_prompts import prompt

Tensors = dict[str, torch.Tensor]
NAMES = ("qwen2-vl", "qwen2.5-vl", "qwen3-vl")


def load(name: str, folder: Path | str, **options: Any) -> LoadedVlm:
    chosen = {"device": "cpu", "dtype": "float32"} | options
    return load_vlm(GENERATORS[name], VlmOptions(checkpoint=str(folder), **chosen))


def answer(vlm: LoadedVlm) -> list[str | Usage]:
    model = VlmAnswerModel("tiny", lambda: vlm, Sampling(max_tokens=12))
    return list(model.stream(prompt("How tight?"), lambda: False))


@pytest.fixture
def folder(tmp_path: Path) -> Callable[[str], Path]:
    """A copy of a tiny checkpoint, to be changed."""
    return lambda name: Path(shutil.copytree(tiny_folder(name), tmp_path / name))


def change_weights(folder: Path, change: Callable[[Tensors], Tensors]) -> None:
    weights = folder / "model.safetensors"
    save_file(change(load_file(weights)), weights, metadata={"format": "pt"})


def change_config(folder: Path, **changes: Any) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | changes))


def renamed(tensors: Tensors, *rules: tuple[str, str]) -> Tensors:
    out = {}
    for name, tensor in tensors.items():
        for pattern, replacement in rules:
            name, n = re.subn(pattern, replacement, name)
            if n:
                break
        out[name] = tensor
    return out


BEFORE_4_52 = ((r"^model\.visual\.", "visual."), (r"^model\.language_model\.", "model."))
SINCE = (
    (r"^visual\.", "model.visual."),
    (r"^model\.(?=layers|norm|embed)", "model.language_model."),
)


@pytest.mark.parametrize("rules", [BEFORE_4_52, SINCE], ids=["published", "new"])
@pytest.mark.parametrize("name", ["qwen2-vl", "qwen2.5-vl"])
def test_the_names_of_both_layouts_load_alike(
    name: str, rules: tuple[tuple[str, str], ...], folder: Callable[[str], Path]
) -> None:
    """Those on the hub were saved before transformers 4.52."""
    other = folder(name)
    change_weights(other, lambda tensors: renamed(tensors, *rules))
    spelled_new = any("language_model" in key for key in load_file(other / "model.safetensors"))
    assert spelled_new == (rules is SINCE)
    assert answer(load(name, other)) == answer(tiny_vlm(name))


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_tensor_is_refused_by_its_name(name: str, folder: Callable[[str], Path]) -> None:
    broken = folder(name)
    missing = "layers.1.self_attn.q_proj.weight"
    change_weights(broken, lambda t: {k: v for k, v in t.items() if not k.endswith(missing)})
    with pytest.raises(GeneratorUnavailable, match=rf"1 missing keys.*{re.escape(missing)}.*again"):
        load(name, broken)


def test_a_config_as_the_hub_has_it_is_read(folder: Callable[[str], Path]) -> None:
    """Flat, its kind of positions under an older name, the output tied to the input."""
    old = folder("qwen2-vl")
    config = json.loads((old / "config.json").read_text())
    text = config.pop("text_config")
    rope = text.pop("rope_parameters")
    text |= {
        "rope_theta": rope["rope_theta"],
        "rope_scaling": {"type": "mrope", "mrope_section": rope["mrope_section"]},
        "tie_word_embeddings": True,
    }
    flat = text | config | {"tie_word_embeddings": True, "model_type": "qwen2_vl"}
    (old / "config.json").write_text(json.dumps(flat))
    change_weights(old, lambda t: {k: v for k, v in t.items() if k != "lm_head.weight"})
    loaded = load("qwen2-vl", old)
    parts = loaded.model.model.language_model
    assert torch.equal(loaded.model.lm_head.weight, parts.embed_tokens.weight)
    assert torch.equal(parts.rotary_emb.inv_freq, tiny_inv_freq())
    assert loaded.context_tokens == 4096
    assert load("qwen2-vl", old, yarn_factor=2.0).context_tokens == 8192
    assert isinstance(answer(loaded)[-1], Usage)


def tiny_inv_freq() -> torch.Tensor:
    found: torch.Tensor = tiny_vlm("qwen2-vl").model.model.language_model.rotary_emb.inv_freq
    return found


def test_a_tensor_that_no_model_knows_is_refused(folder: Callable[[str], Path]) -> None:
    broken = folder("qwen2-vl")
    change_weights(broken, lambda tensors: tensors | {"model.extra.weight": torch.zeros(2)})
    with pytest.raises(GeneratorUnavailable, match=r"unexpected keys.*extra\.weight"):
        load("qwen2-vl", broken)


def test_weights_of_another_shape_are_refused(folder: Callable[[str], Path]) -> None:
    broken = folder("qwen2-vl")
    (key,) = [k for k in load_file(broken / "model.safetensors") if k.endswith("model.norm.weight")]
    change_weights(broken, lambda tensors: tensors | {key: torch.zeros(7)})
    with pytest.raises(GeneratorUnavailable, match=r"mismatched keys.*norm\.weight"):
        load("qwen2-vl", broken)


def test_a_damaged_file_is_refused(folder: Callable[[str], Path]) -> None:
    broken = folder("qwen2-vl")
    (broken / "model.safetensors").write_bytes(b"cut")
    with pytest.raises(GeneratorUnavailable, match="cannot be loaded"):
        load("qwen2-vl", broken)
    (broken / "model.safetensors").unlink()
    with pytest.raises(GeneratorUnavailable, match="cannot be loaded"):
        load("qwen2-vl", broken)


def test_another_family_names_the_generator_that_reads_it() -> None:
    with pytest.raises(GeneratorUnavailable, match=r"qwen3_vl.*PAGESIGHT_GENERATOR=qwen3-vl"):
        load("qwen2-vl", tiny_folder("qwen3-vl"))
    with pytest.raises(GeneratorUnavailable, match="is a colqwen2 model"):
        load("qwen2-vl", tiny_folder("colqwen2"))


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(GeneratorUnavailable, match="is not a folder"):
        load("qwen2-vl", tmp_path / "none")
    with pytest.raises(GeneratorUnavailable, match=r"no readable config\.json"):
        load("qwen2-vl", tmp_path)
    with pytest.raises(GeneratorUnavailable, match="device 'tpu' is unknown"):
        load("qwen2-vl", tiny_folder("qwen2-vl"), device="tpu")


def test_a_checkpoint_without_a_tokenizer_is_refused(folder: Callable[[str], Path]) -> None:
    bare = folder("qwen2-vl")
    (bare / "processor_config.json").unlink()
    with pytest.raises(GeneratorUnavailable, match="no tokenizer, image settings"):
        load("qwen2-vl", bare)


def test_a_chat_template_is_found_where_checkpoints_of_2024_keep_it(
    folder: Callable[[str], Path],
) -> None:
    old = folder("qwen2-vl")
    (old / "chat_template.jinja").unlink()
    with pytest.raises(GeneratorUnavailable, match="chat template"):
        load("qwen2-vl", old)
    (old / "chat_template.json").write_text(json.dumps({"chat_template": CHAT_TEMPLATE}))
    assert answer(load("qwen2-vl", old)) == answer(tiny_vlm("qwen2-vl"))


def test_image_settings_are_found_where_checkpoints_of_2024_keep_them(
    folder: Callable[[str], Path],
) -> None:
    old = folder("qwen3-vl")
    settings = json.loads((old / "processor_config.json").read_text())["image_processor"]
    (old / "processor_config.json").unlink()
    (old / "preprocessor_config.json").write_text(json.dumps(settings))
    assert answer(load("qwen3-vl", old)) == answer(tiny_vlm("qwen3-vl"))


def test_an_adapter_is_to_be_merged_first(folder: Callable[[str], Path]) -> None:
    adapter = folder("qwen2-vl").parent / "adapter"
    adapter.mkdir()
    base = {"base_model_name_or_path": str(tiny_folder("qwen2-vl"))}
    (adapter / "adapter_config.json").write_text(json.dumps(base))
    (adapter / "adapter_model.safetensors").write_bytes(b"")
    with pytest.raises(GeneratorUnavailable, match="merge it into its base"):
        load("qwen2-vl", adapter)


def test_the_checkpoints_own_sampling_does_not_decide(folder: Callable[[str], Path]) -> None:
    warm = folder("qwen2.5-vl")
    told = {"do_sample": True, "temperature": 1.5, "top_k": 40, "repetition_penalty": 1.9}
    ends = [*tiny_vlm("qwen2.5-vl").ends, 5]
    (warm / "generation_config.json").write_text(json.dumps(told | {"eos_token_id": ends}))
    loaded = load("qwen2.5-vl", warm)
    assert loaded.ends == frozenset(ends)
    expected = answer(tiny_vlm("qwen2.5-vl"))
    assert answer(loaded)[:3] == expected[:3] == answer(loaded)[:3]


@pytest.mark.parametrize("name", NAMES)
def test_yarn_stretches_the_context_and_changes_the_positions(name: str) -> None:
    stretched, plain = load(name, tiny_folder(name), yarn_factor=2.0), tiny_vlm(name)
    assert (plain.context_tokens, stretched.context_tokens) == (4096, 8192)
    rope = [one.model.model.language_model.rotary_emb for one in (plain, stretched)]
    assert not torch.equal(rope[0].inv_freq, rope[1].inv_freq)
    assert rope[1].attention_scaling > 1
    long = prompt("How tight?", text="Wort " * 1000)
    with pytest.raises(PromptTooLong):
        list(VlmAnswerModel("tiny", lambda: plain).stream(long, lambda: False))
    model = VlmAnswerModel("tiny", lambda: stretched, Sampling(max_tokens=2))
    usage = list(model.stream(long, lambda: False))[-1]
    assert isinstance(usage, Usage) and usage.prompt_tokens is not None
    assert usage.prompt_tokens > 4096


@pytest.mark.parametrize("name", NAMES)
def test_the_model_runs_in_bfloat16(name: str) -> None:
    loaded = load(name, tiny_folder(name), dtype="bfloat16", attention="eager")
    assert next(loaded.model.parameters()).dtype is torch.bfloat16
    assert isinstance(answer(loaded)[-1], Usage)


@pytest.mark.gpu
@pytest.mark.parametrize("name", NAMES)
def test_the_model_runs_on_a_gpu(name: str) -> None:
    loaded = load(name, tiny_folder(name), device="cuda")
    assert next(loaded.model.parameters()).device.type == "cuda"
    assert isinstance(answer(loaded)[-1], Usage)


@pytest.mark.skipif(find_spec("gptqmodel") is not None, reason="AWQ can be loaded here")
def test_a_quantised_checkpoint_is_refused_before_its_weights_are_read(
    folder: Callable[[str], Path],
) -> None:
    quantised = folder("qwen2.5-vl")
    change_config(quantised, quantization_config={"quant_method": "awq", "bits": 4})
    (quantised / "model.safetensors").unlink()
    with pytest.raises(GeneratorUnavailable, match="quantised by awq needs gptqmodel"):
        load("qwen2.5-vl", quantised)
