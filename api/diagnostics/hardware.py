"""The memories of this machine in which a model could run."""

from __future__ import annotations

from api.base.main_memory import ram_bytes
from api.diagnostics.memory_fit import Memory


def memories() -> list[Memory]:
    """Main memory, then each kind of GPU once. Imports torch, if it is there."""
    try:
        import torch
    except ImportError:
        return [Memory("cpu", "main memory", ram_bytes(), "float32")]
    from indexer.encoders.checkpoints.devices import fastest_dtype

    def dtype_on(device: str) -> str:
        return str(fastest_dtype(torch.device(device))).removeprefix("torch.")

    memory_list = [Memory("cpu", "main memory", ram_bytes(), dtype_on("cpu"))]
    kinds = set()
    for i in range(torch.cuda.device_count() if torch.cuda.is_available() else 0):
        about = torch.cuda.get_device_properties(i)
        if (about.name, about.total_memory) not in kinds:
            kinds.add((about.name, about.total_memory))
            device = f"cuda:{i}"
            memory_list.append(Memory(device, about.name, about.total_memory, dtype_on(device)))
    return memory_list
