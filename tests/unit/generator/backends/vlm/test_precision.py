"""What cannot run is refused with the way out."""

from __future__ import annotations

from importlib.util import find_spec

import pytest
import torch

from generator.backends.vlm.precision import choose_attention, choose_dtype, quantization_config
from generator.errors import GeneratorUnavailable

CPU, GPU = torch.device("cpu"), torch.device("cuda")
FLASH = find_spec("flash_attn") is not None


def test_auto_attention_is_sdpa_where_flash_attention_cannot_run() -> None:
    assert choose_attention("auto", CPU, torch.bfloat16) == "sdpa"
    assert choose_attention("auto", GPU, torch.float32) == "sdpa"
    expected = "flash_attention_2" if FLASH else "sdpa"
    assert choose_attention("auto", GPU, torch.bfloat16) == expected
    assert choose_attention("eager", GPU, torch.bfloat16) == "eager"


def test_flash_attention_that_cannot_run_is_refused() -> None:
    missing = "a GPU" if FLASH else "flash-attn"
    with pytest.raises(GeneratorUnavailable, match=rf"{missing}.*PAGESIGHT_VLM_ATTENTION"):
        choose_attention("flash_attention_2", CPU, torch.bfloat16)


def test_a_named_dtype_is_taken_and_auto_is_one_that_the_device_has() -> None:
    assert choose_dtype("float16", CPU) is torch.float16
    assert choose_dtype("auto", CPU) in (torch.bfloat16, torch.float32)


@pytest.mark.parametrize("bits", ["4bit", "8bit"])
def test_quantisation_without_its_packages_or_a_gpu_is_refused(bits: str) -> None:
    with pytest.raises(GeneratorUnavailable, match=r"(bitsandbytes|a GPU).*PAGESIGHT_VLM_QUANTIZ"):
        quantization_config(bits, None, CPU, torch.bfloat16)  # type: ignore[arg-type]


def test_weights_as_they_are_need_nothing() -> None:
    assert quantization_config("none", None, CPU, torch.bfloat16) is None


@pytest.mark.parametrize("method", ["awq", "gptq"])
def test_a_quantised_checkpoint_names_the_package_that_it_needs(method: str) -> None:
    expected = "gptqmodel" if find_spec("gptqmodel") is None else "GPU"
    with pytest.raises(GeneratorUnavailable, match=rf"{method} needs.*{expected}"):
        quantization_config("none", {"quant_method": method}, CPU, torch.bfloat16)


def test_a_checkpoint_is_not_quantised_twice() -> None:
    with pytest.raises(GeneratorUnavailable, match=r"already \(awq\).*PAGESIGHT_VLM_QUANTIZATION"):
        quantization_config("4bit", {"quant_method": "awq"}, GPU, torch.bfloat16)


def test_an_unknown_kind_of_quantisation_is_named() -> None:
    with pytest.raises(GeneratorUnavailable, match="by magic, which is not supported"):
        quantization_config("none", {"quant_method": "magic"}, GPU, torch.bfloat16)
