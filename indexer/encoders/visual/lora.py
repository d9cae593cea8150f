"""Merge a LoRA adapter (Hu et al., arXiv 2106.09685) into its base: W + scale * B A.

The published ColQwen2 checkpoints are adapters in peft's format. Merging is one product per matrix, so
peft itself is not needed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from indexer.base.errors import EncoderUnavailable
from indexer.encoders.checkpoints.discovery import ADAPTER_CONFIG

if TYPE_CHECKING:
    from torch import Tensor

_LORA = re.compile(r"^(?P<module>.+)\.lora_(?P<side>[AB])(?:\.\w+)?\.weight$")
# Variants of LoRA whose merge is another formula.
_OTHER_FORMULAS = ("use_dora", "fan_in_fan_out", "alpha_pattern", "lora_bias", "megatron_config")


def merge_adapter(
    base: dict[str, Tensor],
    adapter: dict[str, Tensor],
    config: dict[str, Any],
    rename: Callable[[str], str],
) -> None:
    """Add the adapter to `base` (transformers' names) in place.

    adapter  tensors by the names of their file
    rename   from a name of the file to transformers' name

    Raises EncoderUnavailable for another kind of adapter, and for a tensor that fits nowhere.
    """
    variants = [name for name in _OTHER_FORMULAS if config.get(name)]
    if config.get("peft_type", "LORA") != "LORA" or variants:
        kind = ", ".join(variants) or config.get("peft_type")
        raise EncoderUnavailable(
            f"this adapter ({kind}) cannot be merged: merge it with peft first"
        )
    if not isinstance(config.get("lora_alpha"), int | float):
        raise EncoderUnavailable(
            f"the adapter's {ADAPTER_CONFIG} has no lora_alpha: download it again"
        )
    pairs: dict[str, dict[str, Tensor]] = {}
    for name, tensor in adapter.items():
        plain = name.removeprefix("base_model.model.")
        if match := _LORA.match(plain):
            target = rename(f"{match['module']}.weight")
            pairs.setdefault(target, {})[match["side"]] = tensor
        else:  # a module that was trained whole (`modules_to_save`)
            target = rename(plain.replace(".modules_to_save.default.", "."))
            _must_fit(target, base)
            base[target] = tensor
    for target, pair in pairs.items():
        _must_fit(target, base)
        if set(pair) != {"A", "B"}:
            raise EncoderUnavailable(f"the adapter has half of {target} only: download it again")
        base[target] = _merge(base[target], pair["A"], pair["B"], config)


def _merge(weight: Tensor, a: Tensor, b: Tensor, config: dict[str, Any]) -> Tensor:
    """Return weight (out, in) + scale * b (out, r) @ a (r, in), summed in float32."""
    rank = a.shape[0]
    scale = config["lora_alpha"] / (math.sqrt(rank) if config.get("use_rslora") else rank)
    total: Tensor = weight.float() + scale * (b.float() @ a.float())
    return total.to(weight.dtype)


def _must_fit(target: str, base: dict[str, Tensor]) -> None:
    if target not in base:
        raise EncoderUnavailable(
            f"the adapter changes {target}, which its base does not have: it belongs to another base"
        )
