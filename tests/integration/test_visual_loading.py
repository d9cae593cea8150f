"""Checkpoints of every released layout, and those that must be refused."""

from __future__ import annotations

import functools
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from indexer.base.errors import EncoderUnavailable
from indexer.base.pages import PageWords, RenderedPage
from indexer.encoders.visual.families import VISUAL_MODELS
from indexer.encoders.visual.loading import attention_for, load_visual, visual_fingerprint
from tests.support.checkpoints import tiny_encoder, tiny_folder

Tensors = dict[str, torch.Tensor]


def load(name: str, folder: Path) -> Any:
    return load_visual(
        VISUAL_MODELS[name], device="cpu", source=str(folder), dtype=torch.float32, token_budget=256
    )


def page_vectors(encoder: Any) -> np.ndarray:
    noise = np.random.default_rng(3).integers(0, 256, (168, 112, 3), dtype=np.uint8)
    page = RenderedPage(1, "1", 612.0, 792.0, Image.fromarray(noise), PageWords())
    vectors: np.ndarray = encoder.encode_pages([page])[0].vectors.astype(np.float32)
    return vectors


def assert_same_vectors(encoder: Any, name: str) -> None:
    """Assert that it has the weights of the tiny checkpoint; rounding depends on where they lie."""
    expected = page_vectors(tiny_encoder(name))
    np.testing.assert_allclose(page_vectors(encoder), expected, rtol=0, atol=1e-3)


def changed(tmp_path: Path, name: str, change: Callable[[Tensors], Tensors]) -> Path:
    """A copy of the tiny checkpoint with other tensors."""
    folder = tmp_path / "changed"
    shutil.copytree(tiny_folder(name), folder)
    weights = folder / "model.safetensors"
    save_file(change(load_file(weights)), weights, metadata={"format": "pt"})
    return folder


def renaming(*rules: tuple[str, str]) -> Callable[[Tensors], Tensors]:
    def rename(name: str) -> str:
        for pattern, replacement in rules:
            name, n = re.subn(pattern, replacement, name)
            if n:
                break
        return name

    return lambda tensors: {rename(k): v for k, v in tensors.items()}


def backbone_config(folder: Path) -> None:
    """config.json as colpali-engine writes it: the backbone's alone."""
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config["vlm_config"]))


LAYOUTS = {
    "transformers 4.5x": renaming(
        (r"^vlm\.visual", "vlm.model.visual"),
        (r"^vlm\.language_model", "vlm.model.language_model"),
    ),
    "transformers before 4.52": renaming((r"^vlm\.language_model", "vlm.model")),
}
ENGINE_LAYOUTS = {
    "colpali-engine": renaming((r"^embedding_proj_layer", "custom_text_proj"), (r"^vlm\.", "")),
    "colpali-engine before 0.3.11": renaming(
        (r"^embedding_proj_layer", "custom_text_proj"),
        (r"^vlm\.language_model", "model"),
        (r"^vlm\.", ""),
    ),
}


