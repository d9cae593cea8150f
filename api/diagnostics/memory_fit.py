"""Which models fit in which memory: arithmetic over what is known of them, nothing is loaded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from generator.backends.gguf.catalogue import CATALOGUE
from generator.backends.gguf.estimates import memory_of_model
from generator.registry import GENERATORS
from indexer.encoders.registry import ENCODERS

_ITEM_BYTES = {"float32": 4, "bfloat16": 2}
# Python, torch, OCR and the page images of one batch: `ingest` with the lite encoder, measured.
PROCESS_BYTES = 1_500_000_000
# A CUDA context and the allocator's slack; an estimate.
_GPU_CONTEXT_BYTES = 800_000_000
# The default budget of visual tokens, 6,000 characters of words for each of five pages, and an answer.
_PROMPT_TOKENS = 4_096 + 5 * 1_700 + 1_024
# Keys, values and activations of a prompt token in float32, Qwen2-VL 2B's widths; an estimate.
_PROMPT_TOKEN_BYTES = 240_000


@dataclass(frozen=True, slots=True)
class Memory:
    """A place where a model can run. `dtype` is what models run in there; `device` as in PAGESIGHT_DEVICE."""

    device: str
    name: str
    total_bytes: int
    dtype: str


@dataclass(frozen=True, slots=True)
class Model:
    """What fitting asks of a model.

    working_bytes  in float32, beyond the weights: an encoder's for one full page (batches shrink until
                   they fit), a generator's for a prompt of five pages
    """

    role: str
    name: str
    n_parameters: int
    working_bytes: int


@dataclass(frozen=True, slots=True)
class Fit:
    """One model in one memory; `rest_bytes` is what the process takes there besides the model."""

    role: str
    name: str
    device: str
    dtype: str
    weights_bytes: int
    working_bytes: int
    rest_bytes: int
    has_bytes: int

    @property
    def needs_bytes(self) -> int:
        return self.weights_bytes + self.working_bytes + self.rest_bytes

    @property
    def fits(self) -> bool:
        return self.needs_bytes <= self.has_bytes

    def summary(self) -> str:
        """The verdict and the sum behind it, in one line."""
        weights, working, rest, needs, has = (
            f"{n / 1e9:.1f}"
            for n in (
                self.weights_bytes,
                self.working_bytes,
                self.rest_bytes,
                self.needs_bytes,
                self.has_bytes,
            )
        )
        verdict = "fits" if self.fits else "does not fit"
        return (
            f"{verdict} on {self.device}: needs {needs} GB (weights {weights} in {self.dtype}, "
            f"work {working}, the rest {rest}), has {has} GB"
        )


def models() -> list[Model]:
    """All models with weights, of both registries."""
    encoders = [
        Model("encoder", facts.name, facts.n_parameters, facts.working_bytes)
        for facts in (model.facts for model in ENCODERS.values())
    ]
    generators = [
        Model(
            "generator",
            facts.name,
            facts.size_bytes // _ITEM_BYTES["bfloat16"],
            _PROMPT_TOKENS * _PROMPT_TOKEN_BYTES,
        )
        for facts in GENERATORS.values()
    ]
    return [model for model in (*encoders, *generators) if model.n_parameters]


def fit(model: Model, memory: Memory) -> Fit:
    """Needs and has of one model in one memory.

    bfloat16 halves the weights, and takes a quarter off the work (measured: a quarter to a half).
    """
    item_bytes = _ITEM_BYTES[memory.dtype]
    return Fit(
        role=model.role,
        name=model.name,
        device=memory.device,
        dtype=memory.dtype,
        weights_bytes=model.n_parameters * item_bytes,
        working_bytes=model.working_bytes if item_bytes == 4 else model.working_bytes * 3 // 4,
        rest_bytes=PROCESS_BYTES if memory.device == "cpu" else _GPU_CONTEXT_BYTES,
        has_bytes=memory.total_bytes,
    )


def gguf_fits(main_memory: Memory, context_tokens: int) -> list[Fit]:
    """Return how each GGUF model of the catalogue fits, with a context of so many tokens."""
    needs = {model.name: memory_of_model(model, context_tokens) for model in CATALOGUE.values()}
    return [
        Fit(
            role="gguf",
            name=name,
            device=main_memory.device,
            dtype="its own bits",
            weights_bytes=memory.weights_bytes,
            working_bytes=memory.needs_bytes - memory.weights_bytes,
            rest_bytes=PROCESS_BYTES,
            has_bytes=main_memory.total_bytes,
        )
        for name, memory in needs.items()
    ]


def fits(memories: Iterable[Memory]) -> list[Fit]:
    """Every model in every memory, model by model."""
    places = list(memories)
    return [fit(model, memory) for model in models() for memory in places]
