"""The tiny Qwen2-VL of the tests as GGUF files: the model, and the projector that lets it see (mmproj).

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
Tensors = dict[str, NDArray[np.float32]]


def save_seeing_gguf(folder: Path) -> tuple[Path, Path]:
    """Write the two files; return the model and its projector."""
    model = vlm_model("qwen2_vl")
    state = {name: tensor.float().numpy() for name, tensor in model.state_dict().items()}
    paths = folder / "tiny.gguf", folder / "mmproj-tiny.gguf"
    paths[0].write_bytes(_file(_model_pairs(model.config.text_config), dict(_language(state))))
    paths[1].write_bytes(_file(_projector_pairs(model.config.vision_config), dict(_vision(state))))
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


def _model_pairs(config: Any) -> dict[str, Any]:
    tokenizer = vlm_processor("qwen2_vl").tokenizer
    vocabulary = json.loads(tokenizer.backend_tokenizer.to_str())["model"]
    tokens = tokenizer.convert_ids_to_tokens(list(range(len(tokenizer))))
    special = set(tokenizer.all_special_tokens) | set(tokenizer.get_added_vocab())
    kinds = [_CONTROL if token in special else _NORMAL for token in tokens]
    n_unused = config.vocab_size - len(tokens)
    rope = config.rope_parameters
    return {
        "general.architecture": "qwen2vl",
        "general.name": "tiny",
        "qwen2vl.block_count": config.num_hidden_layers,
        "qwen2vl.context_length": config.max_position_embeddings,
        "qwen2vl.embedding_length": config.hidden_size,
        "qwen2vl.feed_forward_length": config.intermediate_size,
        "qwen2vl.attention.head_count": config.num_attention_heads,
        "qwen2vl.attention.head_count_kv": config.num_key_value_heads,
        "qwen2vl.attention.layer_norm_rms_epsilon": float(config.rms_norm_eps),
        "qwen2vl.rope.freq_base": float(rope["rope_theta"]),
        "qwen2vl.rope.dimension_sections": [*rope["mrope_section"], 0],
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "qwen2",
        "tokenizer.ggml.tokens": [*tokens, *(f"[unused{n}]" for n in range(n_unused))],
        "tokenizer.ggml.token_type": kinds + [_UNUSED] * n_unused,
        "tokenizer.ggml.merges": [" ".join(pair) for pair in vocabulary["merges"]],
        "tokenizer.ggml.eos_token_id": config.eos_token_id,
        "tokenizer.ggml.padding_token_id": config.pad_token_id,
        "tokenizer.chat_template": _TEMPLATE,
    }


def _projector_pairs(config: Any) -> dict[str, Any]:
    return {
        "general.architecture": "clip",
        "clip.has_vision_encoder": True,
        "clip.projector_type": "qwen2vl_merger",
        "clip.use_gelu": False,
        "clip.use_silu": False,
        "clip.vision.image_size": 560,
        "clip.vision.patch_size": config.patch_size,
        "clip.vision.embedding_length": config.embed_dim,
        "clip.vision.feed_forward_length": config.embed_dim * config.mlp_ratio,
        "clip.vision.projection_dim": config.hidden_size,
        "clip.vision.block_count": config.depth,
        "clip.vision.attention.head_count": config.num_heads,
        "clip.vision.attention.layer_norm_epsilon": 1e-6,
        "clip.vision.image_mean": [0.48145466, 0.4578275, 0.40821073],
        "clip.vision.image_std": [0.26862954, 0.26130258, 0.27577711],
    }


def _language(state: Tensors) -> Iterator[tuple[str, NDArray[np.float32]]]:
    yield "token_embd.weight", state["model.language_model.embed_tokens.weight"]
    yield "output_norm.weight", state["model.language_model.norm.weight"]
    yield "output.weight", state["lm_head.weight"]
    names = {
        "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm",
        "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
        "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
        "mlp.down_proj": "ffn_down",
    }  # fmt: skip
    yield from _blocks(state, "model.language_model.layers.", "blk.", names)


def _vision(state: Tensors) -> Iterator[tuple[str, NDArray[np.float32]]]:
    patches = state["model.visual.patch_embed.proj.weight"]
    yield "v.patch_embd.weight", patches[:, :, 0]
    yield "v.patch_embd.weight.1", patches[:, :, 1]
    for kind in ("weight", "bias"):
        yield f"v.post_ln.{kind}", state[f"model.visual.merger.ln_q.{kind}"]
        yield f"mm.0.{kind}", state[f"model.visual.merger.mlp.0.{kind}"]
        yield f"mm.2.{kind}", state[f"model.visual.merger.mlp.2.{kind}"]
    names = {
        "norm1": "ln1", "norm2": "ln2", "attn.proj": "attn_out", "mlp.fc1": "ffn_up",
        "mlp.fc2": "ffn_down",
    }  # fmt: skip
    yield from _blocks(state, "model.visual.blocks.", "v.blk.", names)
    for name, values in state.items():
        if name.endswith(("attn.qkv.weight", "attn.qkv.bias")):
            block, kind = name.split(".")[3], name.rpartition(".")[2]
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