@pytest.mark.parametrize("name", ["colqwen2", "colqwen2.5"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_older_names_of_tensors_load(name: str, layout: str, tmp_path: Path) -> None:
    folder = changed(tmp_path, name, LAYOUTS[layout])
    assert_same_vectors(load(name, folder), name)


@pytest.mark.parametrize("name", ["colqwen2", "colqwen2.5"])
@pytest.mark.parametrize("layout", ENGINE_LAYOUTS)
def test_checkpoints_of_colpali_engine_load(name: str, layout: str, tmp_path: Path) -> None:
    folder = changed(tmp_path, name, ENGINE_LAYOUTS[layout])
    backbone_config(folder)
    assert_same_vectors(load(name, folder), name)


def test_older_names_of_colpali_load(tmp_path: Path) -> None:
    rename = renaming(
        (r"^vlm\.language_model\.model", "vlm.model.language_model"),
        (r"^vlm\.vision_tower", "vlm.model.vision_tower.vision_model"),
        (r"^vlm\.multi", "vlm.model.multi"),
    )
    folder = changed(tmp_path, "colpali", rename)
    assert_same_vectors(load("colpali", folder), "colpali")


def test_the_published_layout_of_colmodernvbert_loads(tmp_path: Path) -> None:
    rename = renaming((r"^embedding_proj_layer", "custom_text_proj"), (r"^vlm\.", "model."))
    folder = changed(tmp_path, "colmodernvbert", rename)
    backbone_config(folder)
    assert_same_vectors(load("colmodernvbert", folder), "colmodernvbert")


def test_a_head_that_predicts_words_is_left_out(tmp_path: Path) -> None:
    def add(tensors: Tensors) -> Tensors:
        return tensors | {"vlm.lm_head.weight": torch.zeros(4, 4)}

    assert load("colqwen2", changed(tmp_path, "colqwen2", add))


def test_shards_are_put_together(tmp_path: Path) -> None:
    folder = tmp_path / "sharded"
    shutil.copytree(tiny_folder("colqwen2"), folder)
    tensors = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    names = sorted(tensors)
    places = {name: f"model-{i % 2 + 1}.safetensors" for i, name in enumerate(names)}
    for shard in set(places.values()):
        part = {name: tensors[name] for name in names if places[name] == shard}
        save_file(part, folder / shard)
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": places}))
    assert_same_vectors(load("colqwen2", folder), "colqwen2")
    (folder / "model-2.safetensors").unlink()
    with pytest.raises(EncoderUnavailable, match=r"model-2\.safetensors is missing"):
        load("colqwen2", folder)


def without(*names: str) -> Callable[[Tensors], Tensors]:
    return lambda tensors: {k: v for k, v in tensors.items() if not k.startswith(names)}


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("colqwen2", "embedding_proj_layer"),
        ("colqwen2.5", "vlm.visual.merger"),
        ("colpali", "vlm.multi_modal_projector"),
        ("colmodernvbert", "vlm.connector"),
    ],
)
def test_missing_tensors_are_refused_by_name(name: str, missing: str, tmp_path: Path) -> None:
    folder = changed(tmp_path, name, without(missing))
    with pytest.raises(EncoderUnavailable, match=f"missing keys .*{re.escape(missing)}"):
        load(name, folder)


def test_tensors_that_nobody_expects_are_refused_by_name(tmp_path: Path) -> None:
    folder = changed(tmp_path, "colqwen2", lambda t: t | {"vlm.visual.extra": torch.zeros(2)})
    with pytest.raises(EncoderUnavailable, match=r"1 unexpected keys .*extra"):
        load("colqwen2", folder)


def test_tensors_of_another_shape_are_refused(tmp_path: Path) -> None:
    def narrow(tensors: Tensors) -> Tensors:
        return tensors | {"vlm.language_model.norm.weight": torch.ones(32)}

    with pytest.raises(EncoderUnavailable, match="do not fit"):
        load("colqwen2", changed(tmp_path, "colqwen2", narrow))


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "damaged"
    shutil.copytree(tiny_folder("colqwen2"), folder)
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:5000])
    with pytest.raises(EncoderUnavailable, match="damaged"):
        load("colqwen2", folder)


def test_a_folder_of_another_model_is_refused() -> None:
    with pytest.raises(EncoderUnavailable, match="is a colpali model, not colqwen2"):
        load("colqwen2", tiny_folder("colpali"))


def test_a_folder_without_a_tokenizer_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "bare"
    folder.mkdir()
    for name in ("config.json", "model.safetensors"):
        shutil.copy(tiny_folder("colqwen2") / name, folder)
    with pytest.raises(EncoderUnavailable, match="no tokenizer or image settings"):
        load("colqwen2", folder)


def test_an_empty_folder_and_no_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(EncoderUnavailable, match="missing"):
        load("colqwen2", tmp_path)
    with pytest.raises(EncoderUnavailable, match="is not a folder"):
        load("colqwen2", tmp_path / "nowhere")


def test_the_hub_out_of_reach_is_one_line_that_says_what_to_do() -> None:
    """The tests run offline (`HF_HUB_OFFLINE`)."""
    with pytest.raises(EncoderUnavailable, match=r"cannot get nobody/nothing .* name its folder"):
        load_visual(VISUAL_MODELS["colqwen2"], device="cpu", source="nobody/nothing@abc")


def test_other_weights_are_another_fingerprint(tmp_path: Path) -> None:
    folder = changed(tmp_path, "colqwen2", lambda t: {k: v + 0.001 for k, v in t.items()})
    facts = VISUAL_MODELS["colqwen2"]
    assert visual_fingerprint(facts, str(folder)) != tiny_encoder("colqwen2").fingerprint


