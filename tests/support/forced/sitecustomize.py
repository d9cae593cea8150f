"""Force the kernel path, the number format and the clusters that another processor would choose.

    TEST_KERNEL_PATH=c/portable   the path of `retriever.scoring.kernels` that scores when none is named
    TEST_DTYPE=bfloat16           what the processor is said to multiply: bfloat16 or float32
    TEST_CLUSTER_SEED=2           where k-means of the candidate index begins; other clusters come of
                                  other rounding, too

Only tests read these. `tests/conftest.py` imports this module in the test process and puts its folder on
PYTHONPATH, where every Python that a test starts imports it under its name. The product is patched when
it is imported, not before: a command that needs no torch still runs without it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

KERNEL_PATH = os.environ.get("TEST_KERNEL_PATH", "")
DTYPE = os.environ.get("TEST_DTYPE", "")
CLUSTER_SEED = os.environ.get("TEST_CLUSTER_SEED", "")


def force_kernel_path(kernels: Any) -> None:
    """Name the forced path first. Raises RuntimeError where it cannot run, so that nothing seems tested."""
    paths = kernels.available_paths()
    if KERNEL_PATH not in paths:
        raise RuntimeError(f"TEST_KERNEL_PATH={KERNEL_PATH}: this machine has {', '.join(paths)}")
    kernels.available_paths = lambda: (KERNEL_PATH, *paths)


def force_dtype(cpu: Any) -> None:
    """Claim or deny that the processor multiplies bfloat16; torch emulates it where it does not."""
    if DTYPE not in ("float32", "bfloat16"):
        raise RuntimeError(f"TEST_DTYPE={DTYPE}: choose float32 or bfloat16")
    claimed = {"avx512_bf16": DTYPE == "bfloat16", "amx_bf16": False}
    get_capabilities = cpu.get_capabilities
    cpu.get_capabilities = lambda: get_capabilities() | claimed


def force_cluster_seed(token_index: Any) -> None:
    """Begin the clustering of candidate indexes elsewhere."""
    token_index._SEED = int(CLUSTER_SEED)


class _PatchingLoader(Loader):
    """Load a module as its own loader does, then patch it."""

    def __init__(self, loader: Loader, patch: Callable[[ModuleType], None]) -> None:
        self._loader = loader
        self._patch = patch

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        self._patch(module)

    def __getattr__(self, name: str) -> Any:  # get_source and the like
        return getattr(self._loader, name)


class _PatchingFinder(MetaPathFinder):
    """Find the modules that are to be patched; all others are found by the finders behind this one."""

    def __init__(self, patches: dict[str, Callable[[ModuleType], None]]) -> None:
        self._patches = patches

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        patch = self._patches.get(name)
        spec = PathFinder.find_spec(name, path, target) if patch else None
        if patch is not None and spec is not None and spec.loader is not None:
            spec.loader = _PatchingLoader(spec.loader, patch)
        return spec


def install() -> None:
    """Patch the modules that are chosen by the environment, now or when they are imported."""
    patches: dict[str, Callable[[ModuleType], None]] = {}
    if KERNEL_PATH:
        patches["retriever.scoring.kernels"] = force_kernel_path
    if DTYPE:
        patches["torch.cpu"] = force_dtype
    if CLUSTER_SEED:
        patches["indexer.indexes.token_index"] = force_cluster_seed
    for name in patches.keys() & sys.modules.keys():
        patches.pop(name)(sys.modules[name])
    if patches:
        sys.meta_path.insert(0, _PatchingFinder(patches))


install()
