"""A LoRA adapter (Hu et al., arXiv 2106.09685) merged into its base: W + scale * B A.

The published ColQwen2 checkpoints are adapters in peft's format. Merging is one product per matrix, so
peft itself is not needed.
"""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexer.base.errors import EncoderUnavailable

if TYPE_CHECKING:
    from torch import Tensor

    from indexer.encoders.visual.key_maps import Family

CONFIG = "adapter_config.json"
WEIGHTS = "adapter_model.safetensors"
_LORA = re.compile(r"^(?P<module>.+)\.lora_(?P<side>[AB])(?:\.\w+)?\.weight$")
# Variants of LoRA whose merge is another formula.
_REFUSED = ("use_dora", "fan_in_fan_out", "alpha_pattern", "lora_bias", "megatron_config")


def is_adapter(folder: Path) -> bool:
    return (folder / CONFIG).is_file()


def adapter_config(folder: Path) -> dict[str, Any]:
    """Raises EncoderUnavailable for a file that is not peft's."""
    path = folder / CONFIG
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        config = None
    if not isinstance(config, dict):
        raise EncoderUnavailable(f"{path} is damaged: download it again")
    return config


def merge_adapter(
    base: dict[str, Tensor], adapter: dict[str, Tensor], config: dict[str, Any], family: Family
) -> None:
    """Change `base` (transformers' names) in place. `adapter` has the names of its file.

    Raises EncoderUnavailable for another kind of adapter, and for a tensor that fits nowhere.
    """
    refused = [name for name in _REFUSED if config.get(name)]
    if config.get("peft_type", "LORA") != "LORA" or refused:
        kind = ", ".join(refused) or config.get("peft_type")
        raise EncoderUnavailable(
            f"this adapter ({kind}) cannot be merged: merge it with peft first"
        )
    if not isinstance(config.get("lora_alpha"), int | float):
        raise EncoderUnavailable(f"the adapter's {CONFIG} has no lora_alpha: download it again")
    pairs: dict[str, dict[str, Tensor]] = {}
    for name, tensor in adapter.items():
        plain = name.removeprefix("base_model.model.")
        if match := _LORA.match(plain):
            target = family.rename(f"{match['module']}.weight")
            pairs.setdefault(target, {})[match["side"]] = tensor
        else:  # a module that was trained whole (`modules_to_save`)
            target = family.rename(plain.replace(".modules_to_save.default.", "."))
            _must_fit(target, base)
            base[target] = tensor
    for target, pair in pairs.items():
        _must_fit(target, base)
        if set(pair) != {"A", "B"}:
            raise EncoderUnavailable(f"the adapter has half of {target} only: download it again")
        base[target] = _merged(base[target], pair["A"], pair["B"], config)


def _merged(weight: Tensor, a: Tensor, b: Tensor, config: dict[str, Any]) -> Tensor:
    """weight (out, in), a (r, in), b (out, r); the sum is made in float32."""
    rank = a.shape[0]
    scale = config["lora_alpha"] / (math.sqrt(rank) if config.get("use_rslora") else rank)
    merged: Tensor = weight.float() + scale * (b.float() @ a.float())
    return merged.to(weight.dtype)


def _must_fit(target: str, base: dict[str, Tensor]) -> None:
    if target not in base:
        raise EncoderUnavailable(
            f"the adapter changes {target}, which its base does not have: it belongs to another base"
        )