# --- LoRA -------------------------------------------------------------------------------------


def adapter_of(
    folder: Path, base_weights: str, targets: tuple[str, ...], **config: Any
) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    """An adapter in peft's format, of rank 4, over the base's own names; its matrices by target."""
    folder.mkdir()
    rng = np.random.default_rng(5)

    def draw(*shape: int) -> torch.Tensor:
        return torch.from_numpy(rng.standard_normal(shape).astype(np.float32) * 0.2)

    weights = load_file(base_weights)
    made = {}
    for target in targets:
        n_out, n_in = weights[f"{target}.weight"].shape
        made[target] = (draw(4, n_in), draw(n_out, 4))
    stored = {}
    for target, (a, b) in made.items():
        stored[f"base_model.model.{target}.lora_A.weight"] = a
        stored[f"base_model.model.{target}.lora_B.weight"] = b
    save_file(stored, folder / "adapter_model.safetensors")
    body = {"peft_type": "LORA", "r": 4, "lora_alpha": 8, "bias": "none"} | config
    (folder / "adapter_config.json").write_text(json.dumps(body))
    return made


TARGETS = ("custom_text_proj", "language_model.layers.0.self_attn.q_proj", "visual.merger.mlp.0")


def engine_base(tmp_path: Path, name: str = "colqwen2.5") -> Path:
    base = changed(tmp_path, name, ENGINE_LAYOUTS["colpali-engine"])
    backbone_config(base)
    return base


@pytest.mark.parametrize(("rslora", "scale"), [(False, 2.0), (True, 4.0)])
def test_an_adapter_is_its_base_plus_the_scaled_product(
    rslora: bool, scale: float, tmp_path: Path
) -> None:
    base = engine_base(tmp_path)
    folder = tmp_path / "adapter"
    made = adapter_of(
        folder,
        str(base / "model.safetensors"),
        TARGETS,
        base_model_name_or_path=str(base),
        use_rslora=rslora,
    )
    state = load("colqwen2.5", folder)._model.state_dict()
    before = load_file(base / "model.safetensors")
    names = {"custom_text_proj": "embedding_proj_layer"}
    for target, (a, b) in made.items():
        found = state[names.get(target, f"vlm.{target}") + ".weight"]
        torch.testing.assert_close(found, before[f"{target}.weight"] + scale * b @ a)
    untouched = "language_model.layers.1.self_attn.q_proj.weight"
    assert torch.equal(state[f"vlm.{untouched}"], before[untouched])


def test_an_adapter_over_the_oldest_names_finds_its_base(tmp_path: Path) -> None:
    """As vidore published it: `model.layers...` in the adapter, over a base of the same age."""
    base = changed(tmp_path, "colqwen2", ENGINE_LAYOUTS["colpali-engine before 0.3.11"])
    backbone_config(base)
    folder = tmp_path / "adapter"
    adapter_of(
        folder,
        str(base / "model.safetensors"),
        ("model.layers.0.mlp.down_proj",),
        base_model_name_or_path=str(base),
    )
    moved = page_vectors(load("colqwen2", folder)) - page_vectors(tiny_encoder("colqwen2"))
    assert np.abs(moved).max() > 0.01


def test_a_base_may_lie_inside_the_folder_of_its_adapter(tmp_path: Path) -> None:
    base = engine_base(tmp_path)
    folder = tmp_path / "adapter"
    weights = str(base / "model.safetensors")
    adapter_of(folder, weights, TARGETS, base_model_name_or_path="base")
    shutil.move(base, folder / "base")
    encoder = load("colqwen2.5", folder)
    before = encoder.fingerprint.revision
    shutil.copy(folder / "adapter_config.json", folder / "base" / "preprocessor_config.json")
    after = visual_fingerprint(VISUAL_MODELS["colqwen2.5"], str(folder)).revision
    assert before != after


def test_an_adapter_for_another_base_is_refused(tmp_path: Path) -> None:
    base = engine_base(tmp_path)
    folder = tmp_path / "adapter"
    weights = str(base / "model.safetensors")
    adapter_of(folder, weights, TARGETS, base_model_name_or_path=str(base))
    stored = load_file(folder / "adapter_model.safetensors")
    renamed = {k.replace("layers.0", "layers.9"): v for k, v in stored.items()}
    save_file(renamed, folder / "adapter_model.safetensors")
    with pytest.raises(EncoderUnavailable, match=r"layers\.9.*another base"):
        load("colqwen2.5", folder)


