"""The tests' tiny models of the Qwen-VL family as GGUF files: the model, and the projector (mmproj).

Written without the `gguf` package: the format is a header, pairs, and tensors at multiples of 32 bytes.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.support.checkpoints import vlm_model, vlm_processor
from tests.support.gguf_files import pair_bytes, text_bytes

_ALIGNMENT = 32
_F32 = 0
_NORMAL, _CONTROL, _UNUSED = 1, 3, 5
# As the prompts of the model in this process are written: each part on a line of its own.
_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{% if message.content is string %}"
    "{{ message.content }}{% else %}{% for part in message.content %}{{ part.text }}"
    "{% if not loop.last %}\n{% endif %}{% endfor %}"
    "{% endif %}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
_PROJECTORS = {
    "qwen2_vl": "qwen2vl_merger",
    "qwen2_5_vl": "qwen2.5vl_merger",
    "qwen3_vl": "qwen3vl_merger",
}
Tensors = dict[str, NDArray[np.float32]]


def save_seeing_gguf(folder: Path, family: str = "qwen2_vl") -> tuple[Path, Path]:
    """Write the two files of qwen2_vl, qwen2_5_vl or qwen3_vl; return the model and its projector."""
    model = vlm_model(family)
    state = {name: tensor.float().numpy() for name, tensor in model.state_dict().items()}
    paths = folder / f"tiny-{family}.gguf", folder / f"mmproj-tiny-{family}.gguf"
    model_pairs = _model_pairs(model.config.text_config, family)
    projector_pairs = _projector_pairs(model.config.vision_config, family)
    paths[0].write_bytes(_file(model_pairs, dict(_language(state))))
    paths[1].write_bytes(_file(projector_pairs, dict(_vision(state))))
    return paths


def _file(pairs: Mapping[str, Any], tensors: Tensors) -> bytes:
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(pairs)) + pair_bytes(pairs)
    infos, data = b"", b""
    for name, values in tensors.items():
        data += b"\0" * (-len(data) % _ALIGNMENT)
        shape = values.shape[::-1]
        infos += text_bytes(name) + struct.pack(f"<I{len(shape)}Q", len(shape), *shape)
        infos += struct.pack("<IQ", _F32, len(data))
        data += np.ascontiguousarray(values, np.float32).tobytes()
    head += infos
    return head + b"\0" * (-len(head) % _ALIGNMENT) + data


def _model_pairs(config: Any, family: str) -> dict[str, Any]:
    tokenizer = vlm_processor(family).tokenizer
    vocabulary = json.loads(tokenizer.backend_tokenizer.to_str())["model"]
    tokens = tokenizer.convert_ids_to_tokens(list(range(len(tokenizer))))
    special = set(tokenizer.all_special_tokens) | set(tokenizer.get_added_vocab())
    kinds = [_CONTROL if token in special else _NORMAL for token in tokens]
    n_unused = config.vocab_size - len(tokens)
    rope = config.rope_parameters
    architecture = "qwen3vl" if family == "qwen3_vl" else "qwen2vl"
    shape = {
        "block_count": config.num_hidden_layers,
        "context_length": config.max_position_embeddings,
        "embedding_length": config.hidden_size,
        "feed_forward_length": config.intermediate_size,
        "attention.head_count": config.num_attention_heads,
        "attention.head_count_kv": config.num_key_value_heads,
        "attention.layer_norm_rms_epsilon": float(config.rms_norm_eps),
        "rope.freq_base": float(rope["rope_theta"]),
        "rope.dimension_sections": [*rope["mrope_section"], 0],
    }
    if family == "qwen3_vl":
        shape |= {
            "attention.key_length": config.head_dim,
            "attention.value_length": config.head_dim,
        }
        shape |= {"n_deepstack_layers": 1}
    return {
        "general.architecture": architecture,
        "general.name": "tiny",
        **{f"{architecture}.{name}": value for name, value in shape.items()},
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "qwen2",
        "tokenizer.ggml.tokens": [*tokens, *(f"[unused{n}]" for n in range(n_unused))],
        "tokenizer.ggml.token_type": kinds + [_UNUSED] * n_unused,
        "tokenizer.ggml.merges": [" ".join(pair) for pair in vocabulary["merges"]],
        "tokenizer.ggml.eos_token_id": config.eos_token_id,
        "tokenizer.ggml.padding_token_id": config.pad_token_id,
        "tokenizer.chat_template": _TEMPLATE,
    }


def _projector_pairs(config: Any, family: str) -> dict[str, Any]:
    width = getattr(config, "embed_dim", config.hidden_size)
    vision = {
        "image_size": 560,
        "patch_size": config.patch_size,
        "embedding_length": width,
        "projection_dim": getattr(config, "out_hidden_size", config.hidden_size),
        "block_count": config.depth,
        "attention.head_count": config.num_heads,
        "attention.layer_norm_epsilon": 1e-6,
        "image_mean": [0.48145466, 0.4578275, 0.40821073],
        "image_std": [0.26862954, 0.26130258, 0.27577711],
    }
    if family == "qwen2_vl":
        vision |= {"feed_forward_length": width * config.mlp_ratio}
    else:
        vision |= {"feed_forward_length": config.intermediate_size}
    if family == "qwen2_5_vl":
        vision |= {"n_wa_pattern": config.fullatt_block_indexes[0] + 1}
    elif family == "qwen3_vl":
        sides = int(config.num_position_embeddings**0.5)
        vision |= {
            "image_size": sides * config.patch_size,
            "spatial_merge_size": config.spatial_merge_size,
            "is_deepstack_layers": [n == 0 for n in range(config.depth)],
        }
    return {
        "general.architecture": "clip",
        "clip.has_vision_encoder": True,
        "clip.projector_type": _PROJECTORS[family],
        "clip.use_gelu": family == "qwen3_vl",
        "clip.use_silu": family == "qwen2_5_vl",
        **{f"clip.vision.{name}": value for name, value in vision.items()},
    }


def _language(state: Tensors) -> Iterator[tuple[str, NDArray[np.float32]]]:
    yield "token_embd.weight", state["model.language_model.embed_tokens.weight"]
    yield "output_norm.weight", state["model.language_model.norm.weight"]
    yield "output.weight", state["lm_head.weight"]
    names = {
        "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm",
        "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
        "self_attn.q_norm": "attn_q_norm", "self_attn.k_norm": "attn_k_norm",
        "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
        "mlp.down_proj": "ffn_down",
    }  # fmt: skip
    yield from _blocks(state, "model.language_model.layers.", "blk.", names)


def _vision(state: Tensors) -> Iterator[tuple[str, NDArray[np.float32]]]:
    patches = state["model.visual.patch_embed.proj.weight"]
    yield "v.patch_embd.weight", patches[:, :, 0]
    yield "v.patch_embd.weight.1", patches[:, :, 1]
    mergers = {
        "patch_embed.proj.bias": "v.patch_embd.bias", "pos_embed.weight": "v.position_embd.weight",
    }  # fmt: skip
    for kind in ("weight", "bias"):
        for norm in ("ln_q", "norm"):
            mergers[f"merger.{norm}.{kind}"] = f"v.post_ln.{kind}"
        for name, place in (("mlp.0", 0), ("mlp.2", 2), ("linear_fc1", 0), ("linear_fc2", 2)):
            mergers[f"merger.{name}.{kind}"] = f"mm.{place}.{kind}"
        for name, short in (("norm", "norm"), ("linear_fc1", "fc1"), ("linear_fc2", "fc2")):
            mergers[f"deepstack_merger_list.0.{name}.{kind}"] = f"v.deepstack.0.{short}.{kind}"
    yield from (
        (name, state[f"model.visual.{own}"])
        for own, name in mergers.items()
        if f"model.visual.{own}" in state
    )
    names = {
        "norm1": "ln1", "norm2": "ln2", "attn.proj": "attn_out", "mlp.fc1": "ffn_up",
        "mlp.fc2": "ffn_down", "mlp.linear_fc1": "ffn_up", "mlp.linear_fc2": "ffn_down",
        "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
    }  # fmt: skip
    is_fused = "model.visual.pos_embed.weight" in state  # Qwen3-VL
    yield from _blocks(state, "model.visual.blocks.", "v.blk.", names)
    for name, values in state.items():
        if name.endswith(("attn.qkv.weight", "attn.qkv.bias")):
            block, kind = name.split(".")[3], name.rpartition(".")[2]
            if is_fused:
                yield f"v.blk.{block}.attn_qkv.{kind}", values
                continue
            for part, third in zip("qkv", np.split(values, 3), strict=True):
                yield f"v.blk.{block}.attn_{part}.{kind}", third


def _blocks(
    state: Tensors, prefix: str, new_prefix: str, names: Mapping[str, str]
) -> Iterator[tuple[str, NDArray[np.float32]]]:
    for name, values in state.items():
        if not name.startswith(prefix):
            continue
        block, _, rest = name.removeprefix(prefix).partition(".")
        module, _, kind = rest.rpartition(".")
        if module in names:
            yield f"{new_prefix}{block}.{names[module]}.{kind}", values