def test_a_damaged_adapter_is_refused(tmp_path: Path) -> None:
    (tmp_path / "adapter_config.json").write_text("{")
    with pytest.raises(EncoderUnavailable, match=r"adapter_config\.json is damaged"):
        load("colqwen2.5", tmp_path)


@pytest.mark.parametrize(
    "config", [{"use_dora": True}, {"peft_type": "IA3"}, {"alpha_pattern": {"q_proj": 4}}]
)
def test_adapters_that_merge_by_another_formula_are_refused(
    config: dict[str, Any], tmp_path: Path
) -> None:
    base = engine_base(tmp_path)
    folder = tmp_path / "adapter"
    weights = str(base / "model.safetensors")
    adapter_of(folder, weights, TARGETS, base_model_name_or_path=str(base), **config)
    with pytest.raises(EncoderUnavailable, match="cannot be merged"):
        load("colqwen2.5", folder)


def test_a_load_writes_nothing_on_the_screen() -> None:
    """In a process of its own: progress bars go to the real standard error, whoever captures it."""
    code = (
        "import sys; from indexer.encoders.options import EncoderOptions\n"
        "from indexer.encoders.registry import load_encoder\n"
        "for name, folder in zip(sys.argv[1::2], sys.argv[2::2]):\n"
        "    load_encoder(name, device='cpu', options=EncoderOptions(checkpoint=folder))\n"
    )
    arguments = [word for name in VISUAL_MODELS for word in (name, str(tiny_folder(name)))]
    command = [sys.executable, "-c", code, *arguments]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (run.stdout, run.stderr) == ("", "")


def test_a_load_leaves_transformers_as_talkative_as_it_was() -> None:
    from transformers.utils import logging

    before = logging.get_verbosity(), logging.is_progress_bar_enabled()
    load("colqwen2", tiny_folder("colqwen2"))
    assert (logging.get_verbosity(), logging.is_progress_bar_enabled()) == before


@pytest.mark.parametrize(
    ("name", "device", "dtype", "installed", "chosen"),
    [
        ("colqwen2", "cuda", torch.bfloat16, True, "flash_attention_2"),
        ("colqwen2.5", "cuda", torch.float16, True, "flash_attention_2"),
        ("colqwen2", "cuda", torch.bfloat16, False, "sdpa"),
        ("colqwen2", "cuda", torch.float32, True, "sdpa"),
        ("colqwen2", "cpu", torch.bfloat16, True, "sdpa"),
        ("colpali", "cuda", torch.bfloat16, True, "sdpa"),  # reads both ways inside a prefix
    ],
)
def test_flash_attention_is_chosen_where_it_can_work(
    name: str,
    device: str,
    dtype: torch.dtype,
    installed: bool,
    chosen: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("transformers.utils.is_flash_attn_2_available", lambda: installed)
    assert attention_for(VISUAL_MODELS[name], torch.device(device), dtype) == chosen


def test_compiled_queries_are_the_same_queries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Traced as it would be; run without the C++ compiler, which takes half a minute."""
    monkeypatch.setattr(torch, "compile", functools.partial(torch.compile, backend="eager"))
    folder = str(tiny_folder("colqwen2"))
    compiled = load_visual(
        VISUAL_MODELS["colqwen2"],
        device="cpu",
        source=folder,
        dtype=torch.float32,
        compile_queries=True,
    )
    assert compiled._query_model is not compiled._model
    for text in ("what", "what is the total revenue of the year?"):
        expected = tiny_encoder("colqwen2").encode_queries([text])[0].vectors
        np.testing.assert_allclose(compiled.encode_queries([text])[0].vectors, expected, atol=1e-5)


def test_a_query_path_that_cannot_be_compiled_is_told_at_the_load(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def without_compiler(model: Any, **options: Any) -> Any:
        def call(**inputs: Any) -> Any:
            raise RuntimeError("Failed to find C compiler")

        return call

    monkeypatch.setattr(torch, "compile", without_compiler)
    with pytest.raises(EncoderUnavailable, match=r"unset PAGESIGHT_COMPILE_QUERIES .*C compiler"):
        load_visual(
            VISUAL_MODELS["colqwen2"],
            device="cpu",
            source=str(tiny_folder("colqwen2")),
            compile_queries=True,
        )
